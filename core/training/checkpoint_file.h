// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/Network.h"
#include "core/training/weights/safetensors.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Checkpoints as training writes and resumes them; private to core/training.
namespace masque {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

inline constexpr std::string_view kCheckpointFormat = "masque-checkpoint-1";
inline constexpr std::string_view kNetworkPrefix = "network."; ///< of the weights' names in a checkpoint
/// Parameters and buffers as "network.NAME", sharing their memory.
NamedTensors networkTensors(const Network &network);
/// safetensors' names of types: "F32", "I64", ...; of the types that checkpoints hold.
std::string typeName(torch::ScalarType type);
std::optional<torch::ScalarType> typeNamed(std::string_view name);
/// A copy on the CPU; type must be the blob's.
torch::Tensor tensorOf(const TensorBlob &blob, torch::ScalarType type);

/// Where a training stands: after some finished epochs and steps of the next one.
struct TrainingProgress {
    int epoch = 0; ///< epochs finished
    int bestEpoch = 0;
    double bestMetric = 0;
    double seconds = 0; ///< of training, all parts of the run together

    int step = 0; ///< training steps done in the epoch that is under way
    int images = 0;
    double lossSum = 0, lastLoss = 0;
    double passSeconds = 0;

    double rateFactor = 1; ///< on the schedule's rate: what plateaus and rescues have made of it
    int rescues = 0;
    int plateau = 0;    ///< epochs since validation last improved, or since the rate was lowered for it
    int firstSteps = 0; ///< the watchdog's, see Watchdog::FirstSteps
    double firstStepsSum = 0;

    Json toJson() const;
    static TrainingProgress fromJson(const Json &);
};

/// The network's parameters and buffers as "network.NAME" and whatever more, atomically.
Result<void> saveCheckpoint(const std::string &path, const NetworkSpec &spec, const Network &network,
                            const NamedTensors &more, const Json &runInfo, const TrainingProgress &progress);

/// Copies a checkpoint of the same spec into network and more. Errors leave both in an undefined state.
Result<TrainingProgress> restoreCheckpoint(const std::string &path, const NetworkSpec &spec, const Network &network,
                                           const NamedTensors &more);

} // namespace masque
