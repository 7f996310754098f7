// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/ResNetEncoder.h"
#include "core/models/fast/fast.h"
#include "core/models/layers.h"

namespace masque {

namespace {

using torch::nn::Conv2d, torch::nn::Conv2dOptions, torch::nn::Sequential;

/// U-Net on a ResNet encoder: 1x1 lateral convolutions, bilinear decoder, a skip at every scale down to full
/// resolution.
class ResNetUNet : public Network {
public:
    ResNetUNet(const NetworkSpec &spec, const Json &options, const std::array<int, 4> &blocks)
        : Network(spec.inputChannels, inputNorm(options)),
          m_encoder(register_module(
              "encoder", std::make_shared<ResNetEncoder>(spec.inputChannels, blocks, ResNetEncoder::Last::Strided)))
    {
        const auto norm = normOf(options);
        m_full = {convBlock(spec.inputChannels, 64, 3, norm), convBlock(64, 64, 3, norm)};
        m_head = register_module("head", convBlock(64 + 128, 64, 3, norm));
        m_last = register_module("last", Conv2d(Conv2dOptions(64, spec.outputChannels, 1)));
        for (const int channels : ResNetEncoder::kChannels)
            m_lateral.push_back(convBlock(channels, channels, 1, norm));
        for (const auto &[in, out] : {std::pair{256 + 512, 512}, {128 + 512, 256}, {64 + 256, 256}, {64 + 256, 128}})
            m_up.push_back(convBlock(in, out, 3, norm));
        registerList(*this, "full", m_full);
        registerList(*this, "lateral", m_lateral);
        registerList(*this, "up", m_up);
        initDecoder(*this, *m_last);
    }
    int stride() const override { return 32; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        const auto full = fast::forward(*m_full[1], fast::forward(*m_full[0], x));
        const auto features = m_encoder->forward(x);
        const auto y = decoded(features, m_lateral, m_up);
        return fast::logits(fast::forward(*m_head, fast::joined(fast::doubled(y), {full})), *m_last);
    }

private:
    std::shared_ptr<ResNetEncoder> m_encoder;
    std::vector<Sequential> m_full, m_lateral, m_up;
    Sequential m_head{nullptr};
    Conv2d m_last{nullptr};
};

std::shared_ptr<const ModelFactory> factory(NetworkText text, const std::array<int, 4> &blocks)
{
    return networkFactory(std::move(text), {normSpec(), inputNormSpec()}, [=](const auto &spec, const auto &options) {
        return std::make_shared<ResNetUNet>(spec, options, blocks);
    });
}

} // namespace

std::shared_ptr<const ModelFactory> resnet18UnetFactory()
{
    static const auto result = factory({"resnet18-unet", "ResNet-18 U-Net",
                                        "Sees more context and tells more classes apart than the plain U-Net, and "
                                        "takes longer; ResNet-18 encoder (He et al. 2015) with skips at every scale, "
                                        "trained from scratch."},
                                       kResNet18);
    return result;
}

std::shared_ptr<const ModelFactory> resnet34UnetFactory()
{
    static const auto result = factory({"resnet34-unet", "ResNet-34 U-Net",
                                        "As resnet18-unet with an encoder twice as deep (He et al. 2015): for many "
                                        "images and classes that look alike."},
                                       kResNet34);
    return result;
}

} // namespace masque
