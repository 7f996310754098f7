// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/fine_tune.h"

#include "core/base/Random.h"

#include <algorithm>
#include <set>

namespace masque {

namespace {

constexpr std::size_t kOldPerNew = 4, kLeastOld = 256; ///< images seen before, learnt again
constexpr double kRate = 3e-4;                         ///< low: what was learnt before is to stay
constexpr const char *kLastLayer = "!last";            ///< of every network for whole images

/// What the runs of a chain of fine-tunings were given, positions in the dataset.
struct Seen {
    std::vector<std::size_t> first; ///< the training images of the run that the chain began with
    std::set<std::size_t> later;    ///< and those that were added to it
    std::set<std::size_t> all;      ///< val and test, too
    SplitIndices last;              ///< of the run itself
};

Result<Seen> seenBy(RunInfo run, const Dataset &dataset)
{
    Seen seen;
    std::set<std::string> passed; // a parent that is its own child ends the chain
    for (bool isFirst = true;; isFirst = false) {
        auto split = readRunSplit(run.folder, dataset);
        if (!split)
            return split.error();
        for (const auto *part : {&split->train, &split->val, &split->test})
            seen.all.insert(part->begin(), part->end());
        if (isFirst)
            seen.last = *split;
        seen.later.insert(seen.first.begin(), seen.first.end());
        seen.first = std::move(split->train);
        passed.insert(run.folder);
        if (run.options.training.freeze != kLastLayer || passed.count(run.parent))
            break;
        auto parent = readRun(run.parent);
        if (!parent) // it was deleted; what it learnt is in the weights
            break;
        run = std::move(*parent);
    }
    for (const std::size_t item : seen.first)
        seen.later.erase(item);
    return seen;
}

Result<std::vector<std::size_t>> unseenOf(const Seen &seen, const RunInfo &run, const Dataset &dataset)
{
    std::vector<std::size_t> unseen;
    for (std::size_t i = 0; i < dataset.items.size(); ++i) {
        const auto &item = dataset.items[i];
        if (seen.all.count(i) || item.split == Split::Val || item.split == Split::Test)
            continue;
        const auto name = imageClass(dataset, item, run.labels);
        if (!name)
            return name.error();
        if (run.labels.idOf(*name).value_or(kIgnoreId) != kIgnoreId)
            unseen.push_back(i);
    }
    return unseen;
}

Result<void> checkTask(const RunInfo &run, const Dataset &dataset)
{
    if (dataset.task == Task::Classification)
        return {};
    return Error{ErrorCode::Data, run.folder + ": only a run that tells classes of whole images is fine-tuned",
                 run.folder};
}

} // namespace

Result<std::vector<std::size_t>> unseenImages(const RunInfo &run, const Dataset &dataset)
{
    if (auto fit = checkTask(run, dataset); !fit)
        return fit.error();
    const auto seen = seenBy(run, dataset);
    return seen ? unseenOf(*seen, run, dataset) : Result<std::vector<std::size_t>>(seen.error());
}

Result<RunInfo> fineTune(const FineTuneRequest &request, const ModelList &models, std::stop_token stop,
                         const RunSink &sink)
{
    const auto run = readRun(request.run);
    if (!run)
        return run.error();
    const auto fitted = fittedToTask({.dataset = request.dataset, .options = run->options});
    if (!fitted)
        return fitted.error();
    const Dataset &all = *fitted->dataset;
    if (auto fit = checkTask(*run, all); !fit)
        return fit.error();
    auto seen = seenBy(*run, all);
    if (!seen)
        return seen.error();
    const auto unseen = unseenOf(*seen, *run, all);
    if (!unseen)
        return unseen.error();
    if (unseen->empty())
        return Error{ErrorCode::Data, all.root + ": no image with a class of " + run->name + " is new to it", all.root};

    Dataset part = all;
    part.items.clear();
    part.labels = run->labels;
    const auto take = [&](std::size_t item, Split split) {
        part.items.push_back(all.items[item]);
        part.items.back().split = split;
    };
    std::set<std::size_t> added = seen->later;
    added.insert(unseen->begin(), unseen->end());
    for (const std::size_t item : added)
        take(item, Split::Train);
    Random(run->options.training.seed).shuffle(seen->first);
    seen->first.resize(std::min(seen->first.size(), std::max(kLeastOld, kOldPerNew * added.size())));
    for (const std::size_t item : seen->first)
        take(item, Split::Train);
    for (const std::size_t item : seen->last.val)
        take(item, Split::Val);
    for (const std::size_t item : seen->last.test) // stays aside
        take(item, Split::Test);

    RunRequest next{.dataset = std::make_shared<const Dataset>(std::move(part)), .options = run->options};
    next.options.data.init = run->folder;
    next.options.data.initLayers.clear();
    next.options.augmentation.mixup = 0;
    auto &training = next.options.training;
    const TrainingOptions defaults;
    training.epochs = request.epochs;
    training.optimizer = defaults.optimizer;
    training.lr = kRate;
    training.schedule = defaults.schedule;
    training.freeze = kLastLayer;
    training.freezeEpochs = training.patience = 0;
    training.warmupEpochs = training.ema = 0;
    return executeRun(next, models, stop, sink);
}

} // namespace masque
