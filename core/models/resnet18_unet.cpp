// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/fast.h"
#include "core/models/Network.h"
#include "core/models/layers.h"

#include <torch/nn/init.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

namespace masque {

namespace {

using torch::nn::BatchNorm2d, torch::nn::Conv2d, torch::nn::Conv2dOptions, torch::nn::ReLU, torch::nn::ReLUOptions,
    torch::nn::Sequential;

Conv2d bareConv(int in, int out, int kernel, int stride)
{
    return Conv2d(Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

/// He et al. 2015, "Deep residual learning", sec. 3.3; names as torchvision's BasicBlock.
class BasicBlock : public torch::nn::Module {
public:
    BasicBlock(int in, int out, int stride)
        : m_conv1(register_module("conv1", bareConv(in, out, 3, stride))),
          m_bn1(register_module("bn1", BatchNorm2d(out))), m_conv2(register_module("conv2", bareConv(out, out, 3, 1))),
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

/// ResNet-18 without its classifier; the state_dict of torchvision's resnet18 fits it name by name.
class ResNet18Encoder : public torch::nn::Module {
public:
    explicit ResNet18Encoder(int inputChannels)
        : m_conv1(
            register_module("conv1", Conv2d(Conv2dOptions(inputChannels, 64, 7).stride(2).padding(3).bias(false)))),
          m_bn1(register_module("bn1", BatchNorm2d(64)))
    {
        int in = 64;
        for (const int out : {64, 128, 256, 512}) {
            const int stride = out == 64 ? 1 : 2;
            m_layers.push_back(register_module(
                "layer" + std::to_string(m_layers.size() + 1),
                Sequential(std::make_shared<BasicBlock>(in, out, stride), std::make_shared<BasicBlock>(out, out, 1))));
            in = out;
        }
        for (const auto &module : modules(false))
            if (const auto *conv = module->as<Conv2d>())
                torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanOut, torch::kReLU);
    }
    /// Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the image.
    std::vector<torch::Tensor> forward(torch::Tensor x)
    {
        std::vector<torch::Tensor> features = {fast::convNorm(x, *m_conv1, m_bn1.get(), fast::Activation::Relu)};
        x = fast::maxPool(features[0], 3, 2, 1);
        for (auto &layer : m_layers) {
            x = layer->forward(x);
            features.push_back(x);
        }
        return features;
    }

private:
    Conv2d m_conv1;
    BatchNorm2d m_bn1;
    std::vector<Sequential> m_layers;
};

/// U-Net on a ResNet-18 encoder: 1x1 lateral convolutions, bilinear decoder, a skip at every scale down to full
/// resolution.
class ResNet18UNet : public Network {
public:
    ResNet18UNet(int inputChannels, int outputChannels, bool batchNorm, InputNorm norm)
        : Network(inputChannels, norm), m_batchNorm(batchNorm),
          m_encoder(register_module("encoder", std::make_shared<ResNet18Encoder>(inputChannels))),
          m_full{convRelu(inputChannels, 64, 3), convRelu(64, 64, 3)},
          m_head(register_module("head", convRelu(64 + 128, 64, 3))),
          m_last(register_module("last", Conv2d(Conv2dOptions(64, outputChannels, 1))))
    {
        for (const int channels : {64, 64, 128, 256, 512})
            m_lateral.push_back(convRelu(channels, channels, 1));
        for (const auto &[in, out] : {std::pair{256 + 512, 512}, {128 + 512, 256}, {64 + 256, 256}, {64 + 256, 128}})
            m_up.push_back(convRelu(in, out, 3));
        registerList(*this, "full", m_full);
        registerList(*this, "lateral", m_lateral);
        registerList(*this, "up", m_up);
        // LibTorch's own initialisation shrinks the signal from layer to layer: without normalisation the decoder would
        // learn next to nothing in its first epochs.
        for (const auto &item : named_modules("", false))
            if (auto *conv = item.value()->as<Conv2d>();
                conv && item.key().rfind("encoder.", 0) != 0 && conv != m_last.get()) {
                torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanIn, torch::kReLU); // He et al. 2015
                torch::nn::init::zeros_(conv->bias);
            }
    }
    int stride() const override { return 32; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        const auto full = fast::forward(*m_full[1], fast::forward(*m_full[0], x));
        const auto features = m_encoder->forward(x);
        auto y = fast::forward(*m_lateral[4], features[4]);
        for (std::size_t k = 0; k < 4; ++k) {
            const auto lateral = fast::forward(*m_lateral[3 - k], features[3 - k]);
            y = fast::forward(*m_up[k], fast::joined(fast::doubled(y), {lateral}));
        }
        return fast::logits(fast::forward(*m_head, fast::joined(fast::doubled(y), {full})), *m_last);
    }

private:
    Sequential convRelu(int in, int out, int kernel) const
    {
        Sequential layers(Conv2d(Conv2dOptions(in, out, kernel).padding(kernel / 2)));
        if (m_batchNorm)
            layers->push_back(BatchNorm2d(out));
        layers->push_back(ReLU(ReLUOptions(true)));
        return layers;
    }

    bool m_batchNorm;
    std::shared_ptr<ResNet18Encoder> m_encoder;
    std::vector<Sequential> m_full, m_lateral, m_up;
    Sequential m_head;
    Conv2d m_last;
};

class ResNet18UNetFactory : public ModelFactory {
public:
    std::string id() const override { return "resnet18-unet"; }
    std::string title() const override { return "ResNet-18 U-Net"; }
    std::string task() const override { return "segmentation"; }
    std::string help() const override
    {
        return "Sees more context and tells more classes apart than the plain U-Net, and takes longer; ResNet-18 "
               "encoder (He et al. 2015) with skips at every scale, trained from scratch.";
    }
    const std::vector<OptionSpec> &optionSpecs() const override
    {
        static const std::vector<OptionSpec> specs = {batchNormSpec(), inputNormSpec()};
        return specs;
    }
    Result<std::shared_ptr<Network>> build(const NetworkSpec &spec, std::uint64_t seed) const override
    try {
        const auto options = checkedOptions(spec, optionSpecs());
        if (!options)
            return options.error();
        const SeededScope seeded(seed);
        return std::shared_ptr<Network>(std::make_shared<ResNet18UNet>(
            spec.inputChannels, spec.outputChannels, (*options)["batch_norm"].toBool(), inputNorm(*options)));
    } catch (...) {
        return torchError("building the network resnet18-unet");
    }
};

} // namespace

std::shared_ptr<const ModelFactory> resnet18UnetFactory()
{
    static const auto factory = std::make_shared<const ResNet18UNetFactory>();
    return factory;
}

} // namespace masque
