// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/fast/Activation.h"

#include <cstddef>
#include <cstdint>

/// The loops over one plane of a blocked activation: height x width pixels of 16 neighbouring channels each, so that a
/// pixel is one AVX-512 register. kernels.cpp alone is compiled for AVX-512: it includes no library header, whose
/// inline functions the linker could otherwise hand to code that must run on any processor.
namespace masque::fast::kernels {

constexpr int kBlock = 16; ///< channels side by side

struct Extent {
    std::int64_t height = 0, width = 0;
    std::int64_t pixels() const { return height * width; }
};

/// y = a * x + b for each channel, and the activation, which clamps it. All arrays have kBlock floats.
struct Affine {
    const float *scale, *shift;
    Activation activation;
};

/// sum += x - origin and squares += (x - origin)^2 over the plane, for each channel.
void addMoments(const float *x, std::int64_t pixels, const float *origin, double *sum, double *squares);
void applyAffine(const float *x, float *y, std::int64_t pixels, const Affine &affine);
/// With g = grad where the affine's output is not clamped, else 0: sum += g, product += g * (x - mean).
void addAffineGradient(const float *x, const float *grad, std::int64_t pixels, const Affine &affine, const float *mean,
                       double *sum, double *product);
/// out = scale * g + slope * x + offset, with g as above.
void applyAffineGradient(const float *x, const float *grad, float *out, std::int64_t pixels, const Affine &affine,
                         const float *slope, const float *offset);

/// z = max(0, a + b); count is a multiple of kBlock.
void addRelu(const float *a, const float *b, float *z, std::int64_t count);
/// out = grad where z, an activation's output, is not clamped, else 0.
void activationGradient(const float *z, const float *grad, float *out, std::int64_t count, Activation activation);

struct Window {
    int kernel, stride, padding;
};
/// where (may be null): for each output the window's index of the first greatest input.
void maxPool(const float *x, Extent in, float *y, std::uint8_t *where, Extent out, Window window);
/// gradX is overwritten.
void maxPoolGradient(const float *gradY, const std::uint8_t *where, Extent out, float *gradX, Extent in, Window window);

/// Twice the height and width, bilinear with aligned corners.
void doubleBilinear(const float *x, Extent in, float *y);
void doubleBilinearGradient(const float *gradY, Extent in, float *gradX);

/// The four planes x + k * step, k = 2 * (row % 2) + column % 2, woven into one of twice the height and width.
void weave(const float *x, std::int64_t step, Extent in, float *y);
void unweave(const float *y, std::int64_t step, Extent in, float *x);

} // namespace masque::fast::kernels
