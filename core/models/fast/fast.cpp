// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/blocked.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

namespace masque::fast {

namespace {

using blocked::kBlock;

thread_local bool t_enabled = false;

bool isBlocked(const torch::Tensor &x)
{
    return x.dim() == 5;
}

torch::Tensor toBlocked(const torch::Tensor &x)
{
    const auto blocks = x.size(1) / kBlock;
    return x.reshape({x.size(0), blocks, kBlock, x.size(2), x.size(3)}).permute({0, 1, 3, 4, 2}).contiguous();
}

/// The convolution as the fast path takes it, or nothing where it has no form for it.
std::optional<blocked::Filter> filterOf(const torch::nn::Conv2dImpl &conv)
{
    const auto &options = conv.options;
    const auto *padding = get_if<torch::ExpandingArray<2>>(&options.padding());
    const auto same = [](const torch::ExpandingArray<2> &pair) { return pair->at(0) == pair->at(1); };
    if (padding == nullptr || !same(*padding) || !same(options.stride()) || options.groups() != 1
        || options.dilation()->at(0) != 1 || options.dilation()->at(1) != 1
        || !c10::get_if<torch::enumtype::kZeros>(&options.padding_mode()))
        return {};
    blocked::Filter filter{conv.weight, {}, options.stride()->at(0), (*padding)->at(0)};
    if (conv.bias.defined())
        filter.bias = conv.bias;
    return filter;
}

/// x as the fast path's convolution takes it, or nothing: then LibTorch does this one.
std::optional<torch::Tensor> inputFor(const torch::Tensor &x, const torch::Tensor &weight)
{
    const bool fits = t_enabled && x.is_cpu() && x.scalar_type() == torch::kFloat && weight.is_cpu()
                      && weight.scalar_type() == torch::kFloat;
    if (!fits)
        return {};
    if (isBlocked(x))
        return x;
    const bool needsGradient = torch::GradMode::is_enabled() && x.requires_grad();
    if (x.size(1) <= blocked::kMaxPlain && !needsGradient)
        return x.contiguous();
    if (x.size(1) % kBlock == 0)
        return toBlocked(x);
    return {};
}

bool hasOwnStatistics(const torch::nn::BatchNorm2dImpl &norm)
{
    return norm.options.affine() && norm.options.track_running_stats() && norm.options.momentum().has_value();
}

/// The normalisation by the running statistics as gradients see it: a factor and a summand for each channel.
torch::Tensor normByRunning(const torch::Tensor &x, torch::nn::BatchNorm2dImpl &norm)
{
    const auto scale = norm.weight / (norm.running_var + norm.options.eps()).sqrt();
    const auto shift = norm.bias - norm.running_mean * scale;
    const auto shape = {std::int64_t{1}, x.size(1), std::int64_t{1}, std::int64_t{1}, kBlock};
    return x * scale.view(shape) + shift.view(shape);
}

} // namespace

Scope::Scope(bool wanted) : m_before(t_enabled)
{
    t_enabled = wanted && isAvailable();
}

Scope::~Scope()
{
    t_enabled = m_before;
}

torch::Tensor plain(const torch::Tensor &x)
{
    if (!isBlocked(x))
        return x;
    return x.permute({0, 1, 4, 2, 3}).reshape({x.size(0), x.size(1) * kBlock, x.size(2), x.size(3)});
}

torch::Tensor convNorm(const torch::Tensor &x, torch::nn::Conv2dImpl &conv, torch::nn::BatchNorm2dImpl *norm,
                       Activation activation)
{
    const bool relu = activation == Activation::Relu;
    const auto filter = conv.weight.size(0) % kBlock == 0 && (norm == nullptr || hasOwnStatistics(*norm))
                            ? filterOf(conv)
                            : std::nullopt;
    const auto input = filter ? inputFor(x, conv.weight) : std::nullopt;
    if (!input) {
        auto y = conv.forward(plain(x));
        if (norm != nullptr)
            y = norm->forward(y);
        return relu ? y.relu_() : y;
    }
    if (!torch::GradMode::is_enabled() && (norm == nullptr || !norm->is_training()))
        return blocked::foldedConvolution(*input, *filter, norm, activation);
    if (norm == nullptr)
        return blocked::convolution(*input, *filter, activation);
    const auto y = blocked::convolution(*input, *filter, Activation::None);
    if (norm->is_training())
        return blocked::batchNorm(y, *norm, activation);
    const auto z = normByRunning(y, *norm);
    return relu ? z.relu() : z;
}

torch::Tensor forward(torch::nn::SequentialImpl &layers, torch::Tensor x)
{
    const auto end = layers.size();
    for (std::size_t i = 0; i < end; ++i) {
        auto *conv = layers[i]->as<torch::nn::Conv2dImpl>();
        if (conv == nullptr) {
            x = (layers.begin() + static_cast<std::ptrdiff_t>(i))->forward(plain(x));
            continue;
        }
        auto *norm = i + 1 < end ? layers[i + 1]->as<torch::nn::BatchNorm2dImpl>() : nullptr;
        i += norm != nullptr ? 1 : 0;
        const bool relu = i + 1 < end && layers[i + 1]->as<torch::nn::ReLUImpl>() != nullptr;
        i += relu ? 1 : 0;
        x = convNorm(x, *conv, norm, relu ? Activation::Relu : Activation::None);
    }
    return x;
}

torch::Tensor logits(const torch::Tensor &x, torch::nn::Conv2dImpl &conv)
{
    const auto filter = isBlocked(x) ? filterOf(conv) : std::nullopt;
    const auto input = filter ? inputFor(x, conv.weight) : std::nullopt;
    if (!input)
        return conv.forward(plain(x));
    const auto y = torch::GradMode::is_enabled()
                       ? blocked::convolution(*input, *filter, Activation::None)
                       : blocked::foldedConvolution(*input, *filter, nullptr, Activation::None);
    if (y.size(1) == 1)
        return y.select(1, 0).slice(3, 0, conv.weight.size(0)).permute({0, 3, 1, 2}).contiguous();
    return plain(y).slice(1, 0, conv.weight.size(0));
}

torch::Tensor addRelu(const torch::Tensor &a, const torch::Tensor &b)
{
    if (isBlocked(a) && isBlocked(b))
        return blocked::addRelu(a, b);
    return (plain(a) + plain(b)).relu_();
}

torch::Tensor maxPool(const torch::Tensor &x, int kernel, int stride, int padding)
{
    return isBlocked(x) ? blocked::maxPool(x, kernel, stride, padding) : at::max_pool2d(x, kernel, stride, padding);
}

Part doubled(const torch::Tensor &x)
{
    if (isBlocked(x))
        return {x, Part::Rise::Bilinear};
    return {at::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, true)};
}

