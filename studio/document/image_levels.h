// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <opencv2/core.hpp>

#include <vector>

namespace masque {

/// An image (CV_8UC3 RGB) and its halves down to about 1000 pixels, so that any zoom draws about as many pixels as the
/// screen has. Immutable once made.
struct ImageLevels {
    std::vector<cv::Mat> levels; ///< [0] is the image itself, each next one half of it, rounded up
    std::size_t bytes() const;
};

/// Shares image as level 0. Thread-safe. An error if memory is short.
Result<ImageLevels> buildImageLevels(cv::Mat image);

} // namespace masque
