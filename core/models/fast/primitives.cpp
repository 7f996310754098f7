// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/primitives.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace masque::fast {

namespace {

using dnnl::algorithm, dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

constexpr auto kFloat = Type::f32;
constexpr auto kBlocked = Tag::nChw16c;

/// Winograd's F(4x4, 3x3) needs a quarter of the multiplications, and transforms of all weights and of whole tiles: it
/// pays where there are tiles enough, well filled, and channels not few: with 16 of them it takes two to three times as
/// long (measured).
bool paysWinograd(const ConvolutionShape &s)
{
    constexpr std::int64_t kTile = 4, kLeastTiles = 64, kLeastChannels = 32;
    const auto tiles = [](std::int64_t size) { return (size + kTile - 1) / kTile; };
    const auto perImage = tiles(s.height) * tiles(s.width);
    const bool filled = 10 * s.height * s.width >= 6 * perImage * kTile * kTile;
    return s.kernelHeight == 3 && s.kernelWidth == 3 && s.stride == 1 && s.padding == 1 && !s.depthwise && !s.plainInput
           && s.out % 16 == 0 && filled && s.images * perImage >= kLeastTiles
           && std::min(s.in, s.out) >= kLeastChannels;
}

CompiledConvolution compile(const ConvolutionShape &s, algorithm how)
{
    using Dims = memory::dims;
    const Dims strides = {s.stride, s.stride}, padding = {s.padding, s.padding};
    const auto weightDims = s.depthwise ? Dims{s.out, 1, 1, s.kernelHeight, s.kernelWidth}
                                        : Dims{s.out, s.in, s.kernelHeight, s.kernelWidth};
    CompiledConvolution c;
    c.input = {{s.images, s.in, s.height, s.width}, kFloat, s.plainInput ? Tag::nchw : kBlocked};
    c.output = {{s.images, s.out, s.outHeight(), s.outWidth()}, kFloat, kBlocked};
    c.plainWeights = {weightDims, kFloat, s.depthwise ? Tag::goihw : Tag::oihw};
    const memory::desc anyWeights(weightDims, kFloat, Tag::any);
    if (s.bias)
        c.bias = {{s.out}, kFloat, Tag::x};
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (s.activation != Activation::None && s.pass == Pass::Forward) {
        dnnl::post_ops after;
        if (s.activation == Activation::Relu)
            after.append_eltwise(1.f, algorithm::eltwise_relu, 0.f, 0.f);
        else
            after.append_eltwise(1.f, algorithm::eltwise_clip, 0.f, 6.f);
        attributes.set_post_ops(after);
    }
    const auto kind = dnnl::prop_kind::forward_training;
    using Forward = dnnl::convolution_forward;
    const auto forwardDesc =
        s.bias ? Forward::desc(kind, how, c.input, anyWeights, c.bias, c.output, strides, padding, padding)
               : Forward::desc(kind, how, c.input, anyWeights, c.output, strides, padding, padding);
    const Forward::primitive_desc forward(forwardDesc, attributes, processor());
    if (s.pass == Pass::Forward) {
        c.weights = forward.weights_desc();
        c.scratch = forward.scratchpad_desc();
        c.primitive = Forward(forward);
    } else if (s.pass == Pass::InputGradient) {
        using Backward = dnnl::convolution_backward_data;
        const Backward::primitive_desc backward({how, c.input, anyWeights, c.output, strides, padding, padding},
                                                attributes, processor(), forward);
        c.weights = backward.weights_desc();
        c.scratch = backward.scratchpad_desc();
        c.primitive = Backward(backward);
    } else {
        using Backward = dnnl::convolution_backward_weights;
        const auto desc = s.bias ? Backward::desc(how, c.input, anyWeights, c.bias, c.output, strides, padding, padding)
                                 : Backward::desc(how, c.input, anyWeights, c.output, strides, padding, padding);
        const Backward::primitive_desc backward(desc, attributes, processor(), forward);
        c.weights = backward.diff_weights_desc();
        c.scratch = backward.scratchpad_desc();
        c.primitive = Backward(backward);
    }
    const bool back = s.pass == Pass::WeightGradient;
    c.reorder = dnnl::reorder(dnnl::reorder::primitive_desc(processor(), back ? c.weights : c.plainWeights, processor(),
                                                            back ? c.plainWeights : c.weights));
    return c;
}

CompiledConvolution compile(const ConvolutionShape &shape)
{
    if (paysWinograd(shape))
        try {
            return compile(shape, algorithm::convolution_winograd);
        } catch (const dnnl::error &) {
            // oneDNN has it for most shapes only
        }
    return compile(shape, algorithm::convolution_direct);
}

} // namespace

const dnnl::engine &processor()
{
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

dnnl::stream &stream()
{
    thread_local dnnl::stream stream(processor());
    return stream;
}

std::shared_ptr<const CompiledConvolution> compiledConvolution(const ConvolutionShape &shape)
{
    static std::mutex mutex;
    static std::map<ConvolutionShape, std::shared_ptr<const CompiledConvolution>> compiled;
    const std::lock_guard lock(mutex);
    auto &entry = compiled[shape];
    if (!entry)
        entry = std::make_shared<const CompiledConvolution>(compile(shape));
    return entry;
}

} // namespace masque::fast
