// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/blocked.h"
#include "core/models/fast/kernels.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/nn/modules/batchnorm.h>

#include <array>

namespace masque::fast::blocked {

namespace {

using kernels::Extent;
using torch::Tensor;
using torch::autograd::AutogradContext, torch::autograd::Function, torch::autograd::variable_list;

Extent extentOf(const Tensor &x)
{
    return {x.size(2), x.size(3)};
}

Tensor emptyLike(const Tensor &x, Extent extent)
{
    return at::empty({x.size(0), x.size(1), extent.height, extent.width, kBlock}, x.options());
}

/// Calls run(plane) for the planes of x, [N, C/16], numbered in the order of memory, on all compute threads.
template <typename Run>
void forPlanes(const Tensor &x, Run run)
{
    at::parallel_for(0, x.size(0) * x.size(1), 1, [&](std::int64_t first, std::int64_t last) {
        for (auto plane = first; plane < last; ++plane)
            run(plane);
    });
}

using Sums = std::vector<std::array<double, kBlock>>;

/// Two sums of every channel: accumulate(plane, first, second) adds a plane's. In the same order with any number of
/// threads.
template <typename Accumulate>
std::array<Sums, 2> channelSums(const Tensor &x, Accumulate accumulate)
{
    const auto planes = static_cast<std::size_t>(x.size(0) * x.size(1)), blocks = static_cast<std::size_t>(x.size(1));
    std::array<Sums, 2> ofPlanes = {Sums(planes), Sums(planes)}, sums = {Sums(blocks), Sums(blocks)};
    forPlanes(x, [&](std::int64_t plane) {
        const auto at = static_cast<std::size_t>(plane);
        accumulate(plane, ofPlanes[0][at].data(), ofPlanes[1][at].data());
    });
    for (std::size_t k = 0; k < 2; ++k)
        for (std::size_t plane = 0; plane < planes; ++plane)
            for (std::size_t c = 0; c < kBlock; ++c)
                sums[k][plane % blocks][c] += ofPlanes[k][plane][c];
    return sums;
}

/// Ioffe and Szegedy 2015, algorithm 1, as one factor and one summand for each channel.
class BatchNorm : public Function<BatchNorm> {
public:
    static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &weight, const Tensor &bias,
                          torch::nn::BatchNorm2dImpl *norm, Activation activation)
    {
        const auto extent = extentOf(x);
        const auto planeSize = extent.pixels() * kBlock, channels = x.size(1) * kBlock;
        const auto *xs = x.data_ptr<float>();
        // moments about a value of the channel itself: about zero they would cancel where the mean is large
        const auto origin = x.select(0, 0).select(1, 0).select(1, 0).contiguous();
        const auto *origins = origin.data_ptr<float>();
        const auto [sum, squares] = channelSums(x, [&](std::int64_t plane, double *a, double *b) {
            kernels::addMoments(xs + plane * planeSize, extent.pixels(), origins + plane % x.size(1) * kBlock, a, b);
        });
        const auto statistics = at::empty({4, channels}, x.options()); // mean, 1 / deviation, factor, summand
        auto rows = statistics.accessor<float, 2>();
        const auto *weights = weight.data_ptr<float>(), *biases = bias.data_ptr<float>();
        auto *means = norm->running_mean.data_ptr<float>(), *variances = norm->running_var.data_ptr<float>();
        const auto count = static_cast<double>(x.size(0) * extent.pixels());
        const auto momentum = *norm->options.momentum();
        const auto blend = [&](float &running, double now) {
            running = static_cast<float>((1 - momentum) * static_cast<double>(running) + momentum * now);
        };
        for (std::int64_t c = 0; c < channels; ++c) {
            const auto block = static_cast<std::size_t>(c / kBlock), lane = static_cast<std::size_t>(c % kBlock);
            const auto offset = sum[block][lane] / count, mean = static_cast<double>(origins[c]) + offset;
            const auto variance = std::max(0.0, squares[block][lane] / count - offset * offset);
            const auto inverse = 1 / std::sqrt(variance + norm->options.eps());
            const auto scale = static_cast<double>(weights[c]) * inverse;
            rows[0][c] = static_cast<float>(mean);
            rows[1][c] = static_cast<float>(inverse);
            rows[2][c] = static_cast<float>(scale);
            rows[3][c] = static_cast<float>(static_cast<double>(biases[c]) - mean * scale);
            blend(means[c], mean);
            blend(variances[c], variance * count / (count - 1));
        }
        norm->running_mean.unsafeGetTensorImpl()->bump_version();
        norm->running_var.unsafeGetTensorImpl()->bump_version();
        auto y = at::empty(x.sizes(), x.options());
        auto *ys = y.data_ptr<float>();
        forPlanes(x, [&](std::int64_t plane) {
            kernels::applyAffine(xs + plane * planeSize, ys + plane * planeSize, extent.pixels(),
                                 affineOf(statistics, plane % x.size(1), activation));
        });
        context->save_for_backward({x, statistics});
        context->saved_data["activation"] = static_cast<std::int64_t>(activation);
        return y;
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const auto saved = context->get_saved_variables();
        const auto &x = saved[0], &statistics = saved[1];
        const auto activation = static_cast<Activation>(context->saved_data["activation"].toInt());
        const auto grad = gradients[0].contiguous();
        const auto extent = extentOf(x);
        const auto planeSize = extent.pixels() * kBlock, channels = x.size(1) * kBlock;
        const auto *xs = x.data_ptr<float>(), *grads = grad.data_ptr<float>();
        auto rows = statistics.accessor<float, 2>();
        const auto [sum, product] = channelSums(x, [&](std::int64_t plane, double *a, double *b) {
            const auto block = plane % x.size(1);
            kernels::addAffineGradient(xs + plane * planeSize, grads + plane * planeSize, extent.pixels(),
                                       affineOf(statistics, block, activation), &rows[0][block * kBlock], a, b);
        });
        const auto gradWeight = at::empty({channels}, x.options()), gradBias = at::empty({channels}, x.options());
        const auto line = at::empty({2, channels}, x.options()); // slope and offset of what x itself adds
        auto gradWeights = gradWeight.accessor<float, 1>(), gradBiases = gradBias.accessor<float, 1>();
        auto lines = line.accessor<float, 2>();
        const auto count = static_cast<double>(x.size(0) * extent.pixels());
        for (std::int64_t c = 0; c < channels; ++c) {
            const auto block = static_cast<std::size_t>(c / kBlock), lane = static_cast<std::size_t>(c % kBlock);
            const double mean = rows[0][c], inverse = rows[1][c], scale = rows[2][c];
            const auto slope = -scale * inverse * inverse * product[block][lane] / count;
            gradWeights[c] = static_cast<float>(product[block][lane] * inverse);
            gradBiases[c] = static_cast<float>(sum[block][lane]);
            lines[0][c] = static_cast<float>(slope);
            lines[1][c] = static_cast<float>(-scale * sum[block][lane] / count - slope * mean);
        }
        auto gradX = at::empty(x.sizes(), x.options());
        auto *gradXs = gradX.data_ptr<float>();
        forPlanes(x, [&](std::int64_t plane) {
            const auto block = plane % x.size(1);
            kernels::applyAffineGradient(xs + plane * planeSize, grads + plane * planeSize, gradXs + plane * planeSize,
                                         extent.pixels(), affineOf(statistics, block, activation),
                                         &lines[0][block * kBlock], &lines[1][block * kBlock]);
        });
        return {gradX, gradWeight, gradBias, Tensor(), Tensor()};
    }

private:
    static kernels::Affine affineOf(const Tensor &statistics, std::int64_t block, Activation activation)
    {
        const auto *values = statistics.data_ptr<float>();
        const auto channels = statistics.size(1);
        return {values + 2 * channels + block * kBlock, values + 3 * channels + block * kBlock, activation};
    }
};

class AddRelu : public Function<AddRelu> {
public:
    static Tensor forward(AutogradContext *context, const Tensor &a, const Tensor &b)
    {
        auto z = at::empty(a.sizes(), a.options());
        const auto planeSize = extentOf(a).pixels() * kBlock;
        const auto *as = a.data_ptr<float>(), *bs = b.data_ptr<float>();
        auto *zs = z.data_ptr<float>();
        forPlanes(a, [&](std::int64_t plane) {
            kernels::addRelu(as + plane * planeSize, bs + plane * planeSize, zs + plane * planeSize, planeSize);
        });
        context->save_for_backward({z});
        return z;
    }
    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const auto z = context->get_saved_variables()[0], grad = gradients[0].contiguous();
        auto out = at::empty(z.sizes(), z.options());
        const auto planeSize = extentOf(z).pixels() * kBlock;
        const auto *zs = z.data_ptr<float>(), *grads = grad.data_ptr<float>();
        auto *outs = out.data_ptr<float>();
        forPlanes(z, [&](std::int64_t plane) {
            kernels::activationGradient(zs + plane * planeSize, grads + plane * planeSize, outs + plane * planeSize,
                                        planeSize, Activation::Relu);
        });
        return {out, out};
    }
};

