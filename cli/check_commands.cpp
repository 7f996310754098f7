// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"
#include "cli/train_options.h"
#include "core/base/text.h"
#include "core/runs/preflight.h"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace masque {

namespace {

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
        Json json = Json::object(), points = Json::array();
        for (const auto &point : test->points) {
            Json entry = Json::object();
            entry.set("lr", point.lr);
            entry.set("loss", point.loss);
            entry.set("smoothed", point.smoothed);
            points.push_back(std::move(entry));
        }
        json.set("points", std::move(points));
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

} // namespace

void addCheckCommands(CLI::App &app, CommandList &commands, const PluginRegistry &registry)
{
    struct Given {
        std::shared_ptr<TrainOptions> options = std::make_shared<TrainOptions>();
        double seconds = 10;
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
}

} // namespace masque
