// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/EpochReport.h"

#include <string>
#include <vector>

namespace masque {

/// One training step and what each of its images lost (mean cross-entropy a pixel): from a spike in the curve to the
/// pictures behind it.
struct StepRecord {
    int epoch = 0, step = 0; ///< step from 1 within the epoch
    double lr = 0, loss = 0;
    std::vector<std::size_t> samples = {}; ///< indices in the training source
    std::vector<float> sampleLosses = {};
};

/// A run's log.jsonl (one JSON object a line: start, epochs, messages, findings) and steps.jsonl (one line a training
/// step). Both are appended and never rewritten, except that resuming cuts off what was written after the checkpoint.
class RunLog {
public:
    explicit RunLog(const std::string &runFolder); ///< empty: writes nothing
    /// Starts empty files.
    Result<void> start();
    /// Keeps the epochs up to this one and the steps up to this one of the next; a torn last line goes too. Missing
    /// files are made. Returns the epochs.
    Result<std::vector<EpochReport>> cutAfter(int epoch, int step);
    Result<void> write(const Json &line);
    Result<void> writeMessage(const std::string &message);
    /// Steps are held back until they are flushed.
    void addStep(const StepRecord &);
    Result<void> flushSteps();

private:
    Result<void> cutSteps(int epoch, int step);

    std::string m_path, m_stepsPath, m_steps;
};

/// The steps of a run's steps.jsonl; a step that was trained twice (after a rescue) stands there twice. Lines that are
/// none are left out.
Result<std::vector<StepRecord>> readSteps(const std::string &runFolder);

} // namespace masque
