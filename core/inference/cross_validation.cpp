// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/cross_validation.h"

#include "core/base/Random.h"
#include "core/runs/run.h"

#include <algorithm>
#include <filesystem>

namespace masque {

namespace {

constexpr int kMostFolds = 10, kSteps = 1000;

/// The run's options for a network that is judged by nobody while it learns.
RunOptions foldOptions(const RunInfo &run)
{
    RunOptions options = run.options;
    options.data.valRatio = options.data.testRatio = 0;
    options.training.patience = 0;
    if (readRun(options.data.init)) // a run has seen the labels
        options.data.init.clear();
    return options;
}

/// All of them but the fold's to learn from; those are set aside.
Dataset datasetWithout(const Dataset &dataset, const LabelSet &labels, const std::vector<std::size_t> &items,
                       std::size_t fold, std::size_t folds)
{
    Dataset part = dataset;
    part.labels = labels;
    part.items.clear();
    for (std::size_t k = 0; k < items.size(); ++k) {
        part.items.push_back(dataset.items[items[k]]);
        part.items.back().split = k % folds == fold ? Split::Test : Split::Train;
    }
    return part;
}

} // namespace

Result<std::vector<Fold>> trainFolds(const FoldsRequest &request, const ModelList &models, std::stop_token stop,
                                     const Progress &progress)
{
    const auto run = readRun(request.run);
    if (!run)
        return run.error();
    if (request.folds < 2 || request.folds > kMostFolds)
        return Error{ErrorCode::Option, "folds is " + std::to_string(request.folds) + ", expected 2 to 10", "folds"};
    const auto folds = static_cast<std::size_t>(request.folds);
    if (request.items.size() < 2 * folds)
        return Error{ErrorCode::Data,
                     request.dataset->root + ": " + std::to_string(request.items.size())
                         + " labelled images are too few for " + std::to_string(folds) + " folds",
                     request.dataset->root};
    auto items = request.items;
    Random(run->options.training.seed).shuffle(items);
    std::vector<Fold> trained;
    for (std::size_t k = 0; k < folds; ++k) {
        const auto path =
            std::filesystem::path(run->folder) / "folds" / (std::to_string(k + 1) + "-of-" + std::to_string(folds));
        auto known = readRun(path.string());
        if (request.again || (known && known->state == "failed")) {
            std::error_code failed; // executeRun says what is wrong with the folder
            std::filesystem::remove_all(path, failed);
            known = readRun(path.string());
        }
        if (!known || known->state != "finished") {
            const RunRequest next{.dataset = known ? request.dataset
                                                   : std::make_shared<const Dataset>(
                                                       datasetWithout(*request.dataset, run->labels, items, k, folds)),
                                  .options = foldOptions(*run),
                                  .folder = path.string(),
                                  .resume = bool(known)};
            RunSink sink;
            sink.step = [&](const StepReport &step) {
                const double done = (step.epoch - 1 + static_cast<double>(step.step) / step.steps) / step.epochs;
                if (progress)
                    progress(k * kSteps + static_cast<std::size_t>(done * kSteps), folds * kSteps);
            };
            if (auto made = executeRun(next, models, stop, sink); !made)
                return made.error();
            if (stop.stop_requested())
                return std::vector<Fold>();
        }
        auto split = readRunSplit(path.string(), *request.dataset);
        if (!split)
            return split.error();
        trained.push_back({path.string(), std::move(split->test)});
        if (progress)
            progress((k + 1) * kSteps, folds * kSteps);
    }
    return trained;
}

} // namespace masque
