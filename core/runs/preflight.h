// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"
#include "core/training/probe.h"

#include <functional>
#include <string>
#include <vector>

namespace masque {

/// Something that was found before training: what it is, and the way out.
struct PreflightFinding {
    enum class Severity { Note, Warning, Problem };
    Severity severity = Severity::Note;
    std::string kind; ///< problem-images, class-missing, class-rare, empty-masks, duplicates, neighbours,
                      ///< no-validation, one-batch, memory
    std::string message;
    std::vector<std::string> images = {}; ///< it is about these, the first few
};

struct PreflightReport {
    std::size_t train = 0, val = 0, test = 0; ///< images
    struct ClassShare {
        std::string name;
        double train = 0, val = 0; ///< of the pixels that are not ignored, 0..1
    };
    std::vector<ClassShare> classes;
    std::vector<PreflightFinding> findings;
    BatchProbe probe;
    double seconds = 0;            ///< the whole training is expected to take
    std::int64_t memoryBytes = -1; ///< it is expected to need; -1: not known here
    std::int64_t availableBytes = -1;
    Json toJson() const;
};

using PreflightProgress = std::function<void(double fraction, const std::string &what)>;

/// Looks at everything that could spoil a training before it begins, within about seconds for the trial on one batch
/// and the time of reading every image once: labels against classes, masks that are empty or do not fit, pixel shares,
/// images that training and validation share (pHash, Zauner 2010) or that are neighbours in a video, whether one batch
/// can be learnt by heart, time and memory. Writes nothing. Errors as executeRun's before its first step.
Result<PreflightReport> preflight(const RunRequest &, const ModelList &, double seconds, std::stop_token,
                                  const PreflightProgress &);

/// findLearningRate for the request's data and network.
Result<RateTest> testLearningRates(const RunRequest &, const ModelList &, std::stop_token,
                                   const std::function<void(double fraction)> &progress);

/// findBatchSize for the request's data and network. budgetBytes 0: most of what the machine has free.
Result<BatchTest> testBatchSizes(const RunRequest &, const ModelList &, std::int64_t budgetBytes, std::stop_token,
                                 const std::function<void(double fraction)> &progress);

} // namespace masque
