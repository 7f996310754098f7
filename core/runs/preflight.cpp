// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/preflight.h"

#include "core/base/memory.h"
#include "core/base/text.h"
#include "core/runs/plan.h"

#include <opencv2/img_hash.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>

namespace masque {

namespace {

using Severity = PreflightFinding::Severity;

constexpr std::size_t kNamed = 5; ///< images that a finding names
constexpr int kSameDistance = 4;  ///< bits of 64: the same picture, perhaps resized or compressed anew
constexpr int kSimilarDistance = 12;
constexpr double kRareShare = 0.002;

std::string percent(double share)
{
    char out[32];
    std::snprintf(out, sizeof out, share < 0.01 ? "%.2f %%" : "%.1f %%", 100 * share);
    return out;
}

/// What reading one split once says about it.
struct Survey {
    std::vector<std::int64_t> pixels; ///< a class
    std::vector<std::uint64_t> hashes;
    std::vector<std::string> empty; ///< nothing but background
};

Result<Survey> survey(const SampleLoader &samples, const LabelSet &labels, std::stop_token stop,
                      const std::function<void(std::size_t)> &progress)
{
    Survey out;
    out.pixels.resize(static_cast<std::size_t>(labels.size()));
    cv::Mat image, hash;
    cv::Mat1b mask;
    for (std::size_t i = 0; i < samples.size() && !stop.stop_requested(); ++i) {
        if (auto read = samples.readPixels(i, 0, image, mask); !read)
            return read.error();
        std::vector<std::int64_t> here(256);
        for (const auto id : mask)
            ++here[id];
        for (std::size_t id = 0; id < out.pixels.size(); ++id)
            out.pixels[id] += here[id];
        if (labels.hasBackground() && std::all_of(here.begin() + 1, here.end() - 1, [](auto n) { return n == 0; }))
            out.empty.push_back(samples.name(i));
        cv::img_hash::pHash(image, hash);
        std::uint64_t bits = 0;
        std::memcpy(&bits, hash.data, sizeof bits);
        out.hashes.push_back(bits);
        progress(i + 1);
    }
    return out;
}

/// "walk_0012.png" -> ("walk_", 12): frames of one video differ in the last number of their names.
std::pair<std::string, long> frameOf(const std::string &image)
{
    const auto stem = std::filesystem::path(image).replace_extension().string();
    const auto digits = stem.size() - (stem.find_last_not_of("0123456789") + 1);
    if (digits == 0 || digits > 9)
        return {stem, -1};
    return {stem.substr(0, stem.size() - digits), std::stol(stem.substr(stem.size() - digits))};
}

void addShared(PreflightReport &report, const SampleLoader &train, const SampleLoader &val, const Survey &trainSurvey,
               const Survey &valSurvey)
{
    std::vector<std::string> same, neighbours;
    for (std::size_t v = 0; v < valSurvey.hashes.size(); ++v) {
        bool isSame = false, isNeighbour = false;
        const auto [series, number] = frameOf(val.name(v));
        for (std::size_t t = 0; t < trainSurvey.hashes.size() && !isSame; ++t) {
            const int distance = std::popcount(valSurvey.hashes[v] ^ trainSurvey.hashes[t]);
            if (distance > kSimilarDistance)
                continue;
            isSame = distance <= kSameDistance;
            if (isSame)
                same.push_back(val.name(v) + " ~ " + train.name(t));
            const auto [otherSeries, otherNumber] = frameOf(train.name(t));
            isNeighbour = isNeighbour || (number >= 0 && series == otherSeries && std::abs(number - otherNumber) <= 5);
        }
        if (isNeighbour && !isSame)
            neighbours.push_back(val.name(v));
    }
    const auto first = [](std::vector<std::string> names) {
        names.resize(std::min(names.size(), kNamed));
        return names;
    };
    if (!same.empty())
        report.findings.push_back({Severity::Warning, "duplicates",
                                   countText(same.size(), "validation image")
                                       + " can hardly be told from training images: the validation figures will be too "
                                         "good; remove the copies or put them into one split (masque.json)",
                                   first(same)});
    if (!neighbours.empty())
        report.findings.push_back({Severity::Warning, "neighbours",
                                   countText(neighbours.size(), "validation image")
                                       + " lie beside similar training images, as frames of one video do: put whole "
                                         "videos into one split (masque.json)",
                                   first(neighbours)});
}

void addClasses(PreflightReport &report, const LabelSet &labels, const Survey &train, const Survey &val)
{
    const auto share = [](const Survey &survey, std::size_t id) {
        std::int64_t total = 0;
        for (const auto pixels : survey.pixels)
            total += pixels;
        return total > 0 ? static_cast<double>(survey.pixels[id]) / static_cast<double>(total) : 0.0;
    };
    for (std::size_t id = 0; id < train.pixels.size(); ++id) {
        const auto &name = labels[static_cast<int>(id)].name;
        report.classes.push_back({name, share(train, id), share(val, id)});
        const auto &shares = report.classes.back();
        if (shares.train == 0)
            report.findings.push_back({Severity::Warning, "class-missing",
                                       "no training pixel is \"" + name
                                           + "\", so that it cannot be learnt: label some, or remove the class"});
        else if (shares.train < kRareShare)
            report.findings.push_back(
                {Severity::Note, "class-rare",
                 "only " + percent(shares.train) + " of the training pixels are \"" + name
                     + "\": class_weights balanced or the losses ce+dice, focal and tversky help"});
        if (shares.train > 0 && shares.val == 0 && report.val > 0)
            report.findings.push_back(
                {Severity::Note, "class-missing",
                 "no validation pixel is \"" + name
                     + "\": how well it is learnt will not be seen; a larger val_ratio or another "
                       "seed may bring some"});
    }
    if (!train.empty.empty()) {
        auto named = train.empty;
        named.resize(std::min(named.size(), kNamed));
        report.findings.push_back({train.empty.size() * 2 > report.train ? Severity::Warning : Severity::Note,
                                   "empty-masks",
                                   countText(train.empty.size(), "training image")
                                       + " hold background alone: right if nothing is to be seen there, else not "
                                         "labelled yet",
                                   std::move(named)});
    }
}

void addProbe(PreflightReport &report, const TrainingSetup &setup)
{
    const auto &options = setup.options;
    const auto &probe = report.probe;
    if (probe.steps < 2)
        return;
    const auto what = "trained on one batch alone for " + std::to_string(probe.steps) + " steps, the loss went from "
                      + shortNumber(probe.firstLoss) + " to " + shortNumber(probe.lastLoss);
    if (!std::isfinite(probe.lastLoss) || probe.lastLoss > 2 * probe.firstLoss)
        report.findings.push_back({Severity::Problem, "one-batch",
                                   what + ": the learning rate " + shortNumber(options.lr) + " is far too high"});
    else if (probe.steps >= 10 && probe.lastLoss > 0.9 * probe.firstLoss)
        report.findings.push_back({Severity::Warning, "one-batch",
                                   what
                                       + ": it hardly learns even that; another learning rate, or look whether the "
                                         "labels fit the images"});
    else
        report.findings.push_back({Severity::Note, "one-batch", what + ", as it should"});
    const double trainSteps = std::ceil(static_cast<double>(setup.train->size()) / options.batch),
                 valSteps = std::ceil(static_cast<double>(setup.val->size()) / options.batch);
    report.seconds = options.epochs * probe.secondsPerStep * (trainSteps + valSteps / 3); // validation: forward alone
    report.memoryBytes = probe.memoryBytes;
    report.availableBytes = availableMemory();
    if (report.availableBytes >= 0 && report.memoryBytes > report.availableBytes / 10 * 9)
        report.findings.push_back({Severity::Problem, "memory",
                                   "the training needs about " + std::to_string(report.memoryBytes >> 20) + " MiB and "
                                       + std::to_string(report.availableBytes >> 20)
                                       + " MiB are free: a smaller batch (with accumulate) or input size needs less"});
}

/// The request with a batch that is no larger than what there is.
Result<std::pair<Plan, PreparedRun>> prepared(const RunRequest &request, const ModelList &models,
                                              const TrainingSink &sink, std::stop_token stop)
{
    const auto fitted = fittedToTask(request);
    if (!fitted)
        return fitted.error();
    auto plan = planRun(*fitted, sink, stop);
    if (!plan)
        return plan.error();
    auto ready = prepareRun(*plan, *fitted, models, stop);
    if (!ready)
        return ready.error();
    return std::pair(std::move(*plan), std::move(*ready));
}

} // namespace

Result<PreflightReport> preflight(const RunRequest &request, const ModelList &models, double seconds,
                                  std::stop_token stop, const PreflightProgress &progress)
try {
    PreflightReport report;
    TrainingSink sink;
    sink.message = [&](const std::string &text) {
        report.findings.push_back({Severity::Warning, "problem-images", text});
    };
    auto ready = prepared(request, models, sink, stop);
    if (!ready)
        return ready.error();
    const auto &[plan, run] = *ready;
    report.train = plan.split.train.size();
    report.val = plan.split.val.size();
    report.test = plan.split.test.size();
    if (report.val == 0)
        report.findings.push_back(
            {Severity::Warning, "no-validation",
             "there is no validation image: overfitting will not be seen; give val_ratio or label "
             "more images"});
    const double images = static_cast<double>(std::max<std::size_t>(1, report.train + report.val));
    const auto told = [&](std::size_t before) {
        return [&, before](std::size_t done) {
            if (progress)
                progress(0.7 * static_cast<double>(before + done) / images, "reading images");
        };
    };
    const Size size{run.train->width(), run.train->height()}; // whole images, even where the training cuts windows
    const auto dataset = run.train->dataset();
    const auto kind = SampleLoader::isOfImages(run.train->classes()) ? SampleLoader::Classes::OfImages
                                                                     : SampleLoader::Classes::Exclusive;
    const SampleLoader trainImages(dataset, plan.split.train, plan.run.labels, size, {}, kind);
    const SampleLoader valImages(dataset, plan.split.val, plan.run.labels, size, {}, kind);
    const auto train = survey(trainImages, plan.run.labels, stop, told(0));
    if (!train)
        return train.error();
    const auto val = survey(valImages, plan.run.labels, stop, told(report.train));
    if (!val)
        return val.error();
    addClasses(report, plan.run.labels, *train, *val);
    addShared(report, trainImages, valImages, *train, *val);
    if (progress)
        progress(0.7, "training on one batch");
    constexpr int kSteps = 60;
    const auto probe = probeBatch(run.setup, kSteps, seconds, stop);
    if (!probe)
        return probe.error();
    report.probe = *probe;
    addProbe(report, run.setup);
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [](const auto &a, const auto &b) { return a.severity > b.severity; });
    return report;
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, std::string("the check before training failed: ") + e.what()};
}

