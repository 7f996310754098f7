// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/blocked.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

#include <algorithm>
#include <array>

namespace masque::fast {

namespace {

using blocked::kBlock;

thread_local bool t_enabled = false;
thread_local std::vector<Step> *t_steps = nullptr; ///< of the Recording there is

bool isBlocked(const torch::Tensor &x)
{
    return x.dim() == 5;
}

/// y, noted as what module (may be null) made.
torch::Tensor noted(torch::Tensor y, const torch::nn::Module *module, std::string what = {})
{
    if (t_steps == nullptr)
        return y;
    auto sizes = y.sizes().vec();
    if (isBlocked(y))
        sizes = {sizes[0], sizes[1] * kBlock, sizes[2], sizes[3]};
    t_steps->push_back({module, std::move(what), std::move(sizes)});
    return y;
}

const char *textOf(Activation activation)
{
    return activation == Activation::Relu ? "ReLU" : activation == Activation::Relu6 ? "ReLU6" : "";
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
    const bool depthwise = options.groups() > 1;
    const bool fits = !depthwise
                      || (options.groups() == options.in_channels() && options.groups() == options.out_channels()
                          && options.groups() % kBlock == 0);
    if (padding == nullptr || !same(*padding) || !same(options.stride()) || options.dilation()->at(0) != 1
        || options.dilation()->at(1) != 1 || !fits || !c10::get_if<torch::enumtype::kZeros>(&options.padding_mode()))
        return {};
    blocked::Filter filter{
        .weight = conv.weight, .stride = options.stride()->at(0), .padding = (*padding)->at(0), .depthwise = depthwise};
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

/// In place; the gradient needs the result alone.
torch::Tensor activated(torch::Tensor y, Activation activation)
{
    switch (activation) {
    case Activation::Relu: return y.relu_();
    case Activation::Relu6: return at::hardtanh_(y, 0, 6);
    case Activation::None: break;
    }
    return y;
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

Recording::Recording()
{
    t_steps = &m_steps;
}

Recording::~Recording()
{
    t_steps = nullptr;
}

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

namespace {

torch::Tensor convNormed(const torch::Tensor &x, torch::nn::Conv2dImpl &conv, torch::nn::BatchNorm2dImpl *norm,
                         Activation activation)
{
    const auto filter = conv.weight.size(0) % kBlock == 0 && (norm == nullptr || hasOwnStatistics(*norm))
                            ? filterOf(conv)
                            : std::nullopt;
    const auto input = filter ? inputFor(x, conv.weight) : std::nullopt;
    if (!input) {
        auto y = conv.forward(plain(x));
        if (norm != nullptr)
            y = norm->forward(y);
        return activated(y, activation);
    }
    if (!torch::GradMode::is_enabled() && (norm == nullptr || !norm->is_training()))
        return blocked::foldedConvolution(*input, *filter, norm, activation);
    if (norm == nullptr)
        return blocked::convolution(*input, *filter, activation);
    const auto y = blocked::convolution(*input, *filter, Activation::None);
    if (norm->is_training())
        return blocked::batchNorm(y, *norm, activation);
    return activated(normByRunning(y, *norm), activation);
}

} // namespace

torch::Tensor convNorm(const torch::Tensor &x, torch::nn::Conv2dImpl &conv, torch::nn::BatchNorm2dImpl *norm,
                       Activation activation)
{
    const auto y = noted(convNormed(x, conv, norm, activation), &conv, norm == nullptr ? textOf(activation) : "");
    return norm == nullptr ? y : noted(y, norm, textOf(activation));
}

torch::Tensor forward(torch::nn::SequentialImpl &layers, torch::Tensor x)
{
    const auto end = layers.size();
    for (std::size_t i = 0; i < end; ++i) {
        auto *conv = layers[i]->as<torch::nn::Conv2dImpl>();
        if (conv == nullptr) {
            x = noted((layers.begin() + static_cast<std::ptrdiff_t>(i))->forward(plain(x)), layers[i].get());
            continue;
        }
        auto *norm = i + 1 < end ? layers[i + 1]->as<torch::nn::BatchNorm2dImpl>() : nullptr;
        i += norm != nullptr ? 1 : 0;
        const auto activation = i + 1 == end                                ? Activation::None
                                : layers[i + 1]->as<torch::nn::ReLUImpl>()  ? Activation::Relu
                                : layers[i + 1]->as<torch::nn::ReLU6Impl>() ? Activation::Relu6
                                                                            : Activation::None;
        i += activation != Activation::None ? 1 : 0;
        x = convNorm(x, *conv, norm, activation);
    }
    return x;
}

torch::Tensor logits(const torch::Tensor &x, torch::nn::Conv2dImpl &conv)
{
    const auto filter = isBlocked(x) ? filterOf(conv) : std::nullopt;
    const auto input = filter ? inputFor(x, conv.weight) : std::nullopt;
    if (!input)
        return noted(conv.forward(plain(x)), &conv);
    const auto y = torch::GradMode::is_enabled()
                       ? blocked::convolution(*input, *filter, Activation::None)
                       : blocked::foldedConvolution(*input, *filter, nullptr, Activation::None);
    if (y.size(1) == 1)
        return y.select(1, 0).slice(3, 0, conv.weight.size(0)).permute({0, 3, 1, 2}).contiguous();
    return plain(y).slice(1, 0, conv.weight.size(0));
}

torch::Tensor add(const torch::Tensor &a, const torch::Tensor &b)
{
    return noted(isBlocked(a) && isBlocked(b) ? a + b : plain(a) + plain(b), nullptr, "Sum");
}

torch::Tensor addRelu(const torch::Tensor &a, const torch::Tensor &b)
{
    if (isBlocked(a) && isBlocked(b))
        return noted(blocked::addRelu(a, b), nullptr, "Sum, ReLU");
    return noted((plain(a) + plain(b)).relu_(), nullptr, "Sum, ReLU");
}

torch::Tensor maxPool(const torch::Tensor &x, int kernel, int stride, int padding)
{
    const auto y =
        isBlocked(x) ? blocked::maxPool(x, kernel, stride, padding) : at::max_pool2d(x, kernel, stride, padding);
    return noted(y, nullptr, "Max pooling " + std::to_string(kernel) + "x" + std::to_string(kernel));
}

torch::Tensor enlarged(const torch::Tensor &x, int factor, Corners corners)
{
    const std::array<double, 2> factors = {static_cast<double>(factor), static_cast<double>(factor)};
    const auto y = at::upsample_bilinear2d(plain(x), at::OptionalIntArrayRef(), corners == Corners::Aligned,
                                           at::ArrayRef<double>(factors)); // a trace then keeps no size
    return noted(y, nullptr, "Bilinear");
}

Part doubled(const torch::Tensor &x)
{
    if (isBlocked(x))
        return {x, Part::Rise::Bilinear};
    return {enlarged(x, 2, Corners::Aligned)};
}

Part doubled(const torch::Tensor &x, torch::nn::ConvTranspose2dImpl &conv)
{
    const auto &options = conv.options;
    const auto out = conv.weight.size(1), in = conv.weight.size(0);
    const bool fits = isBlocked(x) && out % kBlock == 0 && conv.weight.size(2) == 2 && conv.weight.size(3) == 2
                      && options.stride()->at(0) == 2 && options.stride()->at(1) == 2 && options.groups() == 1;
    if (!fits)
        return {noted(conv.forward(plain(x)), &conv)};
    // Every output pixel has one input pixel: a 1x1 convolution to the channels of all four, woven afterwards.
    blocked::Filter filter{conv.weight.permute({2, 3, 1, 0}).reshape({4 * out, in, 1, 1}), {}};
    if (conv.bias.defined())
        filter.bias = conv.bias.repeat({4});
    return {blocked::convolution(x, filter, Activation::None), Part::Rise::Weave};
}

torch::Tensor joined(const Part &first, const Part &second)
{
    if (isBlocked(first.x) && isBlocked(second.x))
        return noted(blocked::joined(first, second), nullptr, "Side by side");
    const auto finished = [](const Part &part) {
        return part.rise == Part::Rise::None ? plain(part.x) : plain(blocked::joined(part, {}));
    };
    return noted(at::cat({finished(first), finished(second)}, 1), nullptr, "Side by side");
}

torch::Tensor joined(const std::vector<torch::Tensor> &parts)
{
    if (std::all_of(parts.begin(), parts.end(), isBlocked))
        return noted(at::cat(parts, 1), nullptr, "Side by side");
    std::vector<torch::Tensor> plains;
    for (const auto &part : parts)
        plains.push_back(plain(part));
    return noted(at::cat(plains, 1), nullptr, "Side by side");
}

} // namespace masque::fast
