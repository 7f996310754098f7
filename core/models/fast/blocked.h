// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/fast/fast.h"

#include <optional>

/// The fast path's own operations, on blocked activations: float32 [N, C/16, H, W, 16], contiguous. Differentiable.
/// Private to core/models/fast; without oneDNN blocked_missing.cpp stands in and isAvailable() is false.
namespace masque::fast::blocked {

constexpr std::int64_t kBlock = 16;

/// A convolution's parameters: weight [O, I, K, K], depthwise [O, 1, K, K]; bias [O] or nothing.
struct Filter {
    torch::Tensor weight;
    std::optional<torch::Tensor> bias = {};
    std::int64_t stride = 1, padding = 0;
    bool depthwise = false; ///< each channel by itself
};

/// x: blocked, or plain [N, I, H, W] with at most kMaxPlain channels and no gradient of its own. O is rounded up to
/// whole blocks, the rest is zero.
torch::Tensor convolution(const torch::Tensor &x, const Filter &filter, Activation activation);
constexpr std::int64_t kMaxPlain = 4;
/// The same without gradients, with the normalisation (may be null) folded in; what is made of the weights is kept
/// until they change.
torch::Tensor foldedConvolution(const torch::Tensor &x, const Filter &filter, torch::nn::BatchNorm2dImpl *norm,
                                Activation activation);
/// With the batch's own statistics; updates the running ones.
torch::Tensor batchNorm(const torch::Tensor &x, torch::nn::BatchNorm2dImpl &norm, Activation activation);
torch::Tensor addRelu(const torch::Tensor &a, const torch::Tensor &b);
torch::Tensor maxPool(const torch::Tensor &x, int kernel, int stride, int padding);
torch::Tensor joined(const Part &first, const Part &second);

} // namespace masque::fast::blocked
