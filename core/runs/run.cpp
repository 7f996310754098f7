// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/run.h"

#include "core/base/files.h"
#include "core/runs/Corrections.h"
#include "core/runs/EventFile.h"
#include "core/runs/plan.h"
#include "core/runs/run_folder.h"
#include "core/training/ranks/Ranks.h"

#include <exception>
#include <memory>
#include <optional>
#include <set>

namespace masque {

namespace {

/// What must be the same on all ranks.
Json whatIsTrained(const RunInfo &run, const Dataset &dataset, const SplitIndices &split)
{
    auto out = run.options.toJson();
    for (const char *own : {"device", "threads"})
        out.remove(own);
    const auto names = [&](const std::vector<std::size_t> &items) {
        Json list = Json::array();
        for (const auto item : items)
            list.push_back(dataset.items[item].image);
        return list;
    };
    out.set("training images", names(split.train));
    out.set("validation images", names(split.val));
    out.set("classes", labelsToJson(run.labels));
    return out;
}

/// The sink, and a TensorBoard file of what it is told: figures of epochs over epochs, of steps over steps. A file that
/// cannot be written is said once and stops nothing.
RunSink withEvents(const RunSink &sink, const RunInfo &run, std::size_t trainSamples, int ranks)
{
    const auto batch = static_cast<std::size_t>(run.options.training.batch * ranks);
    const auto perEpoch = static_cast<std::int64_t>((trainSamples + batch - 1) / batch);
    auto file = EventFile::create(run.folder);
    auto events = std::make_shared<std::optional<EventFile>>();
    const auto check = [events, message = sink.message](const Result<void> &written) {
        if (written)
            return;
        events->reset();
        if (message)
            message("no more figures for TensorBoard: " + written.error().message);
    };
    if (file)
        *events = std::move(*file);
    else
        check(file.error());
    RunSink out = sink;
    out.record = [=, told = sink.record](const StepRecord &step) {
        if (*events)
            check((*events)->write((step.epoch - 1) * perEpoch + step.step,
                                   {{"step/loss", step.loss}, {"step/lr", step.lr}}));
        if (told)
            told(step);
    };
    out.epoch = [=, told = sink.epoch](const EpochReport &report) {
        EventFile::Scalars scalars;
        const auto figures = report.toJson();
        for (const auto &[key, value] : figures.members())
            if (value.isNumber() && key != "epoch" && key != "lr" && key != "seconds" && key != "images_per_second")
                scalars.emplace_back(report.split + "/" + key, value.toDouble());
        if (*events)
            check((*events)->write(report.epoch, scalars));
        if (told)
            told(report);
    };
    return out;
}

Result<RunInfo> trainPlan(Plan &plan, const RunRequest &request, const ModelList &models, std::stop_token stop,
                          const RunSink &sink)
{
    auto prepared = prepareRun(plan, request, models, stop);
    if (!prepared)
        return prepared.error();
    auto &run = plan.run;
    auto *ranks = request.ranks.get();
    const bool isFirst = !ranks || ranks->isFirst();
    if (ranks) // before rank 0 writes anything that another might still read
        if (auto same = ranks->agree(whatIsTrained(run, *request.dataset, plan.split), "options or images"); !same)
            return same.error();
    run.state = "running";
    run.message.clear();
    if (isFirst)
        if (auto done = writeRunStart(run, *request.dataset, plan.split, prepared->train->windows()); !done)
            return done.error();
    if (sink.start)
        sink.start({run, plan.split, parameterCount(*prepared->setup.network), run.device});
    if (!run.initReport.empty() && sink.message)
        sink.message(run.initReport);
    if (!plan.split.test.empty() && sink.message)
        sink.message(countText(plan.split.test.size(), "test image")
                     + " kept aside: never used for training, for the best checkpoint or for any other choice");

    std::set<std::string> test;
    for (const auto item : plan.split.test)
        test.insert(request.dataset->items[item].image);
    CorrectedSamples corrected(request.corrections, *prepared->train, *prepared->val, run.findings, std::move(test));
    auto &setup = prepared->setup;
    setup.changeSamples = [&](int epoch, bool isFresh) { return corrected.at(epoch, isFresh); };
    setup.watch = sink.watch;
    setup.ranks = ranks;
    const auto outcome = masque::train(
        setup, stop, isFirst ? withEvents(sink, run, prepared->train->size(), ranks ? ranks->size() : 1) : sink);
    if (outcome) {
        run.state = outcome->end == TrainingEnd::Finished ? "finished" : "stopped";
        run.seconds = outcome->seconds;
    } else {
        run.state = "failed";
        run.message = outcome.error().message;
    }
    const auto written = isFirst ? writeRunFile(run) : Result<void>();
    if (!outcome)
        return outcome.error();
    if (!written)
        return written.error();
    return isFirst ? readRun(run.folder) : run;
}

/// A waiting run that could not even begin waits no longer.
void leaveQueue(const RunRequest &request, const Error &why)
{
    if (!request.resume)
        return;
    auto run = readRun(request.folder);
    if (!run || run->state != kWaiting)
        return;
    run->state = "failed";
    run->message = why.message;
    run->started = timeStamp();
    (void)writeRunFile(*run); // the error that counts is told already
}

} // namespace

Result<RunInfo> executeRun(const RunRequest &request, const ModelList &models, std::stop_token stop,
                           const RunSink &told)
{
    try {
        const bool isFirst = !request.ranks || request.ranks->isFirst();
        const RunSink sink = isFirst ? told : RunSink{};
        const auto fitted = fittedToTask(request);
        auto plan = fitted ? planRun(*fitted, sink, stop) : Result<Plan>(fitted.error());
        auto run = plan ? trainPlan(*plan, *fitted, models, stop, sink) : Result<RunInfo>(plan.error());
        if (!run && isFirst)
            leaveQueue(request, run.error());
        return run;
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::Memory,
                     "not enough memory for this training; a smaller batch or input size needs less"};
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, std::string("training failed: ") + e.what()};
    }
}

} // namespace masque
