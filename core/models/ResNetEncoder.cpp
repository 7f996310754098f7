// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/ResNetEncoder.h"

#include "core/models/fast/fast.h"
#include "core/models/layers.h"

namespace masque {

namespace {

using torch::nn::BatchNorm2d, torch::nn::Conv2d, torch::nn::Sequential;

/// He et al. 2015, sec. 3.3; names as torchvision's BasicBlock.
class BasicBlock : public torch::nn::Module {
public:
    BasicBlock(int in, int out, int stride, int firstDilation, int dilation)
        : m_conv1(register_module("conv1", bareConv(in, out, 3, stride, firstDilation))),
          m_bn1(register_module("bn1", BatchNorm2d(out))),
          m_conv2(register_module("conv2", bareConv(out, out, 3, 1, dilation))),
          m_bn2(register_module("bn2", BatchNorm2d(out)))
    {
        if (stride != 1 || in != out)
            m_downsample = register_module("downsample", Sequential(bareConv(in, out, 1, stride), BatchNorm2d(out)));
    }
    torch::Tensor forward(torch::Tensor x)
    {
        const auto inner = fast::convNorm(x, *m_conv1, m_bn1.get(), fast::Activation::Relu);
        const auto y = fast::convNorm(inner, *m_conv2, m_bn2.get(), fast::Activation::None);
        return fast::addRelu(y, m_downsample ? fast::forward(*m_downsample, x) : x);
    }

private:
    Conv2d m_conv1;
    BatchNorm2d m_bn1;
    Conv2d m_conv2;
    BatchNorm2d m_bn2;
    Sequential m_downsample{nullptr};
};

} // namespace

ResNetEncoder::ResNetEncoder(int inputChannels, const std::array<int, 4> &blocks, Last last)
    : m_conv1(register_module("conv1", bareConv(inputChannels, 64, 7, 2))),
      m_bn1(register_module("bn1", BatchNorm2d(64)))
{
    int in = 64;
    for (std::size_t k = 0; k < blocks.size(); ++k) {
        const int out = kChannels[k + 1];
        const bool isDilated = last == Last::Dilated && k + 1 == blocks.size();
        const int stride = k == 0 || isDilated ? 1 : 2, dilation = isDilated ? 2 : 1;
        Sequential layer(std::make_shared<BasicBlock>(in, out, stride, 1, dilation));
        for (int i = 1; i < blocks[k]; ++i)
            layer->push_back(std::make_shared<BasicBlock>(out, out, 1, dilation, dilation));
        m_layers.push_back(register_module("layer" + std::to_string(k + 1), layer));
        in = out;
    }
    initByOutputs(*this);
}

std::vector<torch::Tensor> ResNetEncoder::forward(torch::Tensor x)
{
    std::vector<torch::Tensor> features = {fast::convNorm(x, *m_conv1, m_bn1.get(), fast::Activation::Relu)};
    x = fast::maxPool(features[0], 3, 2, 1);
    for (auto &layer : m_layers) {
        x = layer->forward(x);
        features.push_back(x);
    }
    return features;
}

} // namespace masque
