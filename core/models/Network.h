// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"

#include <torch/nn/module.h>
#include <torch/types.h>

#include <mutex>

/// Private to core/models and core/training: the only header with LibTorch types that the two share.
namespace masque {

/// How a network brings plain pixels into the range it learns best in.
enum class InputNorm {
    Image,   ///< each channel about the image's own mean, all by its own spread: light and tint do not matter
    ImageNet ///< by ImageNet's mean and standard deviation, as torchvision's encoders expect them
};

/// A network that says a class of each pixel, or of the whole image. Owns the normalisation of its input, so that
/// whoever feeds it gives plain 0..1 pixels, and the padding, so that any image size works. Never moves data between
/// devices.
class Network : public torch::nn::Module {
public:
    /// images: float32 [N, C, H, W], RGB, 0..1, any H and W -> logits [N, K, H, W], of whole images [N, K, 1, 1].
    /// Replicates the border up to a multiple of stride() and crops the logits back.
    torch::Tensor logits(const torch::Tensor &images);
    /// logits' two steps beside the padding, for whoever writes the network down for other programs.
    torch::Tensor normalised(const torch::Tensor &images) const;
    torch::Tensor ofNormalised(const torch::Tensor &images) { return forward(images); }
    /// Height and width that forward takes are multiples of this.
    virtual int stride() const = 0;
    int inputChannels() const { return m_inputChannels; }

protected:
    /// InputNorm::ImageNet registers "mean" and "std".
    Network(int inputChannels, InputNorm norm);
    /// images: normalised, sides multiples of stride().
    virtual torch::Tensor forward(torch::Tensor images) = 0;

private:
    int m_inputChannels;
    torch::Tensor m_mean, m_std; ///< [C, 1, 1]; undefined for InputNorm::Image
};

/// While it lives, LibTorch's CPU generator draws from seed; afterwards it goes on as if nothing had been. One at a
/// time, so that networks built on two threads do not disturb each other.
class SeededScope {
public:
    explicit SeededScope(std::uint64_t seed);
    ~SeededScope();
    SeededScope(const SeededScope &) = delete;
    SeededScope &operator=(const SeededScope &) = delete;

private:
    std::unique_lock<std::mutex> m_lock;
    torch::Tensor m_state;
};

/// spec.options with the defaults of what it does not name; errors name the option, or the channel count.
Result<Json> checkedOptions(const NetworkSpec &spec, const std::vector<OptionSpec> &specs);

/// Compute threads of the calling thread; 0: as many as the machine has. Debian's LibTorch would take one.
int setComputeThreads(int threads);

/// The exception in flight as an Error; call it in catch (...). doing: "training", for the message.
Error torchError(const std::string &doing);

} // namespace masque
