// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"

#include "core/inference/export_run.h"
#include "core/runs/run.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace masque {

namespace {

struct ExportOptions {
    std::string run, file, to = "torchscript";
    bool overwrite = false, json = false;
};

/// The run's own, if it is still there.
std::shared_ptr<const Dataset> datasetOf(const CommandContext &context, const std::string &run)
{
    const auto info = readRun(run);
    if (!info)
        return {};
    auto dataset = openDataset(info->datasetRoot, context.registry.formats, info->datasetFormat);
    if (!dataset)
        return {};
    auto indexed = indexDataset(std::move(*dataset), context.stop);
    return std::make_shared<const Dataset>(std::move(indexed.dataset));
}

Result<void> exportModel(const CommandContext &context, const ExportOptions &given)
{
    const auto kind = modelFileKind(given.to);
    if (!kind)
        return kind.error();
    ProgressLine progress("evaluating");
    const auto report = exportRun({.run = given.run,
                                   .file = given.file,
                                   .kind = *kind,
                                   .overwrite = given.overwrite,
                                   .dataset = datasetOf(context, given.run)},
                                  context.registry.models, context.stop, progress.counter());
    if (!report)
        return report.error();
    if (given.json) {
        Json json = Json::object(), files = Json::array();
        for (const auto &file : report->files)
            files.push_back(file);
        json.set("files", std::move(files));
        json.set("images", report->images);
        json.set("difference", report->difference);
        json.set("tolerance", report->tolerance);
        printJson(json);
        return {};
    }
    for (const auto &file : report->files)
        std::printf("%s\n", file.c_str());
    std::printf("compared on %s: logits differ by at most %.2g\n",
                report->images > 0 ? (std::to_string(report->images) + " images").c_str() : "noise",
                report->difference);
    return {};
}

} // namespace

void addExportCommand(CLI::App &app, CommandList &commands)
{
    auto given = std::make_shared<ExportOptions>();
    auto *command = app.add_subcommand("export", "Write a run's network for other programs, with a card and examples");
    command->add_option("run", given->run, "a run's folder or a checkpoint")->required();
    command->add_option("file", given->file, "to write, e.g. person.pt")->required();
    command->add_option("--to", given->to, "torchscript, onnx, safetensors or state-dict")->capture_default_str();
    command->add_flag("--overwrite", given->overwrite, "write over files that are there");
    command->add_flag("--json", given->json, "files and greatest difference as JSON");
    commands.push_back({command, [given](const CommandContext &context) { return exportModel(context, *given); }});
}

} // namespace masque
