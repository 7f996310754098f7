// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/datasets/split.h"
#include "core/models/ModelFactory.h"
#include "core/runs/RunOptions.h"
#include "core/training/train.h"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

/// A run as a whole: dataset -> samples -> train() -> run folder. The command line and the studio call the same
/// function.
namespace masque {

/// What a run's folder says.
struct RunInfo {
    std::string folder; ///< absolute
    std::string name;
    std::string datasetRoot;
    std::string datasetFormat;
    std::string device;
    std::string started; ///< ISO 8601, local time
    std::string state;   ///< running, finished, stopped, failed
    std::string message; ///< of a failed run
    std::string parent;  ///< the run or checkpoint that its weights come from, if any
    std::string initReport; ///< what of them fitted
    RunOptions options;
    LabelSet labels;
    std::vector<EpochReport> epochs; ///< from log.jsonl, train and val
    std::vector<Finding> findings;
    int bestEpoch = 0;
    double bestMetric = 0;
    double seconds = 0;
};

/// root/.masque/runs, or under XDG_DATA_HOME/masque/<name>-<hash>/ where root cannot be written.
std::string runsFolder(const std::string &datasetRoot);
/// A new, free folder name in it: "2026-11-22-unet", "2026-11-22-unet-2", ...
std::string newRunFolder(const std::string &datasetRoot, const std::string &model);
/// All runs of a dataset, newest first; broken ones are left out.
std::vector<RunInfo> listRuns(const std::string &datasetRoot);
/// Reads a run's folder; a checkpoint file in it will do.
Result<RunInfo> readRun(const std::string &path);

struct RunRequest {
    std::shared_ptr<const Dataset> dataset;  ///< indexed
    std::vector<ItemSummary> summaries = {}; ///< of its items; made here where empty
    RunOptions options = {};
    std::string folder = {}; ///< empty: newRunFolder
    bool resume = false; ///< go on with the run in folder: its options, classes and split count, options is not read
};

/// Told once before the first step.
struct RunStart {
    RunInfo run;
    SplitIndices split;
    std::int64_t parameters = 0;
    std::string device;
};
struct RunSink : TrainingSink {
    std::function<void(const RunStart &)> start;
};

/// Splits, loads, trains, writes everything into the run's folder. Errors before the first step say what is wrong with
/// the data: no annotation at all, one class only, folder not writable, unknown model, size.
Result<RunInfo> executeRun(const RunRequest &, const ModelList &, std::stop_token, const RunSink &);

/// The split stored in the run (RUN/split.json) as positions in dataset; images that are gone are left out.
Result<SplitIndices> readRunSplit(const std::string &runFolder, const Dataset &);

} // namespace masque
