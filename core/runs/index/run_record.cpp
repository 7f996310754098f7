// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/index/run_record.h"

#include "core/runs/index/run_keeping.h"
#include "core/runs/run_folder.h"

namespace masque {

namespace {

constexpr std::pair<const char *, std::string RunInfo::*> kTexts[] = {
    {"folder", &RunInfo::folder},
    {"name", &RunInfo::name},
    {"state", &RunInfo::state},
    {"message", &RunInfo::message},
    {"device", &RunInfo::device},
    {"started", &RunInfo::started},
    {"notes", &RunInfo::notes},
    {"parent", &RunInfo::parent},
    {"init_report", &RunInfo::initReport},
    {"dataset", &RunInfo::datasetRoot},
    {"format", &RunInfo::datasetFormat},
};

} // namespace

Json toRecord(const RunInfo &run)
{
    Json record = Json::object(), figures = Json::object(), tags = Json::array(), tests = Json::array();
    for (const auto &[key, text] : kTexts)
        record.set(key, run.*text);
    record.set("model", run.options.data.model);
    record.set("epochs", run.options.training.epochs);
    record.set("epochs_done", run.epochsDone);
    record.set("best_epoch", run.bestEpoch);
    record.set("metric", run.options.training.metric);
    record.set("best", run.bestMetric);
    record.set("seconds", run.seconds);
    record.set("queue", run.queue);
    run.figures.addTo(figures);
    for (const auto &tag : run.tags)
        tags.push_back(tag);
    for (const auto &use : run.tests)
        tests.push_back(toJson(use));
    record.set("figures", std::move(figures));
    record.set("tags", std::move(tags));
    record.set("tests", std::move(tests));
    record.set("classes", labelsToJson(run.labels));
    record.set("options", run.options.toJson());
    return record;
}

Result<RunInfo> fromRecord(const Json &record)
{
    RunInfo run;
    for (const auto &[key, text] : kTexts)
        run.*text = record[key].toString();
    run.epochsDone = static_cast<int>(record["epochs_done"].toInt());
    run.bestEpoch = static_cast<int>(record["best_epoch"].toInt());
    run.bestMetric = record["best"].toDouble();
    run.seconds = record["seconds"].toDouble();
    run.queue = record["queue"].toInt();
    run.figures = MetricValues::from(record["figures"]);
    for (const auto &tag : record["tags"].items())
        run.tags.push_back(tag.toString());
    for (const auto &use : record["tests"].items())
        run.tests.push_back(testUseFromJson(use));
    run.labels = labelsFromJson(record["classes"]);
    if (auto read = readRunOptions(record["options"], run.options); !read)
        return read.error();
    return run;
}

} // namespace masque
