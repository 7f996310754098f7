// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/kernels.h"

namespace masque::fast::kernels {

namespace {

typedef float Floats __attribute__((vector_size(64), aligned(64)));
typedef double Doubles __attribute__((vector_size(64), aligned(8)));
typedef std::int32_t Ints __attribute__((vector_size(64), aligned(64)));
typedef std::uint8_t Bytes __attribute__((vector_size(16), aligned(16)));
typedef float AnyFloats __attribute__((vector_size(64), aligned(4)));

Floats load(const float *p)
{
    return *reinterpret_cast<const Floats *>(p);
}

Floats loadAny(const float *p)
{
    return *reinterpret_cast<const AnyFloats *>(p);
}

void store(float *p, Floats v)
{
    *reinterpret_cast<Floats *>(p) = v;
}

/// What an activation lets through.
struct Range {
    Floats least, greatest;

    explicit Range(Activation activation)
        : least(Floats{} - (activation == Activation::None ? __builtin_inff() : 0.f)),
          greatest(Floats{} + (activation == Activation::Relu6 ? 6.f : __builtin_inff()))
    {
    }
    Floats clamp(Floats v) const
    {
        v = v < least ? least : v;
        return v > greatest ? greatest : v;
    }
    /// grad where v is inside, else 0.
    Floats gradient(Floats v, Floats grad) const { return (v > least) & (v < greatest) ? grad : Floats{}; }
};

/// Single precision is exact enough for so many pixels in a row; longer sums go on in double.
constexpr std::int64_t kRun = 512;

void addTo(double *sums, Floats v)
{
    for (int c = 0; c < kBlock; ++c)
        sums[c] += static_cast<double>(v[c]);
}

/// Calls term(pixel, a, b) for every pixel, which adds to a and b, and adds the whole to first and second.
template <typename Term>
void addTwoSums(std::int64_t pixels, double *first, double *second, Term term)
{
    for (std::int64_t start = 0; start < pixels; start += kRun) {
        const auto end = start + kRun < pixels ? start + kRun : pixels;
        Floats a[4] = {}, b[4] = {}; // four chains each, so that the additions need not wait for each other
        auto i = start;
        for (; i + 4 <= end; i += 4)
            for (int k = 0; k < 4; ++k)
                term(i + k, a[k], b[k]);
        for (; i < end; ++i)
            term(i, a[0], b[0]);
        addTo(first, (a[0] + a[1]) + (a[2] + a[3]));
        addTo(second, (b[0] + b[1]) + (b[2] + b[3]));
    }
}

/// Where output pixels of a doubled axis come from: at + share of the way to at + (at + 1 < size).
struct Source {
    std::int64_t at, next;
    float share;
};

Source source(std::int64_t out, std::int64_t size)
{
    const auto ratio = static_cast<float>(size - 1) / static_cast<float>(2 * size - 1);
    const auto place = ratio * static_cast<float>(out);
    auto at = static_cast<std::int64_t>(place);
    at = at < size - 1 ? at : size - 1;
    return {at, at < size - 1 ? at + 1 : at, place - static_cast<float>(at)};
}

} // namespace

void addMoments(const float *x, std::int64_t pixels, const float *origin, double *sum, double *squares)
{
    const auto zero = loadAny(origin);
    addTwoSums(pixels, sum, squares, [&](std::int64_t i, Floats &a, Floats &b) {
        const auto v = load(x + i * kBlock) - zero;
        a += v;
        b += v * v;
    });
}

void applyAffine(const float *x, float *y, std::int64_t pixels, const Affine &affine)
{
    const auto scale = loadAny(affine.scale), shift = loadAny(affine.shift);
    const Range range(affine.activation);
    for (std::int64_t i = 0; i < pixels; ++i)
        store(y + i * kBlock, range.clamp(load(x + i * kBlock) * scale + shift));
}

void addAffineGradient(const float *x, const float *grad, std::int64_t pixels, const Affine &affine, const float *mean,
                       double *sum, double *product)
{
    const auto scale = loadAny(affine.scale), shift = loadAny(affine.shift), centre = loadAny(mean);
    const Range range(affine.activation);
    addTwoSums(pixels, sum, product, [&](std::int64_t i, Floats &a, Floats &b) {
        const auto v = load(x + i * kBlock);
        const auto g = range.gradient(v * scale + shift, load(grad + i * kBlock));
        a += g;
        b += g * (v - centre);
    });
}

void applyAffineGradient(const float *x, const float *grad, float *out, std::int64_t pixels, const Affine &affine,
                         const float *slope, const float *offset)
{
    const auto scale = loadAny(affine.scale), shift = loadAny(affine.shift), a = loadAny(slope), b = loadAny(offset);
    const Range range(affine.activation);
    for (std::int64_t i = 0; i < pixels; ++i) {
        const auto v = load(x + i * kBlock);
        const auto g = range.gradient(v * scale + shift, load(grad + i * kBlock));
        store(out + i * kBlock, scale * g + (a * v + b));
    }
}

void addRelu(const float *a, const float *b, float *z, std::int64_t count)
{
    const Range range(Activation::Relu);
    for (std::int64_t i = 0; i < count; i += kBlock)
        store(z + i, range.clamp(load(a + i) + load(b + i)));
}

void activationGradient(const float *z, const float *grad, float *out, std::int64_t count, Activation activation)
{
    const Range range(activation);
    for (std::int64_t i = 0; i < count; i += kBlock)
        store(out + i, range.gradient(load(z + i), load(grad + i)));
}

void maxPool(const float *x, Extent in, float *y, std::uint8_t *where, Extent out, Window window)
{
    for (std::int64_t oy = 0; oy < out.height; ++oy) {
        for (std::int64_t ox = 0; ox < out.width; ++ox) {
            Floats best = Floats{} - __builtin_inff();
            Ints index = {};
            for (int k = 0; k < window.kernel * window.kernel; ++k) {
                const auto iy = oy * window.stride - window.padding + k / window.kernel;
                const auto ix = ox * window.stride - window.padding + k % window.kernel;
                if (iy < 0 || iy >= in.height || ix < 0 || ix >= in.width)
                    continue;
                const auto v = load(x + (iy * in.width + ix) * kBlock);
                const auto better = !(v <= best); // a NaN wins, as in LibTorch
                best = better ? v : best;
                index = better ? Ints{} + k : index;
            }
            const auto at = (oy * out.width + ox) * kBlock;
            store(y + at, best);
            if (where)
                *reinterpret_cast<Bytes *>(where + at) = __builtin_convertvector(index, Bytes);
        }
    }
}

void maxPoolGradient(const float *gradY, const std::uint8_t *where, Extent out, float *gradX, Extent in, Window window)
{
    for (std::int64_t i = 0; i < in.pixels(); ++i)
        store(gradX + i * kBlock, Floats{});
    for (std::int64_t oy = 0; oy < out.height; ++oy) {
        for (std::int64_t ox = 0; ox < out.width; ++ox) {
            const auto at = (oy * out.width + ox) * kBlock;
            const auto grad = load(gradY + at);
            const auto index = __builtin_convertvector(*reinterpret_cast<const Bytes *>(where + at), Ints);
            for (int k = 0; k < window.kernel * window.kernel; ++k) {
                const auto iy = oy * window.stride - window.padding + k / window.kernel;
                const auto ix = ox * window.stride - window.padding + k % window.kernel;
                if (iy < 0 || iy >= in.height || ix < 0 || ix >= in.width)
                    continue;
                auto *target = gradX + (iy * in.width + ix) * kBlock;
                store(target, load(target) + (index == k ? grad : Floats{}));
            }
        }
    }
}

void doubleBilinear(const float *x, Extent in, float *y)
{
    for (std::int64_t oy = 0; oy < 2 * in.height; ++oy) {
        const auto v = source(oy, in.height);
        const auto *upper = x + v.at * in.width * kBlock, *lower = x + v.next * in.width * kBlock;
        for (std::int64_t ox = 0; ox < 2 * in.width; ++ox) {
            const auto h = source(ox, in.width);
            const auto left = load(upper + h.at * kBlock) * (1 - v.share) + load(lower + h.at * kBlock) * v.share;
            const auto right = load(upper + h.next * kBlock) * (1 - v.share) + load(lower + h.next * kBlock) * v.share;
            store(y, left * (1 - h.share) + right * h.share);
            y += kBlock;
        }
    }
}

void doubleBilinearGradient(const float *gradY, Extent in, float *gradX)
{
    for (std::int64_t i = 0; i < in.pixels(); ++i)
        store(gradX + i * kBlock, Floats{});
    const auto add = [](float *target, Floats v) { store(target, load(target) + v); };
    for (std::int64_t oy = 0; oy < 2 * in.height; ++oy) {
        const auto v = source(oy, in.height);
        auto *upper = gradX + v.at * in.width * kBlock, *lower = gradX + v.next * in.width * kBlock;
        for (std::int64_t ox = 0; ox < 2 * in.width; ++ox) {
            const auto h = source(ox, in.width);
            const auto grad = load(gradY);
            gradY += kBlock;
            const auto left = grad * (1 - h.share), right = grad * h.share;
            add(upper + h.at * kBlock, left * (1 - v.share));
            add(upper + h.next * kBlock, right * (1 - v.share));
            add(lower + h.at * kBlock, left * v.share);
            add(lower + h.next * kBlock, right * v.share);
        }
    }
}

void weave(const float *x, std::int64_t step, Extent in, float *y)
{
    for (std::int64_t row = 0; row < in.height; ++row)
        for (int odd = 0; odd < 2; ++odd)
            for (std::int64_t column = 0; column < in.width; ++column) {
                const auto *from = x + 2 * odd * step + (row * in.width + column) * kBlock;
                store(y, load(from));
                store(y + kBlock, load(from + step));
                y += 2 * kBlock;
            }
}

void unweave(const float *y, std::int64_t step, Extent in, float *x)
{
    for (std::int64_t row = 0; row < in.height; ++row)
        for (int odd = 0; odd < 2; ++odd)
            for (std::int64_t column = 0; column < in.width; ++column) {
                auto *to = x + 2 * odd * step + (row * in.width + column) * kBlock;
                store(to, load(y));
                store(to + step, load(y + kBlock));
                y += 2 * kBlock;
            }
}

} // namespace masque::fast::kernels
