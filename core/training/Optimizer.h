// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/TrainingOptions.h"
#include "core/training/checkpoint_file.h"

#include <torch/nn/module.h>

namespace masque {

/// Steps the weights along their gradients. Differs from torch::optim in nothing but its state, which lies open as
/// plain tensors, so that a checkpoint holds it exactly and reads back in any LibTorch. Defaults as PyTorch's: beta 0.9
/// and 0.999, RMSprop's alpha 0.99, epsilon 1e-8.
///   adam     Kingma and Ba 2015, algorithm 1; weight decay as L2
///   adamw    Loshchilov and Hutter 2019: weight decay apart from the gradient
///   sgd      with momentum (Sutskever et al. 2013, PyTorch's form), Nesterov's if asked for
///   rmsprop  Tieleman and Hinton 2012, with momentum
class Optimizer {
public:
    Optimizer(const torch::nn::Module &network, const TrainingOptions &options);
    void clearGradients();
    /// Divides the gradients by divisor (of an accumulated batch), clips their common L2 norm to options.clipNorm and
    /// steps every parameter that has requires_grad.
    void step(double lr, double divisor = 1);
    /// "optimizer.step", "optimizer.mean.NAME", "optimizer.square.NAME", "optimizer.momentum.NAME": the living
    /// tensors, to be saved or copied into.
    NamedTensors state() const;

private:
    /// What one step works on: the parameters that are not frozen.
    struct Active {
        std::vector<torch::Tensor> parameters, gradients, means, squares, momenta;
    };
    Active active() const;
    void clip(std::vector<torch::Tensor> &gradients) const;
    void stepAdam(Active &, double lr) const;
    void stepSgd(Active &, double lr) const;
    void stepRmsprop(Active &, double lr) const;

    TrainingOptions m_options;
    std::vector<std::string> m_names;
    std::vector<torch::Tensor> m_parameters, m_means, m_squares, m_momenta; ///< the last three as the kind needs them
    torch::Tensor m_step;                                                   ///< int64, on the CPU
};

} // namespace masque
