// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/MobileNetEncoder.h"

#include "core/models/fast/fast.h"
#include "core/models/layers.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>

#include <algorithm>

namespace masque {

namespace {

using torch::nn::BatchNorm2d, torch::nn::Conv2d, torch::nn::ReLU6, torch::nn::ReLU6Options, torch::nn::Sequential;

Sequential withNorm(const Conv2d &conv)
{
    return Sequential(conv, BatchNorm2d(conv->options.out_channels()), ReLU6(ReLU6Options(true)));
}

} // namespace

/// Sandler et al. 2018, sec. 3: wide inside, each channel filtered by itself, narrow and linear at its ends. Names as
/// torchvision's.
class InvertedResidual : public torch::nn::Module {
public:
    InvertedResidual(int in, int out, int stride, int expansion)
        : m_project(bareConv(in * expansion, out, 1, 1)), m_norm(out), m_isResidual(stride == 1 && in == out)
    {
        const int inner = in * expansion;
        if (expansion > 1)
            m_wide.push_back(withNorm(bareConv(in, inner, 1, 1)));
        m_wide.push_back(withNorm(depthwiseConv(inner, 3, stride)));
        const auto conv = register_module("conv", torch::nn::ModuleList());
        for (const auto &layers : m_wide)
            conv->push_back(layers);
        conv->push_back(m_project);
        conv->push_back(m_norm);
    }
    torch::Tensor forward(torch::Tensor x)
    {
        auto y = x;
        for (auto &layers : m_wide)
            y = fast::forward(*layers, y);
        y = fast::convNorm(y, *m_project, m_norm.get(), fast::Activation::None);
        return m_isResidual ? fast::add(x, y) : y;
    }

private:
    std::vector<Sequential> m_wide;
    Conv2d m_project;
    BatchNorm2d m_norm;
    bool m_isResidual;
};

MobileNetEncoder::MobileNetEncoder(int inputChannels, double width)
    : m_first(withNorm(bareConv(inputChannels, widened(32, width), 3, 2)))
{
    struct Stage {
        int expansion, channels, blocks, stride;
    };
    constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                 {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    const auto features = register_module("features", torch::nn::ModuleList());
    features->push_back(m_first);
    int in = widened(32, width);
    std::size_t scale = 0; // of the features
    for (const auto &stage : kStages) {
        const int out = widened(stage.channels, width);
        for (int i = 0; i < stage.blocks; ++i) {
            const int stride = i == 0 ? stage.stride : 1;
            m_blocks.push_back(std::make_shared<InvertedResidual>(in, out, stride, stage.expansion));
            features->push_back(m_blocks.back());
            in = out;
            scale += stride == 2 ? 1 : 0;
        }
        m_channels[scale] = out;
    }
    initByOutputs(*this);
}

std::vector<torch::Tensor> MobileNetEncoder::forward(torch::Tensor x)
{
    x = fast::forward(*m_first, x);
    std::vector<torch::Tensor> features;
    for (auto &block : m_blocks) {
        const auto y = block->forward(x);
        if (y.size(2) != x.size(2))
            features.push_back(x);
        x = y;
    }
    features.push_back(x);
    return features;
}

int widened(int channels, double width)
{
    constexpr int kStep = 8;
    const double wanted = channels * width;
    const int rounded = std::max(kStep, static_cast<int>(wanted + kStep / 2.0) / kStep * kStep);
    return rounded < 0.9 * wanted ? rounded + kStep : rounded;
}

} // namespace masque
