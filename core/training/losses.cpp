// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/losses.h"

#include "core/models/Network.h"
#include "core/training/train.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <algorithm>

namespace masque {

namespace {

constexpr int kIgnore = 255;

/// Targets are planes: classes may overlap.
bool arePlanes(const torch::Tensor &targets)
{
    return targets.dim() == 4;
}

/// float [N, K, H, W]: 1 where the target is the channel's class; a single channel stands for class 1.
torch::Tensor oneVsRest(const torch::Tensor &targets, std::int64_t channels)
{
    if (arePlanes(targets))
        return targets.eq(1).to(torch::kFloat);
    const auto first = channels == 1 ? 1 : 0;
    const auto ids = at::arange(first, first + channels, targets.options()).view({1, channels, 1, 1});
    return targets.unsqueeze(1).eq(ids).to(torch::kFloat);
}

torch::Tensor classWeights(const LossSpec &spec, const torch::Tensor &logits)
{
    if (spec.classWeights.empty())
        return {};
    return torch::tensor(spec.classWeights).to(logits.device());
}

/// float [N, 1 or K, H, W]: 0 where ignored, else 1.
torch::Tensor validity(const torch::Tensor &targets)
{
    const auto valid = targets.ne(kIgnore).to(torch::kFloat);
    return arePlanes(targets) ? valid : valid.unsqueeze(1);
}

/// What each pixel counts, float [N, 1 or K, H, W]: its class's weight, 0 where ignored. A pixel outside an overlapping
/// class is background to that class.
torch::Tensor pixelWeights(const LossSpec &spec, const torch::Tensor &targets)
{
    const auto valid = validity(targets);
    if (spec.classWeights.empty())
        return valid;
    const auto weights = torch::tensor(spec.classWeights).to(targets.device());
    if (arePlanes(targets))
        return valid * at::where(targets.eq(1), weights.slice(0, 1).view({1, -1, 1, 1}), weights[0]);
    return valid * weights.index_select(0, (targets.to(torch::kLong) * targets.ne(kIgnore)).flatten()).view_as(valid);
}

/// losses: [N, K, H, W]; weights may have one channel for all.
torch::Tensor weightedMean(const torch::Tensor &losses, const torch::Tensor &weights)
{
    const auto weight = weights.sum() * (losses.size(1) / weights.size(1));
    return (losses * weights).sum() / weight.masked_fill(weight.eq(0), 1);
}

torch::Tensor crossEntropy(const LossSpec &spec, const torch::Tensor &logits, const torch::Tensor &targets)
{
    const auto sum = at::cross_entropy_loss(logits, targets.to(torch::kLong), classWeights(spec, logits),
                                            at::Reduction::Sum, kIgnore, spec.labelSmoothing);
    const auto weight = spec.classWeights.empty() ? targets.ne(kIgnore).sum() : pixelWeights(spec, targets).sum();
    return sum / weight.masked_fill(weight.eq(0), 1);
}

/// float [N, K, 1, 1], their sum 1, or 0 where ignored.
torch::Tensor shares(const torch::Tensor &targets)
{
    const auto sum = targets.to(torch::kFloat).sum(1, true);
    return targets.to(torch::kFloat) / sum.masked_fill(sum.eq(0), 1);
}

/// As at::cross_entropy_loss takes probabilities, but weighed as ce weighs ids, and with samples that are ignored.
torch::Tensor softCrossEntropy(const LossSpec &spec, const torch::Tensor &logits, const torch::Tensor &targets)
{
    const auto wanted = shares(targets);
    const auto weights = spec.classWeights.empty() ? torch::ones({1, 1, 1, 1}, logits.options())
                                                   : classWeights(spec, logits).view({1, -1, 1, 1});
    const auto smooth = wanted * (1 - spec.labelSmoothing)
                        + wanted.sum(1, true) * (spec.labelSmoothing / static_cast<double>(logits.size(1)));
    const auto weight = (wanted * weights).sum();
    return -(smooth * weights * logits.log_softmax(1)).sum() / weight.masked_fill(weight.eq(0), 1);
}

/// [N, K, H, W]
torch::Tensor binaryCrossEntropies(const LossSpec &spec, const torch::Tensor &logits, const torch::Tensor &targets)
{
    auto wanted = oneVsRest(targets, logits.size(1));
    if (spec.labelSmoothing > 0)
        wanted = wanted * (1 - spec.labelSmoothing) + 0.5 * spec.labelSmoothing;
    return at::binary_cross_entropy_with_logits(logits, wanted, {}, {}, at::Reduction::None);
}

torch::Tensor binaryCrossEntropy(const LossSpec &spec, const torch::Tensor &logits, const torch::Tensor &targets)
{
    return weightedMean(binaryCrossEntropies(spec, logits, targets), pixelWeights(spec, targets));
}

torch::Tensor focal(const LossSpec &spec, const torch::Tensor &logits, const torch::Tensor &targets)
{
    const auto plain = LossSpec{.name = spec.name};
    const auto losses = arePlanes(targets) ? binaryCrossEntropies(plain, logits, targets)
                                           : pixelLosses(spec, logits, targets).unsqueeze(1);
    return weightedMean((1 - (-losses).exp()).clamp_min(1e-12).pow(spec.focalGamma) * losses,
                        pixelWeights(spec, targets));
}

/// 1 - TP / (TP + alpha FP + beta FN); Dice is alpha = beta = 1/2.
torch::Tensor tversky(const torch::Tensor &probabilities, const torch::Tensor &targets, double alpha, double beta)
{
    constexpr double kSmooth = 0.5; // 1 in Dice's usual form, which has every term twice
    const auto p = probabilities * validity(targets);
    const auto t = oneVsRest(targets, probabilities.size(1));
    const auto both = (p * t).sum({2, 3});
    const auto falsePositive = p.sum({2, 3}) - both, falseNegative = t.sum({2, 3}) - both;
    return (1 - (both + kSmooth) / (both + alpha * falsePositive + beta * falseNegative + kSmooth)).mean();
}

torch::Tensor dice(const torch::Tensor &probabilities, const torch::Tensor &targets)
{
    return tversky(probabilities, targets, 0.5, 0.5);
}

/// The gradient of the Lovasz extension of the Jaccard loss for errors sorted from the greatest: Berman et al. 2018,
/// algorithm 1. truth: [P], 1 where the pixel is of the class.
torch::Tensor lovaszGradient(const torch::Tensor &truth)
{
    const auto total = truth.sum();
    const auto intersection = total - truth.cumsum(0);
    const auto unions = total + (1 - truth).cumsum(0);
    auto jaccard = 1 - intersection / unions;
    const auto count = truth.size(0);
    if (count > 1)
        jaccard.slice(0, 1, count) -= jaccard.slice(0, 0, count - 1).clone();
    return jaccard;
}

torch::Tensor lovasz(const torch::Tensor &probabilities, const torch::Tensor &targets)
{
    const auto channels = probabilities.size(1);
    const auto kept = validity(targets).select(1, 0).flatten().nonzero().squeeze(1);
    const auto p = probabilities.permute({0, 2, 3, 1}).reshape({-1, channels}).index_select(0, kept);
    const auto t = oneVsRest(targets, channels).permute({0, 2, 3, 1}).reshape({-1, channels}).index_select(0, kept);
    std::vector<torch::Tensor> losses;
    for (std::int64_t c = 0; c < channels; ++c) {
        const auto truth = t.select(1, c);
        if (truth.sum().item<float>() == 0)
            continue;
        const auto [errors, order] = (truth - p.select(1, c)).abs().sort(0, true);
        losses.push_back(errors.dot(lovaszGradient(truth.index_select(0, order))));
    }
    return losses.empty() ? probabilities.sum() * 0 : at::stack(losses).mean();
}

/// Each pixel has one class, and each class a channel.
bool areExclusive(const torch::Tensor &logits, const torch::Tensor &targets)
{
    return logits.size(1) > 1 && !arePlanes(targets);
}

} // namespace

torch::Tensor segmentationLoss(const LossSpec &spec, const torch::Tensor &logits, const torch::Tensor &targets)
{
    const auto &name = spec.name;
    const bool exclusive = spec.isSoft() || areExclusive(logits, targets);
    const auto classes = logits.size(1) + (exclusive ? 0 : 1);
    TORCH_CHECK(spec.classWeights.empty() || static_cast<std::int64_t>(spec.classWeights.size()) == classes,
                "the loss has ", spec.classWeights.size(), " class weights for ", classes, " classes");
    const auto probabilities = [&](bool softmax) { return softmax ? logits.softmax(1) : logits.sigmoid(); };
    if (name == "bce" || (name == "ce" && !exclusive))
        return binaryCrossEntropy(spec, logits, targets);
    if (name == "ce")
        return crossEntropy(spec, logits, targets);
    if (spec.isSoft())
        return softCrossEntropy(spec, logits, targets);
    if (name == "focal")
        return focal(spec, logits, targets);
    if (name == "dice")
        return dice(probabilities(exclusive), targets);
    if (name == "tversky")
        return tversky(probabilities(exclusive), targets, spec.tverskyAlpha, spec.tverskyBeta);
    if (name == "lovasz")
        return lovasz(probabilities(exclusive), targets);
    const bool softmax = name == "ce+dice" && exclusive; // Isensee et al. 2021, "nnU-Net"
    TORCH_CHECK(name == "ce+dice" || name == "bce+dice", "unknown loss '", name, "'");
    const auto first = softmax ? crossEntropy(spec, logits, targets) : binaryCrossEntropy(spec, logits, targets);
    return (1 - spec.diceWeight) * first + spec.diceWeight * dice(probabilities(softmax), targets);
}

torch::Tensor pixelLosses(const LossSpec &spec, const torch::Tensor &logits, const torch::Tensor &targets)
{
    if (spec.isSoft())
        return -(shares(targets) * logits.log_softmax(1)).sum(1);
    if (spec.isSoftmax() && areExclusive(logits, targets))
        return at::cross_entropy_loss(logits, targets.to(torch::kLong), {}, at::Reduction::None, kIgnore);
    const auto plain = LossSpec{.name = spec.name};
    return (binaryCrossEntropies(plain, logits, targets) * validity(targets)).mean(1);
}

torch::Tensor meanSquaredError(const torch::Tensor &predictions, const torch::Tensor &targets)
{
    TORCH_CHECK(predictions.sizes() == targets.sizes(), "mean squared error: ", predictions.sizes(),
                " predictions for ", targets.sizes(), " targets");
    return at::mse_loss(predictions, targets);
}

torch::Tensor targetIds(const LossSpec &spec, const torch::Tensor &targets)
{
    if (!spec.isSoft())
        return targets;
    return targets.argmax(1).to(torch::kByte).masked_fill(targets.sum(1).eq(0), kIgnore);
}

torch::Tensor predictedIds(const torch::Tensor &logits)
{
    return logits.size(1) == 1 ? logits.select(1, 0).gt(0).to(torch::kLong) : logits.argmax(1);
}

namespace {

/// Calls measure(logits, targets) on tensors over the same memory, once they are known to fit.
template <typename Measure>
auto measured(const LossSpec &loss, const Logits &logits, std::span<const std::uint8_t> targets, const Measure &measure)
    -> Result<decltype(measure(torch::Tensor(), torch::Tensor()))>
try {
    const auto &[count, channels, height, width] = logits.shape;
    const bool planes = loss.multiLabel || loss.isSoft();
    const auto wanted = BatchShape{count, planes ? channels : 1, height, width}.elements();
    if (logits.values.size() != logits.shape.elements() || targets.size() != wanted || channels < 1)
        return Error{ErrorCode::Internal, "loss: logits and targets differ in size"};
    const auto classes = loss.isSoft() ? SampleSource::kWholeShare + 1 : loss.multiLabel ? 2 : std::max(2, channels);
    for (const auto id : targets)
        if (id != kIgnore && id >= classes)
            return Error{ErrorCode::Data, "loss: class id " + std::to_string(id) + " in a target, but the network has "
                                              + std::to_string(classes) + " classes"};
    const torch::NoGradGuard noGradients;
    // from_blob wants mutable pointers; nothing below writes
    const auto scores = torch::from_blob(const_cast<float *>(logits.values.data()), {count, channels, height, width});
    auto ids = torch::from_blob(const_cast<std::uint8_t *>(targets.data()),
                                {count, planes ? channels : 1, height, width}, torch::kByte);
    return measure(scores, planes ? ids : ids.squeeze(1));
} catch (...) {
    return torchError("loss");
}

} // namespace

Result<double> lossOf(const LossSpec &loss, const Logits &logits, std::span<const std::uint8_t> targets)
{
    return measured(loss, logits, targets, [&](const torch::Tensor &scores, const torch::Tensor &ids) {
        return segmentationLoss(loss, scores, ids).item<double>();
    });
}

Result<std::vector<float>> pixelLossesOf(const LossSpec &loss, const Logits &logits,
                                         std::span<const std::uint8_t> targets)
{
    return measured(loss, logits, targets, [&](const torch::Tensor &scores, const torch::Tensor &ids) {
        const auto losses = pixelLosses(loss, scores, ids).contiguous();
        return std::vector<float>(losses.data_ptr<float>(), losses.data_ptr<float>() + losses.numel());
    });
}

} // namespace masque
