// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/inference/Predictor.h"

namespace masque {

/// Where in an image the network is wrong, at the scale that it sees: its own size, or by tiles the image's.
struct LossMap {
    cv::Mat image;  ///< CV_8UC3 RGB
    cv::Mat1b ids;  ///< ground truth in the network's classes
    cv::Mat1f loss; ///< cross-entropy of each pixel, 0 where it is ignored
};
Result<LossMap> lossMap(Predictor &, std::shared_ptr<const Dataset>, std::size_t item);

} // namespace masque
