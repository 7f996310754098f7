// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/modules/container/sequential.h>
#include <torch/types.h>

#include <array>
#include <memory>
#include <vector>

/// Private to core/models.
namespace masque {

class InvertedResidual;

/// Sandler et al. 2018, "MobileNetV2", table 2, up to its last inverted residual; at width 1 the state_dict of
/// torchvision's mobilenet_v2 fits it name by name ("features.0" to "features.17").
class MobileNetEncoder : public torch::nn::Module {
public:
    MobileNetEncoder(int inputChannels, double width);
    /// Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the image.
    std::vector<torch::Tensor> forward(torch::Tensor x);
    /// Of the features.
    const std::array<int, 5> &channels() const { return m_channels; }

private:
    torch::nn::Sequential m_first;
    std::vector<std::shared_ptr<InvertedResidual>> m_blocks;
    std::array<int, 5> m_channels = {};
};

/// Channels times width, as a multiple of 8 that is not much smaller, as torchvision rounds them.
int widened(int channels, double width);

} // namespace masque
