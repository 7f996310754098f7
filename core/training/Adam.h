// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/checkpoint_file.h"

#include <torch/nn/module.h>

namespace masque {

/// Kingma and Ba 2015, "Adam", algorithm 1, with LibTorch's defaults (beta 0.9 and 0.999, epsilon 1e-8, weight decay as
/// L2). Differs from torch::optim::Adam in nothing but its state, which lies open as plain tensors, so that a
/// checkpoint holds it exactly and reads back in any LibTorch.
class Adam {
public:
    Adam(const torch::nn::Module &network, double weightDecay);
    void clearGradients();
    void step(double lr);
    /// "optimizer.step", "optimizer.mean.NAME", "optimizer.square.NAME": the living tensors, to be saved or copied
    /// into.
    NamedTensors state() const;

private:
    std::vector<std::string> m_names;
    std::vector<torch::Tensor> m_parameters, m_means, m_squares;
    torch::Tensor m_step; ///< int64, on the CPU
    double m_weightDecay;
};

} // namespace masque
