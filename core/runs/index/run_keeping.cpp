// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/index/run_keeping.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/runs/run_folder.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>

namespace masque {

namespace {

Result<void> changeRunFile(const std::string &folder, const std::function<void(Json &)> &change)
{
    const auto path = folder + "/run.json";
    auto json = readJsonFile(path);
    if (!json)
        return Error{ErrorCode::Io, folder + ": is no run: " + json.error().message, folder};
    const auto before = json->dump(2);
    change(*json);
    const auto after = json->dump(2);
    return after == before ? Result<void>() : writeFileAtomically(path, after);
}

Json tagsJson(const std::vector<std::string> &tags)
{
    Json out = Json::array();
    std::vector<std::string> seen;
    for (const auto &tag : tags) {
        const auto word = trimmed(tag);
        if (word.empty() || std::find(seen.begin(), seen.end(), word) != seen.end())
            continue;
        seen.push_back(word);
        out.push_back(word);
    }
    return out;
}

} // namespace

Result<void> editRun(const std::string &folder, const RunEdit &edit)
{
    if (edit.name && trimmed(*edit.name).empty())
        return Error{ErrorCode::Option, "a run needs a name", "name"};
    return changeRunFile(folder, [&](Json &json) {
        if (edit.name)
            json.set("name", trimmed(*edit.name));
        if (edit.notes)
            json.set("notes", *edit.notes);
        if (edit.tags)
            json.set("tags", tagsJson(*edit.tags));
    });
}

std::vector<std::string> parseTags(const std::string &text)
{
    std::vector<std::string> tags;
    const auto json = tagsJson(splitText(text, ','));
    for (const auto &tag : json.items())
        tags.push_back(tag.toString());
    return tags;
}

Result<void> checkDeletable(const std::string &folder)
{
    std::error_code error;
    if (!std::filesystem::exists(folder + "/run.json", error))
        return Error{ErrorCode::Io, folder + ": is no run (run.json is missing), nothing was deleted", folder};
    const auto run = readRun(folder); // one that cannot be read can go
    if (run && run->state == "running")
        return Error{ErrorCode::Io, folder + ": is being trained; stop it first, nothing was deleted", folder};
    return {};
}

Result<void> deleteRun(const std::string &folder)
{
    if (auto may = checkDeletable(folder); !may)
        return may;
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error)
        return Error{ErrorCode::Io, folder + ": cannot be deleted: " + error.message(), folder};
    return {};
}

Result<RunInfo> queueRun(const RunRequest &request)
{
    RunInfo run;
    run.folder =
        request.folder.empty() ? newRunFolder(request.dataset->root, request.options.data.model) : request.folder;
    run.name = std::filesystem::path(run.folder).filename().string();
    run.datasetRoot = request.dataset->root;
    run.datasetFormat = request.dataset->format;
    run.options = request.options;
    run.labels = request.dataset->labels;
    run.state = kWaiting;
    if (auto made = makeFolder(run.folder); !made)
        return made.error();
    if (auto done = writeFileAtomically(run.folder + "/options.json", run.options.toJson().dump(2)); !done)
        return done.error();
    if (auto done = writeRunFile(run); !done)
        return done.error();
    using namespace std::chrono;
    const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
    if (auto done = changeRunFile(run.folder, [&](Json &json) { json.set("queue", std::int64_t{now}); }); !done)
        return done.error();
    return readRun(run.folder);
}

std::vector<RunInfo> waitingRuns(const std::vector<RunInfo> &runs)
{
    std::vector<RunInfo> out;
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(out), [](const auto &r) { return r.state == kWaiting; });
    std::sort(out.begin(), out.end(), [](const auto &a, const auto &b) { return a.queue < b.queue; });
    return out;
}

Result<void> swapInQueue(const RunInfo &a, const RunInfo &b)
{
    if (auto done = changeRunFile(a.folder, [&](Json &json) { json.set("queue", b.queue); }); !done)
        return done;
    return changeRunFile(b.folder, [&](Json &json) { json.set("queue", a.queue); });
}

Json toJson(const TestUse &use)
{
    Json json = Json::object();
    json.set("when", use.when);
    json.set("split", use.split);
    json.set("checkpoint", use.checkpoint);
    json.set("images", use.images);
    use.metrics.addTo(json);
    return json;
}

TestUse testUseFromJson(const Json &json)
{
    return {json["when"].toString(), json["split"].toString(), json["checkpoint"].toString(),
            static_cast<int>(json["images"].toInt()), MetricValues::from(json)};
}

Result<void> recordTestUse(const std::string &folder, TestUse use)
{
    use.when = timeStamp();
    return appendLine(folder + "/tests.jsonl", toJson(use).dump());
}

std::vector<TestUse> readTestUses(const std::string &runFolder)
{
    std::vector<TestUse> uses;
    if (const auto text = readFile(runFolder + "/tests.jsonl"))
        for (const auto &line : splitText(*text, '\n'))
            if (const auto json = Json::parse(line); json && json->isObject())
                uses.push_back(testUseFromJson(*json));
    return uses;
}

} // namespace masque
