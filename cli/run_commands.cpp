// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"
#include "cli/train_options.h"

#include "core/base/text.h"
#include "core/inference/TrainingWatcher.h"
#include "core/inference/classify.h"
#include "core/inference/evaluate.h"
#include "core/runs/index/run_keeping.h"
#include "core/runs/run.h"
#include "core/training/ranks/Ranks.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace masque {

namespace {

/// Training told to a person at a terminal or to a log file.
class TrainingReporter {
public:
    explicit TrainingReporter(Task task) : m_isOfImages(task == Task::Classification) {}
    RunSink sink()
    {
        RunSink sink;
        sink.start = [this](const RunStart &start) {
            const auto &run = start.run;
            m_progress.message("run " + run.folder);
            m_progress.message(run.options.data.model + ", " + std::to_string(start.parameters) + " parameters, "
                               + start.device + "; " + std::to_string(start.split.train.size()) + " training, "
                               + std::to_string(start.split.val.size()) + " validation, "
                               + std::to_string(start.split.test.size()) + " test images; classes "
                               + joinText(run.labels.names(), ", "));
        };
        sink.message = [this](const std::string &text) { m_progress.message(text); };
        sink.finding = [this](const Finding &finding) { m_progress.message("! " + finding.message); };
        sink.step = [this](const StepReport &step) {
            const double done =
                (step.epoch - 1 + static_cast<double>(step.step) / std::max(1, step.steps)) / step.epochs;
            char text[160];
            std::snprintf(text, sizeof text, "epoch %d/%d %s, loss %.4f, %.1f images/s, %s left", step.epoch,
                          step.epochs, step.split.c_str(), step.loss, step.imagesPerSecond,
                          formatDuration(step.secondsLeft).c_str());
            m_progress.show(std::min(done, 1.0), text);
        };
        sink.epoch = [this](const EpochReport &epoch) {
            char text[200];
            const auto &metrics = epoch.metrics;
            if (m_isOfImages)
                std::snprintf(text, sizeof text,
                              "epoch %3d %-5s loss %.4f  accuracy %.4f  balanced %.4f  macro F1 %.4f  %.1f s%s",
                              epoch.epoch, epoch.split.c_str(), metrics.loss, metrics.pixelAccuracy,
                              metrics.balancedAccuracy, metrics.meanDice, epoch.seconds, epoch.best ? "  best" : "");
            else
                std::snprintf(text, sizeof text,
                              "epoch %3d %-5s loss %.4f  mean IoU %.4f  foreground Dice %.4f  accuracy %.4f  %.1f s%s",
                              epoch.epoch, epoch.split.c_str(), metrics.loss, metrics.meanIou, metrics.foregroundDice,
                              metrics.pixelAccuracy, epoch.seconds, epoch.best ? "  best" : "");
            m_progress.message(text);
        };
        return sink;
    }

private:
    ProgressLine m_progress{"training"};
    const bool m_isOfImages;
};

Result<void> trainRun(const CommandContext &context, const TrainOptions &given, const std::shared_ptr<Ranks> &ranks)
{
    auto request = runRequest(context, given);
    if (!request)
        return request.error();
    request->ranks = ranks;
    TrainingReporter reporter(request->dataset->task);
    auto sink = reporter.sink();
    TrainingWatcher watcher({});
    if (given.watch) {
        sink.start = [&, told = sink.start](const RunStart &start) {
            told(start);
            watcher.begin(*request->dataset, start.run, start.split);
        };
        sink.watch = [&](const std::shared_ptr<Network> &network, const WatchMoment &moment) {
            watcher.look(network, moment);
        };
    }
    const auto run = executeRun(*request, context.registry.models, context.stop, sink);
    if (!run)
        return run.error();
    if (ranks && !ranks->isFirst())
        return {};
    std::printf("%s\n", run->folder.c_str());
    std::fprintf(stderr, "%s after %s, best epoch %d with %s %.4f; masque predict %s PATH --out DIR\n",
                 run->state.c_str(), formatDuration(run->seconds).c_str(), run->bestEpoch,
                 run->options.training.metric.c_str(), run->bestMetric, run->folder.c_str());
    return {};
}

/// Alone, or as one of those that a launcher started.
Result<void> trainRun(const CommandContext &context, const TrainOptions &given)
{
    const auto launch = readLaunch();
    if (!launch)
        return launch.error();
    if (!*launch)
        return trainRun(context, given, nullptr);
    if ((*launch)->rank == 0)
        std::fprintf(stderr, "rank 0 of %d waits for the others at %s:%d\n", (*launch)->size,
                     (*launch)->address.c_str(), (*launch)->port);
    auto joined = Ranks::join(**launch, context.stop);
    if (!joined)
        return joined.error();
    const std::shared_ptr<Ranks> ranks = std::move(*joined);
    auto done = trainRun({context.registry, context.stop, !ranks->isFirst()}, given, ranks);
    if (done)
        return done;
    ranks->leave(done.error().message);
    return Error{done.error().code, "rank " + std::to_string(ranks->rank()) + ": " + done.error().message,
                 done.error().context};
}

struct EvaluateOptions {
    std::string run, data, split, format, device = "auto";
    bool json = false;
};

/// Which images are meant: the run's stored split on its own data, the data's own split on other data.
Result<std::vector<std::size_t>> chosenItems(const EvaluateOptions &given, const IndexedDataset &indexed, bool ownData,
                                             const std::string &runFolder, const std::string &split)
{
    const auto &dataset = indexed.dataset;
    std::vector<std::size_t> labelled;
    for (std::size_t i = 0; i < dataset.items.size(); ++i)
        if (indexed.summaries[i].status == ItemStatus::Labelled || indexed.summaries[i].status == ItemStatus::Reviewed)
            labelled.push_back(i);
    if (split == "all")
        return labelled;
    if (ownData) {
        auto stored = readRunSplit(runFolder, dataset);
        if (!stored)
            return stored.error();
        return split == "train" ? stored->train : split == "val" ? stored->val : stored->test;
    }
    std::vector<std::size_t> items;
    for (const auto i : labelled)
        if (splitName(dataset.items[i].split) == split)
            items.push_back(i);
    if (items.empty())
        return Error{ErrorCode::Data, given.data + ": has no annotated image in the split '" + split + "'", given.data};
    return items;
}

/// Keeps what the test split was asked, and says how often it was by now.
Result<void> noteTestUse(const RunInfo &run, const Predictor &predictor, const TestUse &use,
                         const std::vector<std::size_t> &items, const Dataset &dataset)
{
    const auto split = readRunSplit(run.folder, dataset);
    if (!split)
        return split.error();
    const bool isLooked = std::any_of(split->test.begin(), split->test.end(), [&](std::size_t item) {
        return std::find(items.begin(), items.end(), item) != items.end();
    });
    if (!isLooked)
        return {};
    TestUse noted = use;
    noted.checkpoint = std::filesystem::path(predictor.checkpointPath()).filename().string();
    if (auto kept = recordTestUse(run.folder, noted); !kept)
        return kept;
    const auto uses = run.tests.size() + 1;
    std::fprintf(stderr, "the test split of this run was looked at %s now%s\n",
                 uses == 1 ? "once" : (std::to_string(uses) + " times").c_str(),
                 uses == 1 ? "" : ": the more often it decides anything, the less its figures say");
    return {};
}

void printEvaluation(const Evaluation &evaluation)
{
    const auto &m = evaluation.metrics;
    std::printf("%s, %d images: loss %.4f, pixel accuracy %.4f, mean IoU %.4f, mean Dice %.4f, foreground IoU %.4f, "
                "foreground Dice %.4f, boundary F1 %.4f\n",
                evaluation.split.c_str(), evaluation.images, m.loss, m.pixelAccuracy, m.meanIou, m.meanDice,
                m.foregroundIou, m.foregroundDice, evaluation.boundary.meanF1());
    std::printf("%-24s %8s %8s %11s %14s\n", "class", "IoU", "Dice", "boundary F1", "pixels");
    for (int id = 0; id < evaluation.labels.size(); ++id)
        std::printf("%-24s %8.4f %8.4f %11.4f %14lld\n", evaluation.labels[id].name.c_str(),
                    evaluation.confusion.iou(id), evaluation.confusion.dice(id), evaluation.boundary.f1(id),
                    static_cast<long long>(evaluation.confusion.truthPixels(id)));
}

void printClasses(const ClassEvaluation &evaluation)
{
    const auto &m = evaluation.metrics;
    std::printf("%s, %zu images: loss %.4f, accuracy %.4f, balanced accuracy %.4f, macro F1 %.4f, calibration error "
                "%.4f\n",
                evaluation.split.c_str(), evaluation.images.size(), m.loss, m.pixelAccuracy, m.balancedAccuracy,
                m.meanDice, evaluation.ece);
    std::printf("%-24s %9s %8s %8s %8s\n", "class", "precision", "recall", "F1", "images");
    for (int id = 0; id < evaluation.labels.size(); ++id)
        std::printf("%-24s %9.4f %8.4f %8.4f %8lld\n", evaluation.labels[id].name.c_str(),
                    evaluation.confusion.precision(id), evaluation.confusion.recall(id), evaluation.confusion.dice(id),
                    static_cast<long long>(evaluation.confusion.truthPixels(id)));
}

Result<void> evaluateRun(const CommandContext &context, const EvaluateOptions &given)
{
    auto run = readRun(given.run);
    if (!run)
        return run.error();
    auto predictor = Predictor::load(given.run, context.registry.models, given.device);
    if (!predictor)
        return predictor.error();
    const std::string data = given.data.empty() ? run->datasetRoot : given.data;
    std::error_code ignored;
    const bool ownData = given.data.empty() || std::filesystem::equivalent(data, run->datasetRoot, ignored);
    auto indexed = openIndexed(context, data, given.format.empty() && ownData ? run->datasetFormat : given.format, {});
    if (!indexed)
        return indexed.error();
    const std::string split = !given.split.empty() ? given.split : ownData ? "val" : "all";
    auto items = chosenItems(given, *indexed, ownData, run->folder, split);
    if (!items)
        return items.error();
    ProgressLine progress("evaluating");
    const auto tell = [&](const auto &evaluation, int images, const auto &print) -> Result<void> {
        if (!evaluation)
            return evaluation.error();
        if (context.stop.stop_requested())
            return Error{ErrorCode::Io, "interrupted", given.run};
        const TestUse use{.split = split, .images = images, .metrics = evaluation->metrics};
        if (ownData)
            if (auto noted = noteTestUse(*run, *predictor, use, *items, indexed->dataset); !noted)
                return noted;
        for (const auto &problem : evaluation->skipped)
            std::fprintf(stderr, "skipped %s: %s\n", problem.file.c_str(), problem.message.c_str());
        if (given.json)
            printJson(evaluation->toJson(indexed->dataset));
        else
            print(*evaluation);
        return {};
    };
    if (predictor->isOfImages()) {
        const auto of = evaluateClasses(*predictor, indexed->dataset, *items, split, context.stop, progress.counter());
        if (of && ownData && split == "val" && !context.stop.stop_requested()) // what it says is then as often right
            if (const auto kept = keepTemperature(*predictor, *of); !kept)
                std::fprintf(stderr, "no temperature is kept: %s\n", kept.error().message.c_str());
        return tell(of, of ? static_cast<int>(of->images.size()) : 0, printClasses);
    }
    const auto of = evaluate(*predictor, indexed->dataset, *items, split, context.stop, progress.counter());
    return tell(of, of ? of->images : 0, printEvaluation);
}

} // namespace

