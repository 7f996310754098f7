// SPDX-License-Identifier: GPL-3.0-or-later
// A network as a plugin: three convolutions that keep the image's size, far too small to be good, trained in seconds. A
// factory says who it is and which options it has; build makes the network. Everything else (form, --flags,
// checkpoints, training, prediction) is made of that.
#include "TinyFcn.h"

#include "core/models/Network.h"

#include <torch/nn/functional/activation.h>
#include <torch/nn/modules/conv.h>

namespace {

using namespace masque;
using torch::nn::Conv2d, torch::nn::Conv2dOptions;

class TinyFcn : public Network {
public:
    TinyFcn(const NetworkSpec &spec, std::int64_t width) : Network(spec.inputChannels, InputNorm::Image)
    {
        // The names here are the names in the checkpoint.
        m_first = register_module("first", Conv2d(Conv2dOptions(spec.inputChannels, width, 5).padding(2)));
        m_second = register_module("second", Conv2d(Conv2dOptions(width, width, 5).padding(4).dilation(2)));
        m_last = register_module("last", Conv2d(Conv2dOptions(width, spec.outputChannels, 1)));
    }
    int stride() const override { return 1; } // it takes images of any size

protected:
    /// images: float32 [N, C, H, W], normalised -> logits [N, K, H, W]; K is spec.outputChannels.
    torch::Tensor forward(torch::Tensor images) override
    {
        const auto seen = torch::relu(m_first->forward(images));
        return m_last->forward(torch::relu(m_second->forward(seen)));
    }

private:
    Conv2d m_first{nullptr}, m_second{nullptr}, m_last{nullptr};
};

class TinyFcnFactory : public ModelFactory {
public:
    std::string id() const override { return "tiny-fcn"; }
    std::string title() const override { return "Tiny FCN"; }
    std::string task() const override { return "segmentation"; }
    std::string help() const override
    {
        return "Three convolutions at full size: a template for networks as plugins (Long et al. 2015 for the idea).";
    }
    const std::vector<OptionSpec> &optionSpecs() const override
    {
        static const std::vector<OptionSpec> specs{{.key = "width",
                                                    .label = "Width",
                                                    .help = "Channels between the convolutions.",
                                                    .group = "Model",
                                                    .type = OptionType::Int,
                                                    .defaultValue = 16,
                                                    .minimum = 4,
                                                    .maximum = 128,
                                                    .unit = "channels"}};
        return specs;
    }
    Result<std::shared_ptr<Network>> build(const NetworkSpec &spec, std::uint64_t seed) const override
    {
        const auto options = checkedOptions(spec, optionSpecs()); // defaults for what is not given; errors by name
        if (!options)
            return options.error();
        const SeededScope seeded(seed); // the same seed gives the same weights
        return std::shared_ptr<Network>(std::make_shared<TinyFcn>(spec, (*options)["width"].toInt()));
    }
};

} // namespace

std::shared_ptr<const ModelFactory> tinyFcnFactory()
{
    return std::make_shared<TinyFcnFactory>();
}
