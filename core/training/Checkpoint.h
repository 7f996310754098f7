// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"

#include <memory>
#include <string>
#include <vector>

namespace masque {

/// A checkpoint is a safetensors file (https://github.com/huggingface/safetensors): 8 bytes of header length, a JSON
/// header, raw tensors. Reading it runs no code and checks every offset against the file. "network.*" are the weights,
/// "optimizer.*" its state; __metadata__ holds the network's spec, runInfo and progress.
struct LoadedCheckpoint {
    NetworkSpec spec;
    std::shared_ptr<Network> network; ///< built and filled, on the CPU, eval mode
    Json runInfo;
    int epoch = 0;
};

/// Builds the network by the factory of models that the file names and fills it. Errors: truncated or foreign file,
/// unknown model, missing, unexpected or mis-shaped parameter by name.
Result<LoadedCheckpoint> loadCheckpoint(const std::string &path, const ModelList &models);

/// Only the metadata (fast, reads no weights): {"spec", "run_info", "progress": {"epoch", "best_epoch", "best_metric",
/// "seconds"}, "epoch"}.
Result<Json> readCheckpointInfo(const std::string &path);

} // namespace masque
