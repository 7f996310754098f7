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

/// One look at the test split: a line of the run's tests.jsonl. The more there are, the less its figures say.
struct TestUse {
    std::string when = {};       ///< ISO 8601, local time
    std::string split = {};      ///< test, or all where test images are among them
    std::string checkpoint = {}; ///< file name
    int images = 0;
    MetricValues metrics = {};
};

/// What a run's folder says.
struct RunInfo {
    std::string folder; ///< absolute
    std::string name;
    std::string datasetRoot;
    std::string datasetFormat;
    std::string device;
    std::string started;           ///< ISO 8601, local time
    std::string state;             ///< waiting, running, finished, stopped, failed, imported
    std::string message;           ///< of a failed run
    std::string parent;            ///< the run or checkpoint that its weights come from, if any
    std::string initReport;        ///< what of them fitted
    std::vector<std::string> tags; ///< a person's, as the notes
    std::string notes;
    std::int64_t queue = 0; ///< a waiting run's place: lower ones are first
    RunOptions options;
    LabelSet labels;
    std::vector<EpochReport> epochs; ///< from log.jsonl, train and val
    std::vector<Finding> findings;
    std::vector<TestUse> tests;
    int epochsDone = 0;
    int bestEpoch = 0;
    double bestMetric = 0;
    MetricValues figures; ///< of the best epoch
    double seconds = 0;

    void addEpoch(EpochReport report); ///< to epochs, with what follows from it
    bool canPredict() const;           ///< it has a checkpoint, or a model that was imported
};

/// The state of a run that is in the queue: options and a name, nothing trained yet.
inline constexpr const char *kWaiting = "waiting";
/// That of one which was not trained here: its folder holds model.pt or model.onnx instead of checkpoints.
inline constexpr const char *kImported = "imported";

/// root/.masque/runs, or under XDG_DATA_HOME/masque/<name>-<hash>/ where root cannot be written.
std::string runsFolder(const std::string &datasetRoot);
/// A new, free folder name in it: "2026-11-22-unet", "2026-11-22-unet-2", ...
std::string newRunFolder(const std::string &datasetRoot, const std::string &model);
/// All runs of a dataset, newest first, waiting ones in their order before all; broken ones are left out. Without
/// epochs and findings: those readRun reads.
std::vector<RunInfo> listRuns(const std::string &datasetRoot);
/// One of them by the name of its folder, or any by its path; errors name those that there are.
Result<std::string> findRun(const std::string &datasetRoot, const std::string &run);
/// Reads a run's folder; a checkpoint file in it will do.
Result<RunInfo> readRun(const std::string &path);

class CorrectionQueue;
class Ranks;

struct RunRequest {
    std::shared_ptr<const Dataset> dataset;  ///< indexed
    std::vector<ItemSummary> summaries = {}; ///< of its items; made here where empty
    RunOptions options = {};
    std::string folder = {}; ///< empty: newRunFolder
    /// Go on with the run in folder: its options, classes and split count, options is not read. One that waits begins.
    bool resume = false;
    std::shared_ptr<CorrectionQueue> corrections = {}; ///< of annotations, while it trains; null: there are none
    /// Others that execute the same request at the same time (TrainingSetup::ranks). Rank 0 alone writes and tells.
    std::shared_ptr<Ranks> ranks = {};
};

/// The request with its dataset taken for what the options, or those of the run that is resumed, call its task.
Result<RunRequest> fittedToTask(const RunRequest &);

/// Told once before the first step.
struct RunStart {
    RunInfo run;
    SplitIndices split;
    std::int64_t parameters = 0;
    std::string device;
};
struct RunSink : TrainingSink {
    std::function<void(const RunStart &)> start;
    WatchNetwork watch = {}; ///< now and then, within the training's budget (TrainingSetup)
};

/// Splits, loads, trains, writes everything into the run's folder. Errors before the first step say what is wrong with
/// the data: no annotation at all, one class only, folder not writable, unknown model, size.
Result<RunInfo> executeRun(const RunRequest &, const ModelList &, std::stop_token, const RunSink &);

/// The split stored in the run (RUN/split.json) as positions in dataset; images that are gone are left out.
Result<SplitIndices> readRunSplit(const std::string &runFolder, const Dataset &);

} // namespace masque