class MaxPool : public Function<MaxPool> {
public:
    static Tensor forward(AutogradContext *context, const Tensor &x, kernels::Window window)
    {
        const auto size = [&](std::int64_t in) {
            return (in + 2 * window.padding - window.kernel) / window.stride + 1;
        };
        const Extent in = extentOf(x), out = {size(in.height), size(in.width)};
        auto y = emptyLike(x, out);
        auto where = at::empty(y.sizes(), y.options().dtype(torch::kByte));
        const auto *xs = x.data_ptr<float>();
        auto *ys = y.data_ptr<float>();
        auto *wheres = where.data_ptr<std::uint8_t>();
        forPlanes(x, [&](std::int64_t plane) {
            const auto to = plane * out.pixels() * kBlock;
            kernels::maxPool(xs + plane * in.pixels() * kBlock, in, ys + to, wheres + to, out, window);
        });
        context->save_for_backward({where});
        context->saved_data["window"] = std::vector<std::int64_t>{window.kernel, window.stride, window.padding};
        context->saved_data["in"] = std::vector<std::int64_t>{in.height, in.width};
        return y;
    }
    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const auto where = context->get_saved_variables()[0], grad = gradients[0].contiguous();
        const auto sizes = context->saved_data["in"].toIntVector(), how = context->saved_data["window"].toIntVector();
        const Extent in = {sizes[0], sizes[1]}, out = extentOf(where);
        const kernels::Window window = {static_cast<int>(how[0]), static_cast<int>(how[1]), static_cast<int>(how[2])};
        auto gradX = emptyLike(grad, in);
        const auto *grads = grad.data_ptr<float>();
        const auto *wheres = where.data_ptr<std::uint8_t>();
        auto *gradXs = gradX.data_ptr<float>();
        forPlanes(grad, [&](std::int64_t plane) {
            const auto from = plane * out.pixels() * kBlock;
            kernels::maxPoolGradient(grads + from, wheres + from, out, gradXs + plane * in.pixels() * kBlock, in,
                                     window);
        });
        return {gradX, Tensor()};
    }
};