Result<RateTest> testLearningRates(const RunRequest &request, const ModelList &models, std::stop_token stop,
                                   const std::function<void(double fraction)> &progress)
try {
    constexpr int kSteps = 100;
    constexpr double kLowest = 1e-6, kHighest = 1;
    auto ready = prepared(request, models, {}, stop);
    if (!ready)
        return ready.error();
    return findLearningRate(ready->second.setup, kSteps, kLowest, kHighest, stop, progress);
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, std::string("the test of learning rates failed: ") + e.what()};
}

Result<BatchTest> testBatchSizes(const RunRequest &request, const ModelList &models, std::int64_t budgetBytes,
                                 std::stop_token stop, const std::function<void(double fraction)> &progress)
try {
    auto ready = prepared(request, models, {}, stop);
    if (!ready)
        return ready.error();
    const auto budget = budgetBytes > 0 ? budgetBytes : availableMemory() / 10 * 8;
    return findBatchSize(ready->second.setup, budget, stop, progress);
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, std::string("the test of batch sizes failed: ") + e.what()};
}

Json PreflightReport::toJson() const
{
    Json json = Json::object(), shares = Json::array(), list = Json::array(), batch = Json::object();
    json.set("train_images", static_cast<std::uint64_t>(train));
    json.set("val_images", static_cast<std::uint64_t>(val));
    json.set("test_images", static_cast<std::uint64_t>(test));
    for (const auto &entry : classes) {
        Json share = Json::object();
        share.set("name", entry.name);
        share.set("train", entry.train);
        share.set("val", entry.val);
        shares.push_back(std::move(share));
    }
    json.set("classes", std::move(shares));
    for (const auto &finding : findings) {
        Json entry = Json::object(), names = Json::array();
        entry.set("severity", finding.severity == Severity::Problem   ? "problem"
                              : finding.severity == Severity::Warning ? "warning"
                                                                      : "note");
        entry.set("kind", finding.kind);
        entry.set("message", finding.message);
        for (const auto &image : finding.images)
            names.push_back(image);
        entry.set("images", std::move(names));
        list.push_back(std::move(entry));
    }
    json.set("findings", std::move(list));
    batch.set("steps", probe.steps);
    batch.set("first_loss", probe.firstLoss);
    batch.set("last_loss", std::isfinite(probe.lastLoss) ? Json(probe.lastLoss) : Json());
    batch.set("seconds_per_step", probe.secondsPerStep);
    json.set("one_batch", std::move(batch));
    json.set("seconds", seconds);
    json.set("memory_bytes", memoryBytes);
    json.set("available_bytes", availableBytes);
    return json;
}

} // namespace masque
