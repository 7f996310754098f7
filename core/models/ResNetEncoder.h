// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

#include <array>
#include <vector>

/// Private to core/models.
namespace masque {

inline constexpr std::array kResNet18 = {2, 2, 2, 2}, kResNet34 = {3, 4, 6, 3}; ///< blocks of each layer

/// He et al. 2015, "Deep residual learning", table 1, of basic blocks and without the classifier; the state_dict of
/// torchvision's resnet18 or resnet34 fits it name by name.
class ResNetEncoder : public torch::nn::Module {
public:
    static constexpr std::array kChannels = {64, 64, 128, 256, 512}; ///< of the features

    /// dilated: layer4 keeps the size of layer3 and sees as far by a dilation of 2 (Chen et al. 2017, sec. 3.1). The
    /// first convolution after the place of the stride stays as it was; torchvision dilates bottlenecks alone, and that
    /// is what its first 3x3 does there.
    enum class Last { Strided, Dilated };
    ResNetEncoder(int inputChannels, const std::array<int, 4> &blocks, Last last);
    /// Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the image (dilated: 1/16 again).
    std::vector<torch::Tensor> forward(torch::Tensor x);

private:
    torch::nn::Conv2d m_conv1;
    torch::nn::BatchNorm2d m_bn1;
    std::vector<torch::nn::Sequential> m_layers;
};

} // namespace masque
