// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/losses.h"

#include "core/models/Network.h"
#include "core/training/train.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cross_entropy_loss.h>

#include <algorithm>

namespace masque {

namespace {

constexpr int kIgnore = 255;

/// float [N, K, H, W]: 1 where the target is the channel's class; a single channel stands for class 1.
torch::Tensor oneVsRest(const torch::Tensor &targets, std::int64_t channels)
{
    const auto first = channels == 1 ? 1 : 0;
    const auto ids = at::arange(first, first + channels, targets.options()).view({1, channels, 1, 1});
    return targets.unsqueeze(1).eq(ids).to(torch::kFloat);
}

torch::Tensor crossEntropy(const torch::Tensor &logits, const torch::Tensor &targets)
{
    const auto sum = at::cross_entropy_loss(logits, targets.to(torch::kLong), {}, at::Reduction::Sum, kIgnore);
    return sum / targets.ne(kIgnore).sum().clamp_min(1);
}

torch::Tensor binaryCrossEntropy(const torch::Tensor &logits, const torch::Tensor &targets)
{
    const auto valid = targets.ne(kIgnore).unsqueeze(1);
    const auto sum = at::binary_cross_entropy_with_logits(logits, oneVsRest(targets, logits.size(1)),
                                                          valid.to(torch::kFloat), {}, at::Reduction::Sum);
    return sum / (valid.sum() * logits.size(1)).clamp_min(1);
}

torch::Tensor diceLoss(const torch::Tensor &probabilities, const torch::Tensor &targets)
{
    const auto p = probabilities * targets.ne(kIgnore).unsqueeze(1);
    const auto t = oneVsRest(targets, probabilities.size(1));
    const auto both = (p * t).sum({2, 3});
    return (1 - (2 * both + 1) / (p.sum({2, 3}) + t.sum({2, 3}) + 1)).mean();
}

} // namespace

torch::Tensor segmentationLoss(const std::string &name, const torch::Tensor &logits, const torch::Tensor &targets)
{
    if (name == "ce")
        return crossEntropy(logits, targets);
    if (name == "bce")
        return binaryCrossEntropy(logits, targets);
    if (name == "dice")
        return diceLoss(logits.size(1) == 1 ? logits.sigmoid() : logits.softmax(1), targets);
    if (name == "ce+dice") // Isensee et al. 2021, "nnU-Net"
        return 0.5 * crossEntropy(logits, targets) + 0.5 * diceLoss(logits.softmax(1), targets);
    TORCH_CHECK(name == "bce+dice", "unknown loss '", name, "', there are: ce, bce, dice, bce+dice, ce+dice");
    return 0.5 * binaryCrossEntropy(logits, targets) + 0.5 * diceLoss(logits.sigmoid(), targets);
}

torch::Tensor predictedIds(const torch::Tensor &logits)
{
    return logits.size(1) == 1 ? logits.select(1, 0).gt(0).to(torch::kLong) : logits.argmax(1);
}

int outputChannelsFor(const std::string &loss, int classes)
{
    const bool isSoftmax = loss == "ce" || loss == "ce+dice";
    return !isSoftmax && classes == 2 ? 1 : classes;
}

Result<double> lossOf(const std::string &loss, const Logits &logits, std::span<const std::uint8_t> targets)
try {
    const auto &[count, channels, height, width] = logits.shape;
    const auto pixels =
        static_cast<std::size_t>(count) * static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    if (logits.values.size() != logits.shape.elements() || targets.size() != pixels || channels < 1)
        return Error{ErrorCode::Internal, "loss: logits and targets differ in size"};
    const auto classes = std::max(2, channels);
    for (const auto id : targets)
        if (id != kIgnore && id >= classes)
            return Error{ErrorCode::Data, "loss: class id " + std::to_string(id) + " in a target, but the network has "
                                              + std::to_string(classes) + " classes"};
    const torch::NoGradGuard noGradients;
    // from_blob wants mutable pointers; nothing below writes
    const auto scores = torch::from_blob(const_cast<float *>(logits.values.data()), {count, channels, height, width});
    const auto ids = torch::from_blob(const_cast<std::uint8_t *>(targets.data()), {count, height, width}, torch::kByte);
    return segmentationLoss(loss, scores, ids).item<double>();
} catch (...) {
    return torchError("loss");
}

} // namespace masque
