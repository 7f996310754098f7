// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"

#include "core/inference/next_image.h"
#include "core/runs/run.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <optional>

namespace masque {

namespace {

struct NextOptions {
    std::string data, run, format, device = "auto";
    std::size_t count = 10;
    std::uint64_t seed = 1;
    bool json = false;
};

Result<void> listNext(const CommandContext &context, const NextOptions &given)
{
    std::optional<Predictor> predictor;
    if (!given.run.empty()) {
        auto loaded = Predictor::load(given.run, context.registry.models, given.device);
        if (!loaded)
            return loaded.error();
        predictor = std::move(*loaded);
    }
    const auto indexed = openIndexed(context, given.data, given.format, {});
    if (!indexed)
        return indexed.error();
    ProgressLine progress("looking at unlabelled images");
    const auto next = imagesToLabel(predictor ? &*predictor : nullptr, indexed->dataset, indexed->summaries,
                                    given.count, given.seed, context.stop, progress.counter());
    if (!next)
        return next.error();
    if (context.stop.stop_requested())
        return Error{ErrorCode::Io, "interrupted", given.data};
    Json list = Json::array();
    for (const auto &image : *next) {
        Json entry = Json::object();
        entry.set("file", indexed->dataset.items[image.item].image);
        entry.set("uncertainty", image.uncertainty);
        entry.set("distance", image.distance);
        list.push_back(std::move(entry));
        if (!given.json)
            std::printf("%s\n", indexed->dataset.items[image.item].image.c_str());
    }
    if (given.json)
        printJson(list);
    return {};
}

} // namespace

void addNextCommand(CLI::App &app, CommandList &commands)
{
    auto given = std::make_shared<NextOptions>();
    auto *command = app.add_subcommand("next", "List the unlabelled images that teach most, the best first");
    command->add_option("data", given->data, "the dataset's folder")->required();
    command->add_option("--run", given->run, "a run, or a checkpoint in it, that says where it is unsure");
    command->add_option("--count", given->count, "images to list")->capture_default_str();
    command->add_option("--seed", given->seed, "of many images some hundreds are looked at")->capture_default_str();
    command->add_option("--format", given->format, "the dataset's format, if it is not recognised");
    command->add_option("--device", given->device, "auto, cpu or cuda")->capture_default_str();
    command->add_flag("--json", given->json, "one JSON document on stdout");
    commands.push_back({command, [given](const CommandContext &context) { return listNext(context, *given); }});
}

} // namespace masque
