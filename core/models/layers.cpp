// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/layers.h"

#include "core/models/fast/fast.h"

#include <torch/nn/init.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/normalization.h>

#include <algorithm>

namespace masque {

namespace {

using torch::nn::BatchNorm2d, torch::nn::Conv2d, torch::nn::Conv2dOptions, torch::nn::GroupNorm,
    torch::nn::GroupNormOptions, torch::nn::ReLU, torch::nn::ReLUOptions, torch::nn::Sequential;

/// Wu and He 2018, table 3: 32 groups, or as many as leave each some channels to be compared.
int groupsOf(int channels)
{
    constexpr int kMostGroups = 32, kLeastChannels = 8;
    int groups = std::clamp(channels / kLeastChannels, 1, kMostGroups);
    while (channels % groups != 0)
        --groups;
    return groups;
}

class Factory : public ModelFactory {
public:
    using Make = std::function<std::shared_ptr<Network>(const NetworkSpec &, const Json &)>;
    Factory(NetworkText text, std::vector<OptionSpec> specs, Make make)
        : m_text(std::move(text)), m_specs(std::move(specs)), m_make(std::move(make))
    {
    }
    std::string id() const override { return m_text.id; }
    std::string title() const override { return m_text.title; }
    std::string task() const override { return m_text.task; }
    std::string help() const override { return m_text.help; }
    const std::vector<OptionSpec> &optionSpecs() const override { return m_specs; }
    Result<std::shared_ptr<Network>> build(const NetworkSpec &spec, std::uint64_t seed) const override
    try {
        const auto options = checkedOptions(spec, m_specs);
        if (!options)
            return options.error();
        const SeededScope seeded(seed);
        return m_make(spec, *options);
    } catch (...) {
        return torchError("building the network " + m_text.id);
    }

private:
    NetworkText m_text;
    std::vector<OptionSpec> m_specs;
    Make m_make;
};

} // namespace

OptionSpec normSpec()
{
    return {.key = "norm",
            .label = "Normalisation",
            .help = "batch: trains fast and stably; group: the same for batches of one or two images; none: neither.",
            .group = "Model",
            .type = OptionType::Choice,
            .defaultValue = "batch",
            .choices = {"batch", "group", "none"},
            .advanced = true};
}

Norm normOf(const Json &options)
{
    const auto &norm = options["norm"].toString();
    return norm == "batch" ? Norm::Batch : norm == "group" ? Norm::Group : Norm::None;
}

void addNorm(Sequential &layers, Norm norm, int channels)
{
    if (norm == Norm::Batch)
        layers->push_back(BatchNorm2d(channels));
    else if (norm == Norm::Group)
        layers->push_back(GroupNorm(GroupNormOptions(groupsOf(channels), channels)));
}

void addConvBlock(Sequential &layers, int in, int out, int kernel, Norm norm)
{
    layers->push_back(Conv2d(Conv2dOptions(in, out, kernel).padding(kernel / 2)));
    addNorm(layers, norm, out);
    layers->push_back(ReLU(ReLUOptions(true)));
}

Sequential convBlock(int in, int out, int kernel, Norm norm)
{
    Sequential layers;
    addConvBlock(layers, in, out, kernel, norm);
    return layers;
}

Conv2d bareConv(int in, int out, int kernel, int stride, int dilation)
{
    return Conv2d(
        Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2 * dilation).dilation(dilation).bias(false));
}

Conv2d depthwiseConv(int channels, int kernel, int stride)
{
    return Conv2d(
        Conv2dOptions(channels, channels, kernel).stride(stride).padding(kernel / 2).groups(channels).bias(false));
}

torch::Tensor decoded(const std::vector<torch::Tensor> &features, const std::vector<Sequential> &lateral,
                      const std::vector<Sequential> &up)
{
    auto k = features.size() - 1;
    auto y = fast::forward(*lateral[k].ptr(), features[k]);
    for (const auto &layers : up) {
        --k;
        const auto beside = fast::forward(*lateral[k].ptr(), features[k]);
        y = fast::forward(*layers.ptr(), fast::joined(fast::doubled(y), {beside}));
    }
    return y;
}

void initForRelu(torch::nn::Module &module)
{
    if (auto *conv = module.as<Conv2d>()) {
        torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanIn, torch::kReLU);
        if (conv->bias.defined())
            torch::nn::init::zeros_(conv->bias);
    }
}

void initDecoder(torch::nn::Module &network, const torch::nn::Module &last)
{
    for (const auto &item : network.named_modules("", false))
        if (!item.key().starts_with("encoder.") && item.value().get() != &last)
            initForRelu(*item.value());
}

void initByOutputs(torch::nn::Module &module)
{
    for (const auto &part : module.modules(false))
        if (auto *conv = part->as<Conv2d>())
            torch::nn::init::kaiming_normal_(conv->weight, 0, torch::kFanOut, torch::kReLU);
}

OptionSpec dropoutSpec(double defaultValue)
{
    return {.key = "dropout",
            .label = "Dropout",
            .help = "Share of what the deepest layers see that each training step leaves out, against overfitting.",
            .group = "Model",
            .type = OptionType::Real,
            .defaultValue = defaultValue,
            .minimum = 0,
            .maximum = 0.9,
            .advanced = true};
}

OptionSpec inputNormSpec()
{
    return {.key = "input_norm",
            .label = "Input normalisation",
            .help = "image: by each image's own mean and spread, so that light and tint do not matter; imagenet: by "
                    "ImageNet's, for encoders that were trained there.",
            .group = "Model",
            .type = OptionType::Choice,
            .defaultValue = "image",
            .choices = {"image", "imagenet"},
            .advanced = true};
}

InputNorm inputNorm(const Json &options)
{
    return options["input_norm"].toString() == "imagenet" ? InputNorm::ImageNet : InputNorm::Image;
}

std::shared_ptr<const ModelFactory>
networkFactory(NetworkText text, std::vector<OptionSpec> specs,
               std::function<std::shared_ptr<Network>(const NetworkSpec &, const Json &options)> make)
{
    return std::make_shared<const Factory>(std::move(text), std::move(specs), std::move(make));
}

} // namespace masque
