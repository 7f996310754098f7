// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/geometry.h"

#include <opencv2/core.hpp>

#include <vector>

namespace masque {

/// One of the windows that cover an image together.
struct Tile {
    Rect window; ///< sticks out of an image that is smaller, which then lies in its middle
    Rect own;    ///< the part of the image that is nearer to this window's middle than to any other's
};

/// Windows of one size, evenly spaced, neighbours sharing at least this part of a side (0..0.9), row by row. What they
/// own covers the image, every pixel once.
std::vector<Tile> tilesOf(Size image, Size window, double overlap = 0);

/// Image (any type) and mask (may be empty) cut out, by copy; outside: the image mirrored, the mask 255.
void cutWindow(const cv::Mat &image, const cv::Mat1b &mask, const Rect &window, cv::Mat &imageOut, cv::Mat1b &maskOut);

} // namespace masque
