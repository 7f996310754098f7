// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/SampleLoader.h"
#include "core/runs/run.h"

#include <memory>

/// From a request to a training that is ready to begin; private to core/runs. Writes nothing.
namespace masque {

/// What of the request becomes a run: a new one, or the one that is taken up again.
struct Plan {
    RunInfo run;
    SplitIndices split;
    bool isResumed = false; ///< it has trained before
};
/// Errors say what is wrong with the data: no annotation at all, one class only, no training image.
Result<Plan> planRun(const RunRequest &, const TrainingSink &, std::stop_token);

struct PreparedRun {
    std::unique_ptr<SampleLoader> train, val; ///< what setup points to
    TrainingSetup setup;
};
/// Builds the network, and fills in plan.run what is known only now. Errors: unknown model or device, options, weights
/// to start from that do not fit.
Result<PreparedRun> prepareRun(Plan &, const RunRequest &, const ModelList &, std::stop_token);

/// "1 image", "3 images".
std::string countText(std::size_t count, const char *noun);

} // namespace masque
