// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/summary.h"

#include "core/models/Network.h"
#include "core/models/fast/fast.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/conv.h>

#include <map>

namespace masque {

namespace {

std::string pairText(const torch::ExpandingArray<2> &pair)
{
    return std::to_string(pair->at(0)) + "x" + std::to_string(pair->at(1));
}

template <typename Conv>
std::string convolutionText(const char *name, const Conv &conv)
{
    const auto &options = conv.options;
    auto text = std::string(name) + " " + pairText(options.kernel_size());
    if (options.stride()->at(0) != 1)
        text += ", stride " + std::to_string(options.stride()->at(0));
    if (options.dilation()->at(0) != 1)
        text += ", dilation " + std::to_string(options.dilation()->at(0));
    if (options.groups() > 1)
        text += options.groups() == options.in_channels() ? ", depthwise"
                                                          : ", " + std::to_string(options.groups()) + " groups";
    return text;
}

/// "torch::nn::BatchNorm2dImpl" -> "BatchNorm2d"
std::string plainName(const torch::nn::Module &module)
{
    auto name = module.name();
    name = name.substr(name.rfind(':') + 1);
    constexpr std::string_view kSuffix = "Impl";
    return name.ends_with(kSuffix) ? name.substr(0, name.size() - kSuffix.size()) : name;
}

std::string kindOf(const fast::Step &step)
{
    if (step.module == nullptr)
        return step.what;
    auto kind = plainName(*step.module);
    if (const auto *conv = step.module->as<torch::nn::Conv2dImpl>())
        kind = convolutionText("Conv2d", *conv);
    else if (const auto *transposed = step.module->as<torch::nn::ConvTranspose2dImpl>())
        kind = convolutionText("ConvTranspose2d", *transposed);
    return step.what.empty() ? kind : kind + ", " + step.what;
}

} // namespace

Result<NetworkSummary> summarise(Network &network, BatchShape input)
try {
    std::map<const torch::nn::Module *, std::string> names;
    for (const auto &item : network.named_modules("", false))
        names[item.value().get()] = item.key();
    const c10::InferenceMode guard;
    network.to(torch::kCPU);
    network.eval();
    fast::Recording recording;
    network.logits(torch::zeros({input.count, input.channels, input.height, input.width}));
    NetworkSummary summary;
    for (const auto &step : recording.steps()) {
        LayerSummary layer;
        layer.kind = kindOf(step);
        const auto side = [&](std::size_t k) { return static_cast<int>(step.sizes[k]); };
        layer.output = {side(0), side(1), side(2), side(3)};
        if (step.module != nullptr) {
            layer.name = names[step.module];
            for (const auto &parameter : step.module->parameters(false))
                layer.parameters += parameter.numel();
        }
        const bool isInPlace = step.module != nullptr && step.module->as<torch::nn::ReLUImpl>();
        if (!isInPlace)
            summary.activationBytes += static_cast<std::int64_t>(layer.output.elements() * sizeof(float));
        summary.layers.push_back(std::move(layer));
    }
    summary.parameters = parameterCount(network);
    return summary;
} catch (...) {
    return torchError("describing the network");
}

Result<NetworkSummary> summarise(const ModelList &models, const NetworkSpec &spec, int height, int width)
{
    const auto factory = findModel(models, spec.model);
    if (!factory)
        return factory.error();
    const auto network = (*factory)->build(spec, 1);
    if (!network)
        return network.error();
    return summarise(**network, {1, spec.inputChannels, height, width});
}

Json NetworkSummary::toJson() const
{
    Json json = Json::object(), list = Json::array();
    for (const auto &layer : layers) {
        Json entry = Json::object(), shape = Json::array();
        for (const int side : {layer.output.count, layer.output.channels, layer.output.height, layer.output.width})
            shape.push_back(side);
        entry.set("name", layer.name);
        entry.set("kind", layer.kind);
        entry.set("output", std::move(shape));
        entry.set("parameters", layer.parameters);
        list.push_back(std::move(entry));
    }
    json.set("layers", std::move(list));
    json.set("parameters", parameters);
    json.set("activation_bytes", activationBytes);
    return json;
}

} // namespace masque
