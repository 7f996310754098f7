// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"
#include "core/base/Random.h"
#include "core/base/geometry.h"

#include <opencv2/core.hpp>

namespace masque {

/// Random changes of a training sample; image and mask move together. Everything off = the identity.
struct AugmentationOptions {
    bool flipHorizontal = false;
    bool flipVertical = false;
    double rotationDegrees = 0; ///< up to +- this
    double scale = 0;           ///< zoom drawn from 1 - scale .. 1 + scale (log-uniform)
    double crop = 0;            ///< shift of the frame by up to this share of each side
    double brightness = 0;      ///< +- share of the full range
    double contrast = 0;        ///< factor 1 - c .. 1 + c about the mean
    double saturation = 0;      ///< factor 1 - s .. 1 + s
};
const OptionTable<AugmentationOptions> &augmentationTable();

/// Image (CV_8UC3) and mask (CV_8UC1, may be empty) resampled to size: stretched, augmented by one warp (image bilinear
/// or area, mask nearest, outside: border mirrored in the image and 255 in the mask), then colour. rng decides
/// everything.
void resampleSample(const cv::Mat &image, const cv::Mat1b &mask, Size size, const AugmentationOptions &, Random &rng,
                    cv::Mat &imageOut, cv::Mat1b &maskOut);
/// Plain resize without augmentation: image INTER_AREA down / bilinear up, mask nearest.
void resizeSample(const cv::Mat &image, const cv::Mat1b &mask, Size size, cv::Mat &imageOut, cv::Mat1b &maskOut);

} // namespace masque
