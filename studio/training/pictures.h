// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_file.h"

#include <QColor>
#include <QImage>

#include <vector>

/// From core's pixels to Qt's. Thread-safe.
namespace masque {

QColor toQColor(Color color);
QImage toQImage(const cv::Mat &rgb); ///< CV_8UC3 RGB, shared, so it must not be written any more; null for an empty one
/// Class ids as colours; id 0 (background) and colours given as transparent stay clear.
QImage idsToQImage(const cv::Mat1b &ids, const std::vector<Color> &palette);
QImage differenceToQImage(const cv::Mat1b &kinds); ///< of differenceMap

} // namespace masque
