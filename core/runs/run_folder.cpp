// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/run_folder.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/image/color_text.h"
#include "core/runs/run.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <unistd.h>

namespace fs = std::filesystem;

namespace masque {

namespace {

std::string timeText(const char *pattern)
{
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm local{};
    localtime_r(&now, &local);
    char out[64];
    return std::string(out, std::strftime(out, sizeof out, pattern, &local));
}

std::string runFilePath(const std::string &path)
{
    std::error_code ignored;
    const fs::path given = fs::absolute(path, ignored).lexically_normal();
    auto folder = fs::is_regular_file(given, ignored) ? given.parent_path() : given;
    if (folder.filename().empty())
        folder = folder.parent_path();
    return folder.string();
}

/// What log.jsonl says, as far as there is one.
void readLog(RunInfo &run)
{
    const auto log = readFile(run.folder + "/log.jsonl");
    if (!log)
        return;
    for (const auto &line : splitText(*log, '\n')) {
        const auto event = Json::parse(line);
        if (event && (*event)["event"].toString() == "finding")
            run.findings.push_back(Finding::fromJson(*event));
        else if (event && (*event)["event"].toString() == "epoch")
            run.addEpoch(EpochReport::fromJson(*event));
    }
}

} // namespace

Result<std::string> checkpointOf(const std::string &runOrFile)
{
    std::error_code ignored;
    if (!fs::is_directory(runOrFile, ignored))
        return runOrFile;
    for (const char *name : {"/best.ckpt", "/last.ckpt", "/model.pt", "/model.onnx"})
        if (fs::exists(runOrFile + name, ignored))
            return runOrFile + name;
    return Error{ErrorCode::Io, runOrFile + ": holds no checkpoint (best.ckpt, last.ckpt); is it a run's folder?",
                 runOrFile};
}

Json labelsToJson(const LabelSet &labels)
{
    Json out = Json::array();
    for (const auto &label : labels.classes()) {
        Json entry = Json::object();
        entry.set("name", label.name);
        entry.set("color", colorText(label.color));
        out.push_back(std::move(entry));
    }
    return out;
}

LabelSet labelsFromJson(const Json &json)
{
    LabelSet labels;
    for (const auto &entry : json.items()) {
        const auto name = entry["name"].toString();
        if (name.empty() || name == kIgnoreName || labels.size() >= kIgnoreId)
            continue;
        const int id = labels.add(name);
        if (const auto color = parseColor(entry["color"].toString()))
            labels.setColor(id, *color);
    }
    return labels;
}

std::string timeStamp()
{
    return timeText("%Y-%m-%dT%H:%M:%S");
}

std::string runsFolder(const std::string &datasetRoot)
{
    const std::string inside = datasetRoot + "/.masque/runs";
    std::error_code ignored;
    const bool there = fs::is_directory(inside, ignored);
    if (there || isWritableFolder(datasetRoot))
        return inside;
    return fallbackFolder(datasetRoot) + "/runs";
}

std::string newRunFolder(const std::string &datasetRoot, const std::string &model)
{
    const std::string wanted = runsFolder(datasetRoot) + "/" + timeText("%Y-%m-%d") + "-" + model;
    std::string folder = wanted;
    std::error_code ignored;
    for (int i = 2; fs::exists(folder, ignored); ++i)
        folder = wanted + "-" + std::to_string(i);
    return folder;
}

Result<void> writeRunFile(const RunInfo &run)
{
    const auto path = run.folder + "/run.json";
    Json json = Json::object();
    if (auto old = readJsonFile(path)) // what a person or a later version wrote there meanwhile is kept
        json = std::move(*old);
    const auto setNew = [&](const char *key, Json value) {
        if (!json.contains(key))
            json.set(key, std::move(value));
    };
    setNew("name", run.name);
    setNew("tags", Json::array());
    setNew("notes", "");
    setNew("parent", "");
    if (!run.parent.empty())
        json.set("parent", run.parent);
    json.set("init_report", run.initReport);
    json.set("dataset", run.datasetRoot);
    json.set("format", run.datasetFormat);
    json.set("model", run.options.data.model);
    json.set("classes", labelsToJson(run.labels));
    json.set("device", run.device);
    json.set("started", run.started);
    json.set("state", run.state);
    json.set("message", run.message);
    json.set("seconds", run.seconds);
    json.set("process", static_cast<std::int64_t>(::getpid()));
    return writeFileAtomically(path, json.dump(2));
}

Result<void> readRunOptions(const Json &json, RunOptions &options)
{
    // The model's own options are those that no table knows.
    Json common = Json::object(), model = Json::object();
    const auto specs = runOptionSpecs({});
    for (const auto &[key, value] : json.members())
        (findOption(specs, key) ? common : model).set(key, value);
    if (auto applied = applyRunOptions(common, {}, options); !applied)
        return applied;
    options.model = std::move(model);
    return {};
}

void RunInfo::addEpoch(EpochReport report)
{
    epochsDone = std::max(epochsDone, report.epoch);
    if (report.best) {
        bestEpoch = report.epoch;
        bestMetric = report.value(options.training.metric);
        figures = report.metrics;
    }
    epochs.push_back(std::move(report));
}

bool RunInfo::canPredict() const
{
    return epochsDone > 0 || state == kImported;
}

Result<RunInfo> readRun(const std::string &path)
{
    RunInfo run;
    run.folder = runFilePath(path);
    auto json = readJsonFile(run.folder + "/run.json");
    if (!json)
        return Error{ErrorCode::Io, path + ": is no run: " + json.error().message, path};
    auto options = readJsonFile(run.folder + "/options.json");
    if (!options)
        return Error{ErrorCode::Io, path + ": is no run: " + options.error().message, path};
    const auto &about = *json;
    run.name = about["name"].toString(fs::path(run.folder).filename().string());
    run.datasetRoot = about["dataset"].toString();
    run.datasetFormat = about["format"].toString();
    run.device = about["device"].toString();
    run.started = about["started"].toString();
    run.state = about["state"].toString();
    run.message = about["message"].toString();
    run.parent = about["parent"].toString();
    run.initReport = about["init_report"].toString();
    run.notes = about["notes"].toString();
    run.queue = about["queue"].toInt();
    run.seconds = about["seconds"].toDouble();
    for (const auto &tag : about["tags"].items())
        run.tags.push_back(tag.toString());
    run.labels = labelsFromJson(about["classes"]);
    if (run.state == "running") { // a process that is gone cannot have said that it ended
        const auto process = about["process"].toInt();
        if (process <= 0 || (process != ::getpid() && ::kill(static_cast<pid_t>(process), 0) != 0))
            run.state = "stopped";
    }

    if (auto applied = readRunOptions(*options, run.options); !applied)
        return Error{ErrorCode::Format, run.folder + "/options.json: " + applied.error().message, run.folder};
    readLog(run);
    run.tests = readTestUses(run.folder);
    return run;
}

Result<void> writeRunSplit(const std::string &folder, const Dataset &dataset, const SplitIndices &split,
                           const std::vector<std::size_t> &trainWindows)
{
    const auto names = [&](const std::vector<std::size_t> &items) {
        Json out = Json::array();
        for (const auto item : items)
            out.push_back(dataset.items[item].image);
        return out;
    };
    Json json = Json::object();
    json.set("train", names(split.train));
    json.set("val", names(split.val));
    json.set("test", names(split.test));
    if (!trainWindows.empty()) {
        Json counts = Json::array();
        for (const auto count : trainWindows)
            counts.push_back(static_cast<std::uint64_t>(count));
        json.set("train_windows", std::move(counts));
    }
    return writeFileAtomically(folder + "/split.json", json.dump(2));
}

Result<void> writeRunStart(const RunInfo &run, const Dataset &dataset, const SplitIndices &split,
                           const std::vector<std::size_t> &trainWindows)
{
    if (auto done = makeFolder(run.folder); !done)
        return done;
    if (auto done = writeFileAtomically(run.folder + "/options.json", run.options.toJson().dump(2)); !done)
        return done;
    if (auto done = writeRunSplit(run.folder, dataset, split, trainWindows); !done)
        return done;
    return writeRunFile(run);
}

Result<SplitIndices> readRunSplit(const std::string &runFolder, const Dataset &dataset)
{
    auto json = readJsonFile(runFolder + "/split.json");
    if (!json)
        return json.error();
    const auto positions = [&](const char *key) {
        std::vector<std::size_t> out;
        for (const auto &name : (*json)[key].items())
            if (const auto index = dataset.indexOf(name.toString()))
                out.push_back(*index);
        return out;
    };
    return SplitIndices{positions("train"), positions("val"), positions("test")};
}

} // namespace masque