void addRunCommands(CLI::App &app, CommandList &commands, const PluginRegistry &registry)
{
    auto training = std::make_shared<TrainOptions>();
    auto *train = app.add_subcommand("train", "Train a network on a dataset, or go on with a run");
    train->add_option("--run", training->run, "folder of the new run [DATA/.masque/runs/<date>-<model>]");
    train->add_option("--resume", training->resume, "a run to go on with, exactly where its last checkpoint stands");
    train->add_flag("--watch", training->watch,
                    "keep what is seen in four validation images after each epoch (RUN/previews)");
    addTrainOptions(*train, registry, training);
    commands.push_back({train, [training](const CommandContext &context) { return trainRun(context, *training); }});

    auto evaluating = std::make_shared<EvaluateOptions>();
    auto *evaluate = app.add_subcommand("evaluate", "Compare a run's predictions with ground truth");
    evaluate->add_option("run", evaluating->run, "the run's folder or a checkpoint in it")->required();
    evaluate->add_option("data", evaluating->data, "another dataset [the run's own]");
    evaluate->add_option("--split", evaluating->split, "train, val, test or all [val; all for another dataset]")
        ->check(CLI::IsMember({"train", "val", "test", "all"}));
    evaluate->add_option("--format", evaluating->format, "the dataset's format, if it is not recognised");
    evaluate->add_option("--device", evaluating->device, "auto, cpu or cuda")->capture_default_str();
    evaluate->add_flag("--json", evaluating->json, "one JSON document on stdout");
    commands.push_back(
        {evaluate, [evaluating](const CommandContext &context) { return evaluateRun(context, *evaluating); }});
}

} // namespace masque
