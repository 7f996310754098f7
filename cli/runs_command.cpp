// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"

#include "core/base/text.h"
#include "core/runs/index/RunQuery.h"
#include "core/runs/index/run_keeping.h"
#include "core/runs/index/run_record.h"
#include "core/runs/index/run_table.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

namespace masque {

namespace {

struct RunsOptions {
    std::string data, search, remove, edit, csv;
    std::vector<std::string> tags, untags;
    std::optional<std::string> name, note;
    bool json = false, yes = false;
};

std::string best(const RunInfo &run)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.4f at %d", run.bestMetric, run.bestEpoch);
    return run.bestEpoch > 0 ? text : "";
}

void print(const std::vector<RunInfo> &runs)
{
    std::printf("%-28s %-9s %-16s %9s %-14s %9s %-6s %5s  %s\n", "run", "state", "model", "epochs", "best", "time",
                "device", "tests", "name, tags");
    for (const auto &run : runs) {
        const auto folder = std::filesystem::path(run.folder).filename().string();
        const auto epochs = std::to_string(run.epochsDone) + "/" + std::to_string(run.options.training.epochs);
        std::string about = run.name == folder ? "" : run.name;
        if (!run.tags.empty())
            about += (about.empty() ? "" : " ") + ("[" + joinText(run.tags, ", ") + "]");
        std::printf("%-28s %-9s %-16s %9s %-14s %9s %-6s %5zu  %s\n", folder.c_str(), run.state.c_str(),
                    run.options.data.model.c_str(), epochs.c_str(), best(run).c_str(),
                    run.seconds > 0 ? formatDuration(run.seconds).c_str() : "", run.device.c_str(), run.tests.size(),
                    about.c_str());
    }
}

Result<void> list(const RunsOptions &given)
{
    const auto query = RunQuery::parse(given.search);
    if (!query)
        return query.error();
    auto runs = listRuns(given.data);
    std::erase_if(runs, [&](const RunInfo &run) { return !query->matches(run); });
    if (given.json) {
        Json all = Json::array();
        for (const auto &run : runs)
            all.push_back(toRecord(run));
        printJson(all);
    } else {
        print(runs);
    }
    return {};
}

Result<void> edit(const RunsOptions &given, const std::string &folder)
{
    const auto run = readRun(folder);
    if (!run)
        return run.error();
    RunEdit edit{.name = given.name, .notes = given.note};
    if (!given.tags.empty() || !given.untags.empty()) {
        edit.tags = run->tags;
        edit.tags->insert(edit.tags->end(), given.tags.begin(), given.tags.end());
        std::erase_if(*edit.tags, [&](const std::string &tag) {
            return std::find(given.untags.begin(), given.untags.end(), tag) != given.untags.end();
        });
    }
    if (!edit.name && !edit.notes && !edit.tags)
        return Error{ErrorCode::Option, "--edit needs what to change: --name, --tag, --untag or --note", "edit"};
    return editRun(folder, edit);
}

Result<void> remove(const RunsOptions &given, const std::string &folder)
{
    if (auto may = checkDeletable(folder); !may)
        return may;
    if (!given.yes) {
        if (::isatty(STDIN_FILENO) == 0)
            return Error{ErrorCode::Option, "--delete asks at a terminal; without one say --yes", "yes"};
        std::fprintf(stderr, "Delete %s with its checkpoints and its log? This cannot be undone. [y/N] ",
                     folder.c_str());
        std::string answer;
        std::getline(std::cin, answer);
        if (answer != "y" && answer != "yes")
            return {};
    }
    return deleteRun(folder);
}

Result<void> runs(const RunsOptions &given)
{
    std::error_code ignored;
    if (!std::filesystem::is_directory(given.data, ignored))
        return Error{ErrorCode::Io, given.data + ": is no folder", given.data};
    const auto &named = !given.remove.empty() ? given.remove : !given.edit.empty() ? given.edit : given.csv;
    if (named.empty())
        return list(given);
    const auto folder = findRun(given.data, named);
    if (!folder)
        return folder.error();
    if (!given.remove.empty())
        return remove(given, *folder);
    if (!given.edit.empty())
        return edit(given, *folder);
    const auto run = readRun(*folder);
    if (!run)
        return run.error();
    std::fputs(epochsCsv(*run).c_str(), stdout);
    return {};
}

} // namespace

void addRunsCommand(CLI::App &app, CommandList &commands)
{
    auto given = std::make_shared<RunsOptions>();
    auto *command = app.add_subcommand("runs", "List, search, edit and delete the runs of a dataset");
    command->add_option("data", given->data, "the dataset's folder")->required();
    command->add_option("--search", given->search,
                        "words of name, tags and notes, and terms: tag:old -tag:bad model:unet state:finished "
                        "metric>0.6 loss<0.3 lr=0.001 tests>0");
    command->add_flag("--json", given->json, "one JSON document on stdout");
    auto *remove = command->add_option("--delete", given->remove, "delete this run with its files, after a question");
    command->add_flag("--yes", given->yes, "delete without a question")->needs(remove);
    auto *edit = command->add_option("--edit", given->edit, "change what is said about this run")->excludes(remove);
    command->add_option("--name", given->name, "its name")->needs(edit);
    command->add_option("--tag", given->tags, "give it a tag")->needs(edit);
    command->add_option("--untag", given->untags, "take a tag away")->needs(edit);
    command->add_option("--note", given->note, "its notes")->needs(edit);
    command->add_option("--csv", given->csv, "print this run's epochs as CSV")->excludes(remove)->excludes(edit);
    commands.push_back({command, [given](const CommandContext &) { return runs(*given); }});
}

} // namespace masque
