// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/fast/Activation.h"

#include <dnnl.hpp>

#include <compare>
#include <cstdint>
#include <memory>

/// oneDNN's compiled convolutions, made once for each shape. Private to core/models/fast; no LibTorch in sight.
namespace masque::fast {

enum class Pass { Forward, InputGradient, WeightGradient };

/// What a compiled convolution depends on.
struct ConvolutionShape {
    Pass pass = Pass::Forward;
    std::int64_t images = 0, in = 0, height = 0, width = 0, out = 0, kernelHeight = 0, kernelWidth = 0;
    std::int64_t stride = 1, padding = 0;
    bool plainInput = false, bias = false, depthwise = false; ///< plain: [N, C, H, W]
    Activation activation = Activation::None;                 ///< of the forward pass
    int threads = 1;                                          ///< the work is divided when it is compiled

    std::int64_t outHeight() const { return outSize(height, kernelHeight); }
    std::int64_t outWidth() const { return outSize(width, kernelWidth); }
    std::int64_t outSize(std::int64_t size, std::int64_t kernel) const
    {
        return (size + 2 * padding - kernel) / stride + 1;
    }
    auto operator<=>(const ConvolutionShape &) const = default;
};

/// weights: as the primitive wants them; reorder brings LibTorch's [O, I, H, W] into that form, or for
/// Pass::WeightGradient the result back into LibTorch's.
struct CompiledConvolution {
    dnnl::primitive primitive, reorder;
    dnnl::memory::desc input, weights, plainWeights, bias, output, scratch;
};

/// Thread-safe; kept for the life of the program. Throws dnnl::error.
std::shared_ptr<const CompiledConvolution> compiledConvolution(const ConvolutionShape &shape);

const dnnl::engine &processor();
/// This thread's.
dnnl::stream &stream();

} // namespace masque::fast