/// One part of a joined activation: how its planes lie in it and in its own tensor.
struct Side {
    Part::Rise rise;
    std::int64_t blocks; ///< of channels in the joined tensor
    std::int64_t offset; ///< of the first of them
    Extent in;           ///< before rising

    static Side of(const Part &part, std::int64_t offset)
    {
        const bool woven = part.rise == Part::Rise::Weave;
        return {part.rise, part.x.size(1) / (woven ? 4 : 1), offset, extentOf(part.x)};
    }
    Extent out() const { return rise == Part::Rise::None ? in : Extent{2 * in.height, 2 * in.width}; }
    /// Calls run(own, joined) with the offsets of a plane's first value in both tensors, on all compute threads.
    template <typename Run>
    void forPlanes(std::int64_t images, std::int64_t joinedBlocks, Run run) const
    {
        const auto outSize = out().pixels() * kBlock, inSize = in.pixels() * kBlock;
        const auto inBlocks = blocks * (rise == Part::Rise::Weave ? 4 : 1);
        at::parallel_for(0, images * blocks, 1, [&](std::int64_t first, std::int64_t last) {
            for (auto i = first; i < last; ++i) {
                const auto image = i / blocks, block = i % blocks;
                run((image * inBlocks + block) * inSize, (image * joinedBlocks + offset + block) * outSize);
            }
        });
    }
    std::int64_t step() const { return blocks * in.pixels() * kBlock; } ///< from one woven plane to the next
};

