// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/inference/Predictor.h"

namespace masque {

/// How unsure a network is of each pixel, 0 (certain) to 1; both need the prediction's probabilities (Settles 2009).
/// Entropy: -sum p log p over the classes, by the greatest there can be; of overlapping classes the mean of each
/// class's own.
cv::Mat1f entropyMap(const Prediction &);
/// Margin: 1 - (the most probable class's - the second's); of overlapping classes the greatest 1 - |2p - 1|.
cv::Mat1f marginMap(const Prediction &);

/// Where a prediction is wrong, and how surely: the cross-entropy of each pixel by its probabilities, 0 where truth is
/// ignored; of overlapping classes the mean of each class's own. truth: ids at the prediction's size.
cv::Mat1f crossEntropyMap(const Prediction &, const cv::Mat1b &truth);

/// An image's uncertainty: the mean of such a map.
double uncertaintyOf(const cv::Mat1f &map);

} // namespace masque
