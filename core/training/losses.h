// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <string>

/// Private to core/training.
namespace masque {

/// Mean loss of a batch, a differentiable scalar. logits: float [N, K, H, W]; targets: uint8 class ids [N, H, W], 255 =
/// ignore, left out everywhere; a batch of nothing else gives 0 with a gradient of 0.
///   ce        softmax cross-entropy, mean over pixels
///   bce       sigmoid cross-entropy one class against the rest, mean over pixels and classes; K = 1: against id 1
///   dice      1 - soft Dice (smoothing 1) an image and class, mean; softmax, or sigmoid if K = 1
///   bce+dice  half each; Dice by sigmoid too, since both halves read the same logits
torch::Tensor segmentationLoss(const std::string &name, const torch::Tensor &logits, const torch::Tensor &targets);

/// int64 class ids [N, H, W]: argmax, or logit > 0 if K = 1.
torch::Tensor predictedIds(const torch::Tensor &logits);

} // namespace masque
