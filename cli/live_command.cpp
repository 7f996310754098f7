// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command_line.h"
#include "cli/common.h"

#include "core/base/files.h"
#include "core/faces/LiveRecognizer.h"
#include "core/runs/run.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <memory>

namespace masque {

namespace {

struct LiveOptions {
    std::string run, source, csv, device = "auto";
    FaceDetectorOptions detector;
    bool headless = false, json = false;
};

double quantile(std::vector<double> &values, double part)
{
    if (values.empty())
        return 0;
    const auto at = values.begin() + std::lround(part * double(values.size() - 1));
    std::ranges::nth_element(values, at);
    return *at;
}

double rounded(double value, double steps)
{
    return std::round(value * steps) / steps;
}

Result<void> runLive(const CommandContext &context, LiveOptions &given)
{
    if (given.source.empty())
        return Error{ErrorCode::Option, "--headless needs --source: a camera's number or a video file", "source"};
    auto predictor = Predictor::load(given.run, context.registry.models, given.device);
    if (!predictor)
        return predictor.error();
    if (!predictor->isOfImages())
        return Error{ErrorCode::Data, given.run + ": makes masks; live recognition needs a run of the task emotion",
                     given.run};
    auto detector = makeFaceDetector(given.detector);
    if (!detector)
        return detector.error();
    auto source = openFrameSource(given.source);
    if (!source)
        return source.error();
    LiveRecognizer recognizer(std::move(*predictor), std::move(*detector));
    std::string table = liveTableHeader(recognizer.labels()) + "\n";
    std::vector<double> latencies;
    int frames = 0;
    ProgressLine progress(recognizer.detector().name());
    using Clock = std::chrono::steady_clock;
    const auto since = [](Clock::time_point start) {
        return std::chrono::duration<double>(Clock::now() - start).count();
    };
    const auto started = Clock::now();
    while (!context.stop.stop_requested()) {
        auto frame = (*source)->next();
        if (!frame)
            return frame.error();
        if (!frame->has_value())
            break;
        const auto begun = Clock::now();
        const auto faces = recognizer.process(**frame);
        if (!faces)
            return faces.error();
        latencies.push_back(since(begun) * 1000);
        ++frames;
        for (const LiveFace &face : *faces)
            table += liveTableRow((*frame)->timeS, face) + "\n";
        progress.show(0, std::to_string(frames) + " frames, " + std::to_string(recognizer.trackCount()) + " tracks");
    }
    const double seconds = since(started);
    if (!given.csv.empty())
        if (const auto written = writeFileAtomically(given.csv, table); !written)
            return written.error();
    Json report = Json::object(), latency = Json::object();
    latency.set("p50", rounded(quantile(latencies, 0.5), 100));
    latency.set("p99", rounded(quantile(latencies, 0.99), 100));
    report.set("frames", frames);
    report.set("seconds", rounded(seconds, 1000));
    report.set("fps", seconds > 0 ? rounded(frames / seconds, 10) : 0);
    report.set("latency_ms", std::move(latency));
    report.set("tracks", recognizer.trackCount());
    if (given.json)
        printJson(report);
    else
        std::printf("%d frames in %.1f s (%.1f a second), %d faces followed\n", frames, seconds,
                    report["fps"].toDouble(), recognizer.trackCount());
    return {};
}

/// The Live workspace, which plays at once.
Result<void> openLive(const CommandContext &context, const LiveOptions &given, const OpenStudio &openStudio)
{
    if (!openStudio)
        return Error{ErrorCode::Unsupported, "this build has no window; live needs --headless", "headless"};
    if (given.json || !given.csv.empty())
        return Error{ErrorCode::Option, "--json and --csv are for --headless; the window has Capture > Record a table",
                     "headless"};
    const auto run = readRun(given.run);
    if (!run)
        return run.error();
    std::signal(SIGINT, SIG_DFL); // ends the window as it ends one without a command
    std::signal(SIGTERM, SIG_DFL);
    const int code =
        openStudio({.path = run->folder, .live = given.source.empty() ? "0" : given.source}, context.registry);
    return code == 0 ? Result<void>() : Error{ErrorCode::Internal, "the window ended with " + std::to_string(code), {}};
}

} // namespace

void addLiveCommand(CLI::App &app, CommandList &commands, const OpenStudio &openStudio)
{
    auto given = std::make_shared<LiveOptions>();
    auto *command = app.add_subcommand("live", "Recognise emotions in the faces of a video");
    command->add_option("run", given->run, "a run of the task emotion, or a checkpoint in it")->required();
    command->add_option("--source", given->source, "a camera's number or a video file [in a window: 0]");
    command->add_option("--csv", given->csv,
                        "writes a line for each face of each frame: time, track, box, probabilities");
    command
        ->add_option("--detector", given->detector.model,
                     "YuNet's ONNX file, haar, or auto: YuNet where it is found, else haar")
        ->capture_default_str();
    command->add_option("--threshold", given->detector.threshold, "least score of a face, 0 to 1")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_option("--device", given->device, "auto, cpu or cuda")->capture_default_str();
    command->add_flag("--headless", given->headless, "without a window; each frame of a file is looked at");
    command->add_flag("--json", given->json, "one JSON document on stdout");
    commands.push_back({command, [given, openStudio](const CommandContext &context) {
                            return given->headless ? runLive(context, *given) : openLive(context, *given, openStudio);
                        }});
}

} // namespace masque
