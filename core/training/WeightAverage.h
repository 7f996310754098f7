// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/checkpoint_file.h"

#include <torch/nn/module.h>

namespace masque {

/// Exponential moving average of the weights and of the float buffers (Polyak and Juditsky 1992; as timm's ModelEma),
/// slower to follow only once there is something to average: decay min(d, (1 + t) / (10 + t)) at update t.
class WeightAverage {
public:
    WeightAverage(const torch::nn::Module &network, double decay);
    /// To be called after each optimiser step.
    void update();
    /// While it lives the network holds the averaged weights. Nothing may step them meanwhile.
    class Scope {
    public:
        explicit Scope(WeightAverage *average); ///< null: does nothing
        ~Scope();
        Scope(const Scope &) = delete;
        Scope &operator=(const Scope &) = delete;

    private:
        WeightAverage *m_average;
    };
    /// "average.updates" and "average.NAME": the living tensors.
    NamedTensors state() const;

private:
    void exchange();

    double m_decay;
    torch::Tensor m_updates; ///< int64, on the CPU
    std::vector<std::string> m_names;
    std::vector<torch::Tensor> m_living, m_averages;
};

} // namespace masque
