// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "studio/tools/swatch.h"

#include <QImage>

/// From core's pixels to Qt's. Thread-safe.
namespace masque {

QImage toQImage(const cv::Mat &rgb); ///< CV_8UC3 RGB, shared, so it must not be written any more; null for an empty one
/// Class ids in the labels' colours; background, where there is one, stays clear.
QImage idsToQImage(const cv::Mat1b &ids, const LabelSet &labels);
/// The same where id is not clearId, which is clear; the background, too, has its colour.
QImage idsToQImage(const cv::Mat1b &ids, const LabelSet &labels, int clearId);
/// 0 dark to most bright (viridis: even to the eye, told apart with every kind of colour blindness), opaque.
QImage heatToQImage(const cv::Mat1f &values, double most);
QImage rivalsToQImage(const cv::Mat1b &kinds);             ///< of rivalMap
QImage whereToQImage(const cv::Mat1b &mask, QColor color); ///< the colour where mask is not 0, else clear
QImage differenceToQImage(const cv::Mat1b &kinds);         ///< of differenceMap
/// The size at which neither side is longer than sidePx, in the same proportions; never larger than size.
Size sizeWithin(cv::Size size, int sidePx);

} // namespace masque
