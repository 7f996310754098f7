// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"

#include <QColor>
#include <QImage>

/// From core's pixels to Qt's. Thread-safe.
namespace masque {

QColor toQColor(Color color);
QImage toQImage(const cv::Mat &rgb); ///< CV_8UC3 RGB, shared, so it must not be written any more; null for an empty one
/// Class ids in the labels' colours; background, where there is one, stays clear.
QImage idsToQImage(const cv::Mat1b &ids, const LabelSet &labels);
QImage differenceToQImage(const cv::Mat1b &kinds); ///< of differenceMap
/// The size at which neither side is longer than sidePx, in the same proportions; never larger than size.
Size sizeWithin(cv::Size size, int sidePx);

} // namespace masque