Part doubled(const torch::Tensor &x, torch::nn::ConvTranspose2dImpl &conv)
{
    const auto &options = conv.options;
    const auto out = conv.weight.size(1), in = conv.weight.size(0);
    const bool fits = isBlocked(x) && out % kBlock == 0 && conv.weight.size(2) == 2 && conv.weight.size(3) == 2
                      && options.stride()->at(0) == 2 && options.stride()->at(1) == 2 && options.groups() == 1;
    if (!fits)
        return {conv.forward(plain(x))};
    // Every output pixel has one input pixel: a 1x1 convolution to the channels of all four, woven afterwards.
    blocked::Filter filter{conv.weight.permute({2, 3, 1, 0}).reshape({4 * out, in, 1, 1}), {}};
    if (conv.bias.defined())
        filter.bias = conv.bias.repeat({4});
    return {blocked::convolution(x, filter, Activation::None), Part::Rise::Weave};
}

torch::Tensor joined(const Part &first, const Part &second)
{
    if (isBlocked(first.x) && isBlocked(second.x))
        return blocked::joined(first, second);
    const auto finished = [](const Part &part) {
        return part.rise == Part::Rise::None ? plain(part.x) : plain(blocked::joined(part, {}));
    };
    return at::cat({finished(first), finished(second)}, 1);
}

} // namespace masque::fast
