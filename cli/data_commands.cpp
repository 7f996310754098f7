// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"

#include "core/base/text.h"
#include "core/datasets/demo.h"
#include "core/faces/demo_faces.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace masque {

namespace {

Json textArray(const std::vector<std::string> &texts)
{
    Json out = Json::array();
    for (const auto &text : texts)
        out.push_back(text);
    return out;
}

void addDemo(CLI::App &app, CommandList &commands)
{
    struct Options {
        std::string kind, folder;
        DemoOptions demo;
    };
    auto options = std::make_shared<Options>();
    auto *command = app.add_subcommand("demo", "Draw a sample dataset, deterministic by its seed");
    command->add_option("kind", options->kind, "what to draw")->required()->check(CLI::IsMember({"shapes", "faces"}));
    command->add_option("folder", options->folder, "new folder for it")->required();
    command->add_option("--count", options->demo.count, "images")->check(CLI::Range(1, 1000000))->capture_default_str();
    auto *size = command->add_option("--size", options->demo.size, "side in pixels; of faces 48 unless said")
                     ->check(CLI::Range(32, 4096))
                     ->capture_default_str();
    command->add_option("--seed", options->demo.seed, "seed")->capture_default_str();
    commands.push_back({command, [options, size](const CommandContext &context) -> Result<void> {
                            ProgressLine progress("drawing");
                            if (options->kind == "faces") {
                                if (size->count() == 0)
                                    options->demo.size = 48;
                                return writeDemoFaces(options->folder, options->demo, context.stop, progress.counter());
                            }
                            return writeDemoShapes(options->folder, options->demo, context.stop, progress.counter());
                        }});
}

Json figuresJson(const DatasetFigures &figures, const Dataset &dataset)
{
    Json json = Json::object();
    json.set("format", dataset.format);
    json.set("task", taskName(dataset.task));
    json.set("images", figures.images);
    json.set("annotated", figures.annotated);
    json.set("shapes", figures.shapes);
    Json classes = Json::array();
    for (const auto &figure : figures.classes) {
        Json entry = Json::object();
        entry.set("name", figure.name);
        entry.set("images", figure.images);
        entry.set("shapes", figure.shapes);
        entry.set("pixels", figure.pixels);
        classes.push_back(std::move(entry));
    }
    json.set("classes", std::move(classes));
    Json splits = Json::object();
    for (const auto split : {Split::Train, Split::Val, Split::Test})
        splits.set(splitName(split), figures.splits[static_cast<std::size_t>(split)]);
    json.set("splits", std::move(splits));
    Json problems = Json::array();
    for (const auto &problem : figures.problems) {
        Json entry = Json::object();
        entry.set("file", problem.file);
        entry.set("message", problem.message);
        problems.push_back(std::move(entry));
    }
    json.set("problems", std::move(problems));
    return json;
}

void printFigures(const DatasetFigures &figures, const Dataset &dataset)
{
    std::printf("%s: %s, %s\n", dataset.root.c_str(), dataset.format.c_str(),
                std::string(taskName(dataset.task)).c_str());
    std::printf("%d images, %d annotated, %d shapes\n", figures.images, figures.annotated, figures.shapes);
    std::printf("splits: train %d, val %d, test %d, none %d\n", figures.splits[1], figures.splits[2], figures.splits[3],
                figures.splits[0]);
    std::printf("%-24s %10s %10s %14s\n", "class", "images", "shapes", "pixels");
    for (const auto &figure : figures.classes)
        std::printf("%-24s %10d %10d %14lld\n", figure.name.c_str(), figure.images, figure.shapes,
                    static_cast<long long>(figure.pixels));
    for (const auto &problem : figures.problems)
        std::printf("problem: %s: %s\n", problem.file.c_str(), problem.message.c_str());
}

void addInfo(CLI::App &app, CommandList &commands)
{
    struct Options {
        std::string path, format, classNames;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    auto *command = app.add_subcommand("info", "Say what a dataset holds: images, classes, splits, problems");
    command->add_option("data", options->path, "the dataset's folder")->required();
    command->add_option("--format", options->format, "its format, if it is not recognised");
    command->add_option("--class-names", options->classNames, "rename the classes: a,b,c");
    command->add_flag("--json", options->json, "one JSON document on stdout");
    commands.push_back({command, [options](const CommandContext &context) -> Result<void> {
                            auto indexed = openIndexed(context, options->path, options->format, options->classNames);
                            if (!indexed)
                                return indexed.error();
                            ProgressLine progress("counting pixels");
                            const auto figures = datasetFigures(*indexed, context.stop, progress.counter());
                            if (context.stop.stop_requested())
                                return Error{ErrorCode::Io, options->path + ": interrupted", options->path};
                            if (options->json)
                                printJson(figuresJson(figures, indexed->dataset));
                            else
                                printFigures(figures, indexed->dataset);
                            return {};
                        }});
}

struct ConvertOptions {
    std::string source, target, to, from;
    bool isDryRun = false;
};

Result<void> convert(const CommandContext &context, const ConvertOptions &given)
{
    std::vector<std::string> writable;
    for (const auto &format : context.registry.formats) {
        if (format->canWrite())
            writable.push_back(format->id());
        if (format->id() != given.to || !format->canWrite())
            continue;
        auto indexed = openIndexed(context, given.source, given.from, {});
        if (!indexed)
            return indexed.error();
        {
            ProgressLine looking("looking for what is lost");
            for (const auto &loss : format->losses(indexed->dataset, context.stop, looking.counter()))
                std::fprintf(stderr, "lost: %s\n", loss.c_str());
        }
        if (given.isDryRun) {
            for (const auto &file : format->outputFiles(indexed->dataset))
                std::printf("%s\n", file.c_str());
            return {};
        }
        ProgressLine progress("writing");
        auto written = format->write(indexed->dataset, given.target, context.stop, progress.counter());
        if (written && context.stop.stop_requested())
            return Error{ErrorCode::Io, given.target + ": interrupted; what is there is not whole", given.target};
        return written;
    }
    return Error{ErrorCode::Option, "cannot write format '" + given.to + "'; known are " + joinText(writable, ", "),
                 "to"};
}

void addConvert(CLI::App &app, CommandList &commands)
{
    auto options = std::make_shared<ConvertOptions>();
    auto *command = app.add_subcommand("convert", "Write a dataset in another format");
    command->add_option("source", options->source, "the dataset's folder")->required();
    command->add_option("target", options->target, "new folder")->required();
    command->add_option("--to", options->to, "format to write (masque formats lists them)")->required();
    command->add_option("--from", options->from, "its format, if it is not recognised");
    command->add_flag("--dry-run", options->isDryRun,
                      "say what would be lost and which files would be made, write nothing");
    commands.push_back({command, [options](const CommandContext &context) { return convert(context, *options); }});
}

/// A list command: a row each for people, or --json.
void addList(CLI::App &app, CommandList &commands, const char *name, const char *help,
             std::function<Json(const CommandContext &)> rows)
{
    auto json = std::make_shared<bool>(false);
    auto *command = app.add_subcommand(name, help);
    command->add_flag("--json", *json, "one JSON document on stdout");
    commands.push_back({command, [json, rows = std::move(rows)](const CommandContext &context) -> Result<void> {
                            const auto list = rows(context);
                            if (*json)
                                printJson(list);
                            else
                                printRows(list);
                            return {};
                        }});
}

} // namespace

void addDataCommands(CLI::App &app, CommandList &commands)
{
    addDemo(app, commands);
    addInfo(app, commands);
    addConvert(app, commands);
    addList(app, commands, "formats", "List the dataset formats", [](const CommandContext &context) {
        Json rows = Json::array();
        for (const auto &format : context.registry.formats) {
            Json row = Json::object();
            row.set("id", format->id());
            row.set("title", format->title());
            row.set("writes", format->canWrite());
            rows.push_back(std::move(row));
        }
        return rows;
    });
    addModelsCommand(app, commands);
    addList(app, commands, "plugins", "List the plugins, also those that were refused",
            [](const CommandContext &context) {
                Json rows = Json::array();
                for (const auto &plugin : context.registry.plugins) {
                    Json row = Json::object();
                    row.set("id", plugin.id);
                    row.set("title", plugin.title);
                    row.set("version", plugin.version);
                    row.set("license", plugin.license);
                    row.set("origin", plugin.origin);
                    row.set("offers", textArray(plugin.offers));
                    row.set("refused", plugin.refused);
                    rows.push_back(std::move(row));
                }
                return rows;
            });
}

} // namespace masque
