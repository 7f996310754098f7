// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/augmentation/draw.h"

/// Private to augmentation.
namespace masque {

/// The part of an image that a sample shows before it is bent, in shares of the image's sides: so it holds for the
/// image at any resolution, and for its mask.
struct Frame {
    Point centre = {0.5, 0.5};
    Point extent = {1, 1};
    friend bool operator==(const Frame &, const Frame &) = default;
};
Frame frameOf(Size image, const cv::Mat1b &mask, Size size, const AugmentationOptions &, const SampleDraw &, Framing);

/// One interpolation for everything that was drawn.
void warpSample(const cv::Mat &image, const cv::Mat1b &mask, Size size, const Frame &, const SampleDraw &,
                cv::Mat &imageOut, cv::Mat1b &maskOut);

} // namespace masque
