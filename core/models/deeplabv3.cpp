// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/ResNetEncoder.h"
#include "core/models/fast/fast.h"
#include "core/models/layers.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/pooling.h>

namespace masque {

namespace {

using torch::nn::AdaptiveAvgPool2d, torch::nn::BatchNorm2d, torch::nn::Conv2d, torch::nn::Conv2dOptions,
    torch::nn::Dropout, torch::nn::ReLU, torch::nn::ReLUOptions, torch::nn::Sequential;

constexpr int kFeatures = 512, kWidth = 256;
constexpr int kRates[] = {6, 12, 18}; ///< of output stride 16; torchvision's 12, 24, 36 are those of 8

Sequential convNormRelu(int in, int out, int kernel, int dilation = 1)
{
    return Sequential(bareConv(in, out, kernel, 1, dilation), BatchNorm2d(out), ReLU(ReLUOptions(true)));
}

/// Chen et al. 2017, "Rethinking atrous convolution", sec. 3.3: what lies around each place, near and far, and the
/// whole image's mean. Names as torchvision's ASPP.
class Pyramid : public torch::nn::Module {
public:
    explicit Pyramid(double dropout)
        : m_project(Sequential(bareConv(5 * kWidth, kWidth, 1, 1), BatchNorm2d(kWidth), ReLU(ReLUOptions(true)),
                               Dropout(dropout)))
    {
        m_convs.push_back(convNormRelu(kFeatures, kWidth, 1));
        for (const int rate : kRates)
            m_convs.push_back(convNormRelu(kFeatures, kWidth, 3, rate));
        m_convs.push_back(Sequential(AdaptiveAvgPool2d(1), bareConv(kFeatures, kWidth, 1, 1), BatchNorm2d(kWidth),
                                     ReLU(ReLUOptions(true))));
        registerList(*this, "convs", m_convs);
        register_module("project", m_project);
    }
    torch::Tensor forward(torch::Tensor x)
    {
        TORCH_CHECK(!is_training() || x.size(0) > 1,
                    "deeplabv3-resnet18 is trained on batches of two images or more: it normalises what it sees of "
                    "whole images over the batch");
        std::vector<torch::Tensor> parts;
        for (auto &convs : m_convs)
            parts.push_back(fast::forward(*convs, x));
        parts.back() = overAll(parts.back(), parts.front());
        return fast::forward(*m_project, fast::joined(parts));
    }

private:
    /// One value for the whole image, at each of its places.
    static torch::Tensor overAll(const torch::Tensor &pooled, const torch::Tensor &image)
    {
        if (pooled.dim() == image.dim())
            return pooled.expand_as(image);
        auto sizes = pooled.sizes().vec(); // one of them is blocked
        for (const std::size_t side : {2, 3})
            sizes[side] = image.size(static_cast<std::int64_t>(side));
        return pooled.expand(sizes);
    }

    std::vector<Sequential> m_convs;
    Sequential m_project;
};

/// DeepLabV3 on ResNet-18 at output stride 16; the logits are enlarged bilinearly. Names as torchvision's deeplabv3
/// without its auxiliary classifier, which has no ResNet-18: see ResNetEncoder::Last.
class DeepLabV3 : public Network {
public:
    DeepLabV3(const NetworkSpec &spec, const Json &options)
        : Network(spec.inputChannels, inputNorm(options)),
          m_backbone(register_module("backbone", std::make_shared<ResNetEncoder>(spec.inputChannels, kResNet18,
                                                                                 ResNetEncoder::Last::Dilated))),
          m_pyramid(std::make_shared<Pyramid>(options["dropout"].toDouble())),
          m_middle(convNormRelu(kWidth, kWidth, 3)), m_last(Conv2dOptions(kWidth, spec.outputChannels, 1))
    {
        const auto classifier = register_module("classifier", torch::nn::ModuleList());
        classifier->push_back(m_pyramid);
        for (const auto &layer : *m_middle)
            classifier->push_back(layer.ptr());
        classifier->push_back(m_last);
        for (const auto &module : classifier->modules(false))
            if (module != m_last.ptr())
                initForRelu(*module);
    }
    int stride() const override { return 16; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        const auto features = m_backbone->forward(x);
        const auto y = fast::logits(fast::forward(*m_middle, m_pyramid->forward(features.back())), *m_last);
        return fast::enlarged(y, stride(), fast::Corners::Free);
    }

private:
    std::shared_ptr<ResNetEncoder> m_backbone;
    std::shared_ptr<Pyramid> m_pyramid;
    Sequential m_middle; ///< registered layer by layer in the classifier
    Conv2d m_last;
};

} // namespace

std::shared_ptr<const ModelFactory> deeplabv3ResNet18Factory()
{
    static const auto factory =
        networkFactory({"deeplabv3-resnet18", "DeepLabV3 ResNet-18",
                        "Sees each place in the light of the whole image: for scenes with large regions such as "
                        "streets; its edges are softer than a U-Net's (Chen et al. 2017)."},
                       {dropoutSpec(0.5), inputNormSpec()}, [](const auto &spec, const auto &options) {
                           return std::make_shared<DeepLabV3>(spec, options);
                       });
    return factory;
}

} // namespace masque
