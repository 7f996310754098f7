// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/fast.h"
#include "core/models/layers.h"

#include <torch/nn/modules/dropout.h>

namespace masque {

namespace {

using torch::nn::Conv2d, torch::nn::Conv2dOptions, torch::nn::ConvTranspose2d, torch::nn::ConvTranspose2dOptions,
    torch::nn::Dropout2d, torch::nn::Sequential;

/// Ronneberger et al. 2015, "U-Net"; differs: same padding, normalisation, narrower by default. Dropout stands where
/// theirs does, after the two lowest levels of the contracting path, and drops whole channels (Tompson et al. 2015).
class UNet : public Network {
public:
    UNet(const NetworkSpec &spec, const Json &options)
        : Network(spec.inputChannels, inputNorm(options)), m_depth(static_cast<int>(options["depth"].toInt())),
          m_transposed(options["upsampling"].toString() == "transposed")
    {
        const auto base = static_cast<int>(options["base"].toInt());
        const auto norm = normOf(options);
        const auto dropout = options["dropout"].toDouble();
        const auto width = [&](int level) { return base << level; };
        for (int k = 0; k <= m_depth; ++k) {
            m_down.push_back(doubleConv(k == 0 ? spec.inputChannels : width(k - 1), width(k), norm));
            if (dropout > 0 && k + 1 >= m_depth)
                m_down.back()->push_back(Dropout2d(dropout));
        }
        for (int k = m_depth - 1; k >= 0; --k) {
            if (m_transposed)
                m_trans.emplace_back(ConvTranspose2dOptions(width(k + 1), width(k), 2).stride(2));
            m_up.push_back(doubleConv(m_transposed ? 2 * width(k) : width(k + 1) + width(k), width(k), norm));
        }
        m_last = Conv2d(Conv2dOptions(base, spec.outputChannels, 1));
        registerList(*this, "down", m_down);
        registerList(*this, "trans", m_trans);
        registerList(*this, "up", m_up);
        register_module("last", m_last);
    }

    int stride() const override { return 1 << m_depth; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        const auto depth = static_cast<std::size_t>(m_depth);
        std::vector<torch::Tensor> skips;
        for (std::size_t k = 0; k < depth; ++k) {
            x = fast::forward(*m_down[k], x);
            skips.push_back(x);
            x = fast::maxPool(x, 2, 2, 0);
        }
        x = fast::forward(*m_down[depth], x);
        for (std::size_t k = 0; k < depth; ++k) {
            const auto risen = m_transposed ? fast::doubled(x, *m_trans[k]) : fast::doubled(x);
            x = fast::forward(*m_up[k], fast::joined({skips.back()}, risen));
            skips.pop_back();
        }
        return fast::logits(x, *m_last);
    }

private:
    static Sequential doubleConv(int in, int out, Norm norm)
    {
        auto layers = convBlock(in, out, 3, norm);
        addConvBlock(layers, out, out, 3, norm);
        return layers;
    }

    int m_depth;
    bool m_transposed;
    std::vector<Sequential> m_down, m_up;
    std::vector<ConvTranspose2d> m_trans;
    Conv2d m_last{nullptr};
};

std::vector<OptionSpec> specs()
{
    return {
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
        normSpec(),
        dropoutSpec(0),
        inputNormSpec(),
    };
}

} // namespace

std::shared_ptr<const ModelFactory> unetFactory()
{
    static const auto factory = networkFactory(
        {"unet", "U-Net",
         "Small and quick, trained from scratch: good for few images and simple masks such as portraits "
         "(Ronneberger et al. 2015)."},
        specs(), [](const auto &spec, const auto &options) { return std::make_shared<UNet>(spec, options); });
    return factory;
}

} // namespace masque
