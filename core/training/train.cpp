// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/train.h"

#include "core/models/fast/KeptMemory.h"
#include "core/training/Trainer.h"
#include "core/training/compute.h"

#include <thread>

namespace masque {

Result<TrainingOutcome> train(const TrainingSetup &setup, std::stop_token stop, const TrainingSink &sink)
try {
    const fast::KeptMemory memory(0);
    // A thread of its own, so that the caller keeps its priority, its gradient mode and its number of compute threads.
    Result<TrainingOutcome> outcome = TrainingOutcome{};
    std::thread worker([&] {
        std::optional<Trainer> trainer;
        try {
            lowerThreadPriority();
            keepMemoryBetweenSteps();
            outcome = trainer.emplace(setup, stop, sink).run();
        } catch (...) {
            outcome = torchError("training");
        }
        if (!outcome && trainer)
            outcome = trainer->withWayOut(outcome.error());
    });
    worker.join();
    releaseKeptMemory();
    return outcome;
} catch (...) {
    return torchError("starting the training");
}

} // namespace masque