class Join : public Function<Join> {
public:
    static Tensor forward(AutogradContext *context, const Tensor &first, const c10::optional<Tensor> &second,
                          Part::Rise riseOfFirst, Part::Rise riseOfSecond)
    {
        std::vector<Part> parts = {{first, riseOfFirst}};
        if (second)
            parts.push_back({*second, riseOfSecond});
        std::int64_t blocks = 0;
        std::vector<Side> sides;
        for (const auto &part : parts) {
            sides.push_back(Side::of(part, blocks));
            blocks += sides.back().blocks;
        }
        const auto extent = sides[0].out();
        for (const auto &side : sides)
            TORCH_CHECK(side.out().height == extent.height && side.out().width == extent.width,
                        "activations of different sizes cannot be joined");
        auto joined = at::empty({first.size(0), blocks, extent.height, extent.width, kBlock}, first.options());
        auto *to = joined.data_ptr<float>();
        for (std::size_t k = 0; k < sides.size(); ++k) {
            const auto &side = sides[k];
            const auto *from = parts[k].x.data_ptr<float>();
            side.forPlanes(first.size(0), blocks, [&](std::int64_t own, std::int64_t whole) {
                if (side.rise == Part::Rise::Bilinear)
                    kernels::doubleBilinear(from + own, side.in, to + whole);
                else if (side.rise == Part::Rise::Weave)
                    kernels::weave(from + own, side.step(), side.in, to + whole);
                else
                    std::copy_n(from + own, side.in.pixels() * kBlock, to + whole);
            });
        }
        std::vector<std::int64_t> kept;
        for (const auto &side : sides)
            kept.insert(kept.end(), {static_cast<std::int64_t>(side.rise), side.blocks, side.offset, side.in.height,
                                     side.in.width});
        context->saved_data["sides"] = std::move(kept);
        return joined;
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const auto grad = gradients[0].contiguous();
        const auto kept = context->saved_data["sides"].toIntVector();
        const auto *from = grad.data_ptr<float>();
        variable_list results;
        for (std::size_t k = 0; k < kept.size(); k += 5) {
            const Side side = {static_cast<Part::Rise>(kept[k]), kept[k + 1], kept[k + 2], {kept[k + 3], kept[k + 4]}};
            const auto inBlocks = side.blocks * (side.rise == Part::Rise::Weave ? 4 : 1);
            auto result = at::empty({grad.size(0), inBlocks, side.in.height, side.in.width, kBlock}, grad.options());
            auto *to = result.data_ptr<float>();
            side.forPlanes(grad.size(0), grad.size(1), [&](std::int64_t own, std::int64_t whole) {
                if (side.rise == Part::Rise::Bilinear)
                    kernels::doubleBilinearGradient(from + whole, side.in, to + own);
                else if (side.rise == Part::Rise::Weave)
                    kernels::unweave(from + whole, side.step(), side.in, to + own);
                else
                    std::copy_n(from + whole, side.in.pixels() * kBlock, to + own);
            });
            results.push_back(std::move(result));
        }
        results.resize(4);
        return results;
    }
};

} // namespace

Tensor batchNorm(const Tensor &x, torch::nn::BatchNorm2dImpl &norm, Activation activation)
{
    TORCH_CHECK(x.size(0) * x.size(2) * x.size(3) > 1,
                "Expected more than 1 value per channel when training, got input size ", x.sizes());
    norm.num_batches_tracked += 1;
    return BatchNorm::apply(x.contiguous(), norm.weight, norm.bias, &norm, activation);
}

Tensor addRelu(const Tensor &a, const Tensor &b)
{
    TORCH_CHECK(a.sizes() == b.sizes(), "cannot add ", a.sizes(), " and ", b.sizes());
    return AddRelu::apply(a.contiguous(), b.contiguous());
}

Tensor maxPool(const Tensor &x, int kernel, int stride, int padding)
{
    return MaxPool::apply(x.contiguous(), kernels::Window{kernel, stride, padding});
}

Tensor joined(const Part &first, const Part &second)
{
    const auto other = second.x.defined() ? c10::optional<Tensor>(second.x.contiguous()) : c10::nullopt;
    return Join::apply(first.x.contiguous(), other, first.rise, second.rise);
}

} // namespace masque::fast::blocked
