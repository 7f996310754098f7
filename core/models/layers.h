// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"
#include "core/models/Network.h"

#include <torch/nn/modules/container/modulelist.h>

#include <string>
#include <vector>

/// What the networks of this room share; private to it.
namespace masque {

/// Registers modules as owner's "name.0", "name.1", ...
template <typename Module>
void registerList(torch::nn::Module &owner, const std::string &name, const std::vector<Module> &modules)
{
    const auto list = owner.register_module(name, torch::nn::ModuleList());
    for (const auto &module : modules)
        list->push_back(module);
}

inline OptionSpec batchNormSpec()
{
    return {.key = "batch_norm",
            .label = "Batch normalisation",
            .help = "Trains faster and more stably; switch it off for a batch of one or two images.",
            .group = "Model",
            .type = OptionType::Bool,
            .defaultValue = true,
            .advanced = true};
}

inline OptionSpec inputNormSpec()
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
/// The value of that option.
inline InputNorm inputNorm(const Json &options)
{
    return options["input_norm"].toString() == "imagenet" ? InputNorm::ImageNet : InputNorm::Image;
}

} // namespace masque
