// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/fast/Activation.h"

#include <torch/types.h>

#include <string>
#include <vector>

namespace torch::nn {
class Module;
class BatchNorm2dImpl;
class Conv2dImpl;
class ConvTranspose2dImpl;
class SequentialImpl;
} // namespace torch::nn

/// What networks are made of, in two ways: as LibTorch computes it, or on the processor's fast path. A network is
/// written once, in these functions, over LibTorch's own modules (names, initialisation and checkpoints stay theirs).
///
/// The fast path is oneDNN called directly, in float32: activations stay blocked from layer to layer, [N, C/16, H, W,
/// 16] as a plain five-dimensional tensor, 3x3 convolutions by Winograd's F(4x4, 3x3), depthwise ones directly,
/// batch normalisation with its ReLU in two passes, none while evaluating. It is taken where a Scope asks for
/// it, this build and processor have it, and the tensor is float32 on the CPU; a layer that it has no form for is done
/// by LibTorch and the next goes on. Every function takes both kinds of activation and is differentiable. Thread-safe.
namespace masque::fast {

/// Built with oneDNN 2, LibTorch's own library of that version loaded, and a processor with AVX-512.
bool isAvailable();

/// While it lives, this thread's networks take the fast path, if wanted and available.
class Scope {
public:
    explicit Scope(bool wanted);
    ~Scope();
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

private:
    bool m_before;
};

/// A step of a network that a Recording saw.
struct Step {
    const torch::nn::Module *module = nullptr; ///< null: it has no weights
    std::string what;                          ///< without a module: "Max pooling 2"; else what follows: "ReLU"
    std::vector<std::int64_t> sizes;           ///< of its output, [N, C, H, W]
};
/// While it lives, it notes what this thread's networks do, by whichever path.
class Recording {
public:
    Recording();
    ~Recording();
    Recording(const Recording &) = delete;
    Recording &operator=(const Recording &) = delete;
    const std::vector<Step> &steps() const { return m_steps; }

private:
    std::vector<Step> m_steps;
};

/// Convolution, batch normalisation (unless null; running statistics are updated as LibTorch does) and activation. In
/// evaluation without gradients the normalisation is folded into the weights.
torch::Tensor convNorm(const torch::Tensor &x, torch::nn::Conv2dImpl &conv, torch::nn::BatchNorm2dImpl *norm,
                       Activation activation);
/// The layers one after another; convolution, batch normalisation and ReLU or ReLU6 in a row are taken as convNorm.
torch::Tensor forward(torch::nn::SequentialImpl &layers, torch::Tensor x);
/// A network's last layer: logits as [N, K, H, W].
torch::Tensor logits(const torch::Tensor &x, torch::nn::Conv2dImpl &conv);
/// a + b.
torch::Tensor add(const torch::Tensor &a, const torch::Tensor &b);
/// max(0, a + b).
torch::Tensor addRelu(const torch::Tensor &a, const torch::Tensor &b);
torch::Tensor maxPool(const torch::Tensor &x, int kernel, int stride, int padding);
/// Bilinear enlargement of height and width by a whole factor, as [N, C, H, W]; aligned: the corners' centres stay.
enum class Corners { Aligned, Free };
torch::Tensor enlarged(const torch::Tensor &x, int factor, Corners corners);
/// As [N, C, H, W], whatever it was.
torch::Tensor plain(const torch::Tensor &x);

/// One of the tensors that joined() lays side by side, and what is still to be done to it on the way.
struct Part {
    enum class Rise { None, Bilinear, Weave };
    torch::Tensor x;
    Rise rise = Rise::None;
};
/// Twice the height and width: bilinear with aligned corners.
Part doubled(const torch::Tensor &x);
/// The same by a transposed convolution of kernel 2 and stride 2.
Part doubled(const torch::Tensor &x, torch::nn::ConvTranspose2dImpl &conv);
/// The channels of first, then those of second.
torch::Tensor joined(const Part &first, const Part &second);
/// The channels of all, one after another.
torch::Tensor joined(const std::vector<torch::Tensor> &parts);

} // namespace masque::fast
