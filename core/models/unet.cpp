// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/fast.h"
#include "core/models/Network.h"
#include "core/models/layers.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

namespace masque {

namespace {

using torch::nn::BatchNorm2d, torch::nn::Conv2d, torch::nn::Conv2dOptions, torch::nn::ConvTranspose2d,
    torch::nn::ConvTranspose2dOptions, torch::nn::ReLU, torch::nn::ReLUOptions, torch::nn::Sequential;

struct UNetOptions {
    int base = 16;
    int depth = 4;
    bool transposed = true;
    bool batchNorm = true;
    InputNorm inputNorm = InputNorm::Image;
};

/// Ronneberger et al. 2015, "U-Net"; differs: same padding, batch normalisation, narrower by default.
class UNet : public Network {
public:
    UNet(int inputChannels, int outputChannels, UNetOptions options)
        : Network(inputChannels, options.inputNorm), m_options(options)
    {
        const auto width = [&](int level) { return options.base << level; };
        for (int k = 0; k <= options.depth; ++k)
            m_down.push_back(doubleConv(k == 0 ? inputChannels : width(k - 1), width(k)));
        for (int k = options.depth - 1; k >= 0; --k) {
            if (options.transposed)
                m_trans.emplace_back(ConvTranspose2dOptions(width(k + 1), width(k), 2).stride(2));
            m_up.push_back(doubleConv(options.transposed ? 2 * width(k) : width(k + 1) + width(k), width(k)));
        }
        m_last = Conv2d(Conv2dOptions(options.base, outputChannels, 1));
        registerList(*this, "down", m_down);
        registerList(*this, "trans", m_trans);
        registerList(*this, "up", m_up);
        register_module("last", m_last);
    }

    int stride() const override { return 1 << m_options.depth; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        const auto depth = static_cast<std::size_t>(m_options.depth);
        std::vector<torch::Tensor> skips;
        for (std::size_t k = 0; k < depth; ++k) {
            x = fast::forward(*m_down[k], x);
            skips.push_back(x);
            x = fast::maxPool(x, 2, 2, 0);
        }
        x = fast::forward(*m_down[depth], x);
        for (std::size_t k = 0; k < depth; ++k) {
            const auto risen = m_options.transposed ? fast::doubled(x, *m_trans[k]) : fast::doubled(x);
            x = fast::forward(*m_up[k], fast::joined({skips.back()}, risen));
            skips.pop_back();
        }
        return fast::logits(x, *m_last);
    }

private:
    Sequential doubleConv(int in, int out) const
    {
        Sequential layers;
        for (const int from : {in, out}) {
            layers->push_back(Conv2d(Conv2dOptions(from, out, 3).padding(1)));
            if (m_options.batchNorm)
                layers->push_back(BatchNorm2d(out));
            layers->push_back(ReLU(ReLUOptions(true)));
        }
        return layers;
    }

    UNetOptions m_options;
    std::vector<Sequential> m_down, m_up;
    std::vector<ConvTranspose2d> m_trans;
    Conv2d m_last{nullptr};
};

class UNetFactory : public ModelFactory {
public:
    std::string id() const override { return "unet"; }
    std::string title() const override { return "U-Net"; }
    std::string task() const override { return "segmentation"; }
    std::string help() const override
    {
        return "Small and quick, trained from scratch: good for few images and simple masks such as portraits "
               "(Ronneberger et al. 2015).";
    }
    const std::vector<OptionSpec> &optionSpecs() const override
    {
        static const std::vector<OptionSpec> specs = {
            {.key = "base",
             .label = "Base width",
             .help = "Channels of the first level; each level down has twice as many.",
             .group = "Model",
             .type = OptionType::Int,
             .defaultValue = 16,
             .minimum = 8,
             .maximum = 64,
             .unit = "channels"},
            {.key = "depth",
             .label = "Depth",
             .help = "How often the image is halved; image sides are padded to a multiple of 2^depth.",
             .group = "Model",
             .type = OptionType::Int,
             .defaultValue = 4,
             .minimum = 3,
             .maximum = 5,
             .unit = "levels",
             .advanced = true},
            {.key = "upsampling",
             .label = "Upsampling",
             .help = "Learned transposed convolutions, or bilinear interpolation without parameters.",
             .group = "Model",
             .type = OptionType::Choice,
             .defaultValue = "transposed",
             .choices = {"transposed", "bilinear"},
             .advanced = true},
            batchNormSpec(),
            inputNormSpec(),
        };
        return specs;
    }
    Result<std::shared_ptr<Network>> build(const NetworkSpec &spec, std::uint64_t seed) const override
    try {
        const auto options = checkedOptions(spec, optionSpecs());
        if (!options)
            return options.error();
        const SeededScope seeded(seed);
        return std::shared_ptr<Network>(
            std::make_shared<UNet>(spec.inputChannels, spec.outputChannels,
                                   UNetOptions{.base = static_cast<int>((*options)["base"].toInt()),
                                               .depth = static_cast<int>((*options)["depth"].toInt()),
                                               .transposed = (*options)["upsampling"].toString() == "transposed",
                                               .batchNorm = (*options)["batch_norm"].toBool(),
                                               .inputNorm = inputNorm(*options)}));
    } catch (...) {
        return torchError("building the network unet");
    }
};

} // namespace

std::shared_ptr<const ModelFactory> unetFactory()
{
    static const auto factory = std::make_shared<const UNetFactory>();
    return factory;
}

} // namespace masque
