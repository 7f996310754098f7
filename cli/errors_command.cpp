// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"

#include "core/inference/label_errors.h"
#include "core/runs/run.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace masque {

namespace {

struct ErrorsOptions {
    std::string run, data, format, device = "auto";
    std::size_t most = 20;
    int folds = 0;
    bool again = false, json = false;
};

void print(const LabelErrors &errors, const Dataset &dataset, std::size_t most)
{
    std::printf("%8s  %-40s %-9s %-24s %s\n", "score", "image", "what", "label", "at");
    for (std::size_t i = 0; i < std::min(most, errors.images.size()); ++i) {
        const auto &image = errors.images[i];
        const auto &file = dataset.items[image.item].image;
        if (image.isByLoss()) {
            std::printf("%8.2f  %-40s %-9s %.1f times the usual in training\n", image.score, file.c_str(), "loss",
                        image.lossRatio);
            continue;
        }
        if (image.doubts.empty())
            continue;
        const auto &doubt = image.doubts.front();
        const auto given = errors.labels[doubt.given].name, seen = errors.labels[doubt.seen].name;
        std::printf("%8.2f  %-40s %-9s %-24s %d,%d %dx%d\n", image.score, file.c_str(),
                    std::string(doubtName(doubt.kind)).c_str(), (given == seen ? given : given + " -> " + seen).c_str(),
                    doubt.box.x, doubt.box.y, doubt.box.width, doubt.box.height);
    }
}

Result<LabelErrors> doubtsOfRun(const CommandContext &context, const ErrorsOptions &given, const Dataset &dataset,
                                const std::vector<std::size_t> &items)
{
    auto predictor = Predictor::load(given.run, context.registry.models, given.device);
    if (!predictor)
        return predictor.error();
    ProgressLine progress("looking for label errors");
    return findLabelErrors(*predictor, dataset, items, context.stop, progress.counter());
}

Result<LabelErrors> doubtsOfFolds(const CommandContext &context, const ErrorsOptions &given,
                                  const std::string &runFolder, const Dataset &dataset,
                                  const std::vector<std::size_t> &items)
{
    Result<std::vector<Fold>> folds = std::vector<Fold>();
    {
        ProgressLine progress("cross-validating");
        folds = trainFolds({.run = given.run,
                            .dataset = std::make_shared<const Dataset>(dataset),
                            .items = items,
                            .folds = given.folds,
                            .again = given.again},
                           context.registry.models, context.stop, progress.counter());
    }
    if (!folds)
        return folds.error();
    ProgressLine progress("looking for label errors");
    return findLabelErrors(*folds, runFolder, context.registry.models, given.device, dataset, context.stop,
                           progress.counter());
}

Result<void> listErrors(const CommandContext &context, const ErrorsOptions &given)
{
    const auto run = readRun(given.run);
    if (!run)
        return run.error();
    const bool isOwn = given.data.empty();
    auto indexed = openIndexed(context, isOwn ? run->datasetRoot : given.data,
                               isOwn && given.format.empty() ? run->datasetFormat : given.format, {});
    if (!indexed)
        return indexed.error();
    const auto fitted = fittedToTask({.dataset = std::make_shared<const Dataset>(std::move(indexed->dataset)),
                                      .summaries = std::move(indexed->summaries),
                                      .options = run->options});
    if (!fitted)
        return fitted.error();
    std::vector<std::size_t> items;
    for (std::size_t i = 0; i < fitted->summaries.size(); ++i)
        if (const auto status = fitted->summaries[i].status;
            status == ItemStatus::Labelled || status == ItemStatus::Reviewed)
            items.push_back(i);
    const auto errors = given.folds > 0 ? doubtsOfFolds(context, given, run->folder, *fitted->dataset, items)
                                        : doubtsOfRun(context, given, *fitted->dataset, items);
    if (!errors)
        return errors.error();
    if (context.stop.stop_requested())
        return Error{ErrorCode::Io, "interrupted", given.run};
    for (const auto &problem : errors->skipped)
        std::fprintf(stderr, "skipped %s: %s\n", problem.file.c_str(), problem.message.c_str());
    if (given.json)
        printJson(errors->toJson(*fitted->dataset));
    else
        print(*errors, *fitted->dataset, given.most);
    return {};
}

} // namespace

void addErrorsCommand(CLI::App &app, CommandList &commands)
{
    auto given = std::make_shared<ErrorsOptions>();
    auto *command = app.add_subcommand("errors", "List labels that a run doubts, the likeliest to be wrong first");
    command->add_option("run", given->run, "the run's folder or a checkpoint in it")->required();
    command->add_option("data", given->data, "another dataset [the run's own]");
    command->add_option("--format", given->format, "the dataset's format, if it is not recognised");
    command->add_option("--folds", given->folds,
                        "cross-validate: train so many networks (2 to 10), each without the images that it is then "
                        "asked about, so that none knows a wrong label by heart; kept in RUN/folds [none]");
    command->add_flag("--again", given->again, "train the folds anew");
    command->add_option("--most", given->most, "images to list")->capture_default_str();
    command->add_option("--device", given->device, "auto, cpu or cuda")->capture_default_str();
    command->add_flag("--json", given->json, "one JSON document on stdout: every image");
    commands.push_back({command, [given](const CommandContext &context) { return listErrors(context, *given); }});
}

} // namespace masque
