// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/ranks/Ranks.h"

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace torch::autograd {
struct Node;
}

namespace masque {

/// Sums gradients over all ranks while the backward pass still makes others: parameters share buckets, the last layers'
/// first (Li et al. 2020, "PyTorch Distributed", sec. 3.2), and a bucket is sent once it is full. Buckets go in the
/// same order on every rank, whatever order gradients come in. Afterwards each gradient is a view of its bucket.
/// Private to core/training.
class GradientSum {
public:
    /// parameters: those that are trained, in the network's order.
    GradientSum(Ranks &ranks, const std::vector<torch::Tensor> &parameters);
    ~GradientSum();
    GradientSum(const GradientSum &) = delete;
    GradientSum &operator=(const GradientSum &) = delete;

    /// Is it of these parameters?
    bool isOf(const std::vector<torch::Tensor> &parameters) const;
    /// The next backward pass is the last before a step: what it makes, and what was gathered before, is summed.
    void begin();
    /// To be called after it: waits for the sums. A parameter that it did not reach counts as 0 here.
    Result<void> finish();

private:
    struct Parameter {
        torch::Tensor tensor, view; ///< view: of its gradient in the bucket
        std::size_t bucket = 0;
        bool isReady = false;
        std::shared_ptr<torch::autograd::Node> node = {}; ///< that gathers the gradient, and its hook
        std::uintptr_t hook = 0;
    };
    struct Bucket {
        torch::Tensor gradients; ///< [elements]
        int parameters = 0, missing = 0;
    };
    void fillBuckets();
    void take(Parameter &parameter);

    Ranks &m_ranks;
    std::vector<Parameter> m_parameters; ///< from the last to the first
    std::vector<Bucket> m_buckets;
    std::size_t m_next = 0; ///< bucket to be sent
    std::vector<std::function<void()>> m_waits;
    bool m_isOn = false;
    std::string m_failure; ///< of sending, within the backward pass
};

} // namespace masque
