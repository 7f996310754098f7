// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/blocked.h"

/// For builds without oneDNN 2: nothing here is ever called, since nothing becomes blocked.
namespace masque::fast {

bool isAvailable()
{
    return false;
}

namespace blocked {

namespace {

torch::Tensor missing()
{
    TORCH_CHECK(false, "this build has no fast path");
}

} // namespace

torch::Tensor convolution(const torch::Tensor &, const Filter &, Activation)
{
    return missing();
}

torch::Tensor foldedConvolution(const torch::Tensor &, const Filter &, torch::nn::BatchNorm2dImpl *, Activation)
{
    return missing();
}

torch::Tensor batchNorm(const torch::Tensor &, torch::nn::BatchNorm2dImpl &, Activation)
{
    return missing();
}

torch::Tensor addRelu(const torch::Tensor &, const torch::Tensor &)
{
    return missing();
}

torch::Tensor maxPool(const torch::Tensor &, int, int, int)
{
    return missing();
}

torch::Tensor joined(const Part &, const Part &)
{
    return missing();
}

} // namespace blocked
} // namespace masque::fast
