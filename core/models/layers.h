// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/ops/upsample_bilinear2d.h>
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

inline torch::Tensor doubledBilinear(const torch::Tensor &x)
{
    return at::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, true);
}

} // namespace masque
