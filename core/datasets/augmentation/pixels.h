// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/augmentation/draw.h"

/// Private to augmentation: what changes pixels in their place.
namespace masque {

/// Hue, saturation, contrast about the mean and brightness in one matrix a pixel.
void recolorPixels(const SampleDraw &, cv::Mat &image);
void blurPixels(const SampleDraw &, cv::Mat &image);
void addNoise(const SampleDraw &, cv::Mat &image);
void cutOut(const AugmentationOptions &, const SampleDraw &, cv::Mat &image, cv::Mat1b &mask);

} // namespace masque
