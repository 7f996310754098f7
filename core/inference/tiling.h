// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/geometry.h"
#include "core/models/ModelFactory.h"

#include <opencv2/core.hpp>

#include <functional>
#include <span>
#include <vector>

namespace masque {

/// What a network says of an image that is larger than its input: logits of overlapping windows (a quarter of a side),
/// blended where they overlap, each weighing the more the nearer its middle is. predict gets some windows of the image
/// (mirrored beyond its border) and returns logits [1, K, window's height, width] for each; the outcome is [1, K, H, W]
/// of the image. An image no larger than a window is predicted once.
Result<Logits> blendTiles(const cv::Mat &image, Size window,
                          const std::function<Result<std::vector<Logits>>(std::span<const cv::Mat> windows)> &predict);

} // namespace masque
