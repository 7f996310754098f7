// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"
#include "cli/train_options.h"
#include "core/base/text.h"
#include "core/runs/preflight.h"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace masque {

namespace {

template <typename Point, typename Describe>
Json jsonList(const std::vector<Point> &points, Describe describe)
{
    Json list = Json::array();
    for (const auto &point : points) {
        Json entry = Json::object();
        describe(point, entry);
        list.push_back(std::move(entry));
    }
    return list;
}

void print(const PreflightReport &report)
{
    std::printf("%zu training, %zu validation, %zu test images\n", report.train, report.val, report.test);
    std::printf("%-24s %10s %10s\n", "class", "training", "validation");
    for (const auto &entry : report.classes)
        std::printf("%-24s %9.2f%% %9.2f%%\n", entry.name.c_str(), 100 * entry.train, 100 * entry.val);
    for (const auto &finding : report.findings) {
        using Severity = PreflightFinding::Severity;
        std::printf("%s %s\n",
                    finding.severity == Severity::Problem   ? "PROBLEM"
                    : finding.severity == Severity::Warning ? "warning"
                                                            : "note   ",
                    finding.message.c_str());
        for (const auto &image : finding.images)
            std::printf("          %s\n", image.c_str());
    }
    if (report.probe.steps > 1)
        std::printf("a step takes %.3f s; the whole training about %s", report.probe.secondsPerStep,
                    formatDuration(report.seconds).c_str());
    if (report.memoryBytes >= 0)
        std::printf(", and about %lld MiB (%lld MiB are free)", static_cast<long long>(report.memoryBytes >> 20),
                    static_cast<long long>(report.availableBytes >> 20));
    std::printf("\n");
}

Result<void> check(const CommandContext &context, const TrainOptions &given, double seconds, bool asJson)
{
    const auto request = runRequest(context, given);
    if (!request)
        return request.error();
    const auto report = [&] {
        ProgressLine progress("checking");
        return preflight(*request, context.registry.models, seconds, context.stop,
                         [&](double fraction, const std::string &what) { progress.show(fraction, what); });
    }();
    if (!report)
        return report.error();
    if (asJson)
        printJson(report->toJson());
    else
        print(*report);
    return {};
}

Result<void> findRate(const CommandContext &context, const TrainOptions &given, bool asJson)
{
    const auto request = runRequest(context, given);
    if (!request)
        return request.error();
    const auto test = [&] {
        ProgressLine progress("learning rates");
        return testLearningRates(*request, context.registry.models, context.stop,
                                 [&](double fraction) { progress.show(fraction, ""); });
    }();
    if (!test)
        return test.error();
    if (asJson) {
        Json json = Json::object();
        json.set("points", jsonList(test->points, [](const RatePoint &point, Json &entry) {
                     entry.set("lr", point.lr);
                     entry.set("loss", point.loss);
                     entry.set("smoothed", point.smoothed);
                 }));
        json.set("suggested", test->suggested ? Json(*test->suggested) : Json());
        printJson(json);
        return {};
    }
    std::printf("%12s %10s %10s\n", "lr", "loss", "smoothed");
    for (const auto &point : test->points)
        std::printf("%12.3g %10.4f %10.4f\n", point.lr, point.loss, point.smoothed);
    if (test->suggested)
        std::printf("the loss falls most steeply at %.2g; a third to a tenth of it is the careful choice: --lr %.1g\n",
                    *test->suggested, *test->suggested / 5);
    else
        std::printf("the loss falls at no rate: look at the data (masque check)\n");
    return {};
}

Result<void> findBatch(const CommandContext &context, const TrainOptions &given, double memoryMib, bool asJson)
{
    const auto request = runRequest(context, given);
    if (!request)
        return request.error();
    const auto test = [&] {
        ProgressLine progress("batch sizes");
        return testBatchSizes(*request, context.registry.models, static_cast<std::int64_t>(memoryMib * (1 << 20)),
                              context.stop, [&](double fraction) { progress.show(fraction, ""); });
    }();
    if (!test)
        return test.error();
    if (asJson) {
        Json json = Json::object();
        json.set("points", jsonList(test->points, [](const BatchTest::Point &point, Json &entry) {
                     entry.set("batch", point.batch);
                     entry.set("bytes", point.bytes);
                 }));
        json.set("budget_bytes", test->budgetBytes);
        json.set("fixed_bytes", test->fixedBytes);
        json.set("image_bytes", test->imageBytes);
        json.set("largest", test->largest);
        printJson(json);
        return {};
    }
    const auto mib = [](std::int64_t bytes) { return static_cast<long long>(bytes >> 20); };
    std::printf("%12s %10s\n", "batch", "MiB");
    for (const auto &point : test->points)
        std::printf("%12d %10lld\n", point.batch, mib(point.bytes));
    if (test->largest > 0)
        std::printf("%lld MiB hold a batch of %d: --batch %d\n", mib(test->budgetBytes), test->largest, test->largest);
    else
        std::printf("%lld MiB hold not even one image: a smaller --size or network needs less\n",
                    mib(test->budgetBytes));
    return {};
}

} // namespace

void addCheckCommands(CLI::App &app, CommandList &commands, const PluginRegistry &registry)
{
    struct Given {
        std::shared_ptr<TrainOptions> options = std::make_shared<TrainOptions>();
        double seconds = 10, memoryMib = 0;
        bool asJson = false;
    };
    const auto checking = std::make_shared<Given>();
    auto *command = app.add_subcommand("check", "Look at what would be trained: data, split, one batch, time, memory");
    addTrainOptions(*command, registry, checking->options);
    command->add_option("--seconds", checking->seconds, "longest time for the trial on one batch")
        ->capture_default_str();
    command->add_flag("--json", checking->asJson, "one JSON document on stdout");
    commands.push_back({command, [checking](const CommandContext &context) {
                            return check(context, *checking->options, checking->seconds, checking->asJson);
                        }});
    const auto finding = std::make_shared<Given>();
    command = app.add_subcommand("find-rate", "Find a learning rate: a hundred steps from 1e-6 up to 1 (Smith 2017)");
    addTrainOptions(*command, registry, finding->options);
    command->add_flag("--json", finding->asJson, "one JSON document on stdout");
    commands.push_back({command, [finding](const CommandContext &context) {
                            return findRate(context, *finding->options, finding->asJson);
                        }});
    const auto fitting = std::make_shared<Given>();
    command = app.add_subcommand("find-batch", "Find the largest batch that fits the memory, by measured steps");
    addTrainOptions(*command, registry, fitting->options);
    command->add_option("--memory", fitting->memoryMib, "MiB that training may take [four fifths of what is free]");
    command->add_flag("--json", fitting->asJson, "one JSON document on stdout");
    commands.push_back({command, [fitting](const CommandContext &context) {
                            return findBatch(context, *fitting->options, fitting->memoryMib, fitting->asJson);
                        }});
}

} // namespace masque
