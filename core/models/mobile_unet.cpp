// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/MobileNetEncoder.h"
#include "core/models/fast/fast.h"
#include "core/models/layers.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>

namespace masque {

namespace {

using torch::nn::BatchNorm2d, torch::nn::Conv2d, torch::nn::Conv2dOptions, torch::nn::ReLU, torch::nn::ReLUOptions,
    torch::nn::Sequential;

/// U-Net on a MobileNetV2 encoder: 1x1 lateral convolutions, depthwise separable decoder down to half the resolution,
/// from where the logits are enlarged bilinearly.
class MobileUNet : public Network {
public:
    MobileUNet(const NetworkSpec &spec, const Json &options)
        : Network(spec.inputChannels, inputNorm(options)),
          m_encoder(register_module(
              "encoder", std::make_shared<MobileNetEncoder>(spec.inputChannels, options["width"].toDouble())))
    {
        const double width = options["width"].toDouble();
        const int decoded[] = {32, 32, 64, 96, 128}; // channels at 1/2 to 1/32
        for (std::size_t k = 0; k < 5; ++k) {
            const int out = widened(decoded[k], width);
            m_lateral.push_back(
                Sequential(bareConv(m_encoder->channels()[k], out, 1, 1), BatchNorm2d(out), ReLU(ReLUOptions(true))));
        }
        for (std::size_t k = 4; k-- > 0;) {
            const int below = widened(decoded[k + 1], width), out = widened(decoded[k], width), in = below + out;
            m_up.push_back(Sequential(depthwiseConv(in, 3, 1), BatchNorm2d(in), ReLU(ReLUOptions(true)),
                                      bareConv(in, out, 1, 1), BatchNorm2d(out), ReLU(ReLUOptions(true))));
        }
        m_last = Conv2d(Conv2dOptions(widened(decoded[0], width), spec.outputChannels, 1));
        registerList(*this, "lateral", m_lateral);
        registerList(*this, "up", m_up);
        register_module("last", m_last);
        initDecoder(*this, *m_last);
    }
    int stride() const override { return 32; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        const auto y = decoded(m_encoder->forward(x), m_lateral, m_up);
        return fast::enlarged(fast::logits(y, *m_last), 2, fast::Corners::Aligned);
    }

private:
    std::shared_ptr<MobileNetEncoder> m_encoder;
    std::vector<Sequential> m_lateral, m_up;
    Conv2d m_last{nullptr};
};

} // namespace

std::shared_ptr<const ModelFactory> mobileUnetFactory()
{
    static const auto factory = networkFactory(
        {"mobile-unet", "Mobile U-Net",
         "Few parameters and little work a pixel, for live use and slow machines; MobileNetV2 encoder "
         "(Sandler et al. 2018), depthwise separable decoder."},
        {{.key = "width",
          .label = "Width",
          .help = "Channels of every layer, as a share of MobileNetV2's: fewer are quicker and see less.",
          .group = "Model",
          .type = OptionType::Real,
          .defaultValue = 1.0,
          .minimum = 0.25,
          .maximum = 1.5},
         inputNormSpec()},
        [](const auto &spec, const auto &options) { return std::make_shared<MobileUNet>(spec, options); });
    return factory;
}

} // namespace masque
