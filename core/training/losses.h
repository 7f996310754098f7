// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/LossSpec.h"

#include <torch/types.h>

/// Private to core/training.
namespace masque {

/// Mean loss of a batch, a differentiable scalar. logits: float [N, K, H, W]; targets: uint8 class ids [N, H, W], or
/// where classes overlap (LossSpec::multiLabel) a plane for each channel [N, K, H, W], 1 where it is the class, else 0;
/// 255 = ignore, left out everywhere; a batch of nothing else gives 0 with a gradient of 0. Class weights weigh the
/// pixels of a class in every part but Dice, Tversky and Lovasz, which weigh classes alike by what they are.
///   ce        softmax cross-entropy, mean over pixels; label smoothing as in Szegedy et al. 2016
///   soft-ce   the same against a distribution: targets [N, K, 1, 1], shares in 1 / SampleSource::kWholeShare, all 0
///             ignored; ce where one share is whole
///   bce       sigmoid cross-entropy one class against the rest, mean over pixels and classes; K = 1: against id 1
///   focal     ce or bce with each pixel weighed by (1 - p)^gamma (Lin et al. 2017, without its alpha)
///   dice      1 - soft Dice (smoothing 1) an image and class, mean; softmax, or sigmoid if K = 1
///   tversky   the same with false positives weighed by alpha, false negatives by beta (Salehi et al. 2017)
///   lovasz    Lovasz-softmax over the batch, mean over the classes it holds (Berman et al. 2018)
///   ce+dice, bce+dice  (1 - w) of the one and w of the other; Dice by what the first half reads the logits as
/// With a single channel, and where classes overlap, every softmax above is a sigmoid and ce is bce.
torch::Tensor segmentationLoss(const LossSpec &spec, const torch::Tensor &logits, const torch::Tensor &targets);

/// Cross-entropy of each pixel, float [N, H, W], 0 where ignored: what a loss map and a sample's own figure show, for
/// any loss. Sigmoid losses: mean over the channels.
torch::Tensor pixelLosses(const LossSpec &spec, const torch::Tensor &logits, const torch::Tensor &targets);

/// Mean squared error of a regression, a differentiable scalar; both float of one shape.
torch::Tensor meanSquaredError(const torch::Tensor &predictions, const torch::Tensor &targets);

/// Targets as uint8 class ids [N, H, W] (planes of overlapping classes stay): of shares the greatest.
torch::Tensor targetIds(const LossSpec &spec, const torch::Tensor &targets);

/// int64 class ids [N, H, W]: argmax, or logit > 0 if K = 1.
torch::Tensor predictedIds(const torch::Tensor &logits);

} // namespace masque
