// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

#include <stop_token>
#include <string>
#include <vector>

namespace masque {

/// An image with its ground truth, reduced for a small picture.
struct SmallSample {
    std::string name;
    cv::Mat image; ///< CV_8UC3 RGB
    cv::Mat1b ids; ///< same size, one class everywhere if it is the image's; empty if there is no usable annotation
};
Result<SmallSample> readSmallSample(const Dataset &dataset, const Item &item, int maxSide);

/// The middle of an image, at its own scale.
Result<SmallSample> readMiddle(const Dataset &dataset, const Item &item, Size window);

/// The first few images that have an annotation, or simply the first ones if none has. Unreadable ones are left out.
std::vector<SmallSample> someSamples(const Dataset &dataset, int count, int maxSide, std::stop_token stop);

} // namespace masque
