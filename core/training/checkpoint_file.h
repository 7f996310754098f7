// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/Network.h"

#include <string>
#include <utility>
#include <vector>

/// Checkpoints as training writes and resumes them; private to core/training.
namespace masque {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

struct TrainingProgress {
    int epoch = 0; ///< epochs finished
    int bestEpoch = 0;
    double bestMetric = 0;
    double seconds = 0;
};

/// The network's parameters and buffers as "network.NAME" and whatever more, atomically.
Result<void> saveCheckpoint(const std::string &path, const NetworkSpec &spec, const Network &network,
                            const NamedTensors &more, const Json &runInfo, const TrainingProgress &progress);

/// Copies a checkpoint of the same spec into network and more. Errors leave both in an undefined state.
Result<TrainingProgress> restoreCheckpoint(const std::string &path, const NetworkSpec &spec, const Network &network,
                                           const NamedTensors &more);

} // namespace masque
