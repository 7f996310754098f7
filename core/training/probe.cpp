// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/probe.h"

#include "core/base/memory.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace masque {

namespace {

/// The first samples of another source over and over, always with the same variation where asked for.
class RepeatedSource : public SampleSource {
public:
    enum class Variation { AsAsked, None };
    RepeatedSource(const SampleSource &source, std::size_t distinct, std::size_t size, Variation variation)
        : m_source(source), m_distinct(distinct), m_size(size), m_variation(variation)
    {
    }
    std::size_t size() const override { return m_size; }
    int channels() const override { return m_source.channels(); }
    int height() const override { return m_source.height(); }
    int width() const override { return m_source.width(); }
    std::size_t targetElements() const override { return m_source.targetElements(); }
    std::string name(std::size_t index) const override { return m_source.name(index % m_distinct); }
    Result<void> read(std::size_t index, std::uint64_t variation, std::span<float> image,
                      std::span<std::uint8_t> target) const override
    {
        return m_source.read(index % m_distinct, m_variation == Variation::None ? 0 : variation, image, target);
    }

private:
    const SampleSource &m_source;
    std::size_t m_distinct, m_size;
    Variation m_variation;
};

/// What every probe asks of the trainer: one epoch, nothing written, nothing rescued.
void simplify(TrainingSetup &setup)
{
    setup.val = nullptr;
    setup.runFolder.clear();
    setup.resume = false;
    setup.options.epochs = 1;
    setup.options.rescue = false;
    setup.options.patience = 0;
    setup.options.accumulate = 1;
    setup.mixup = 0;
}

bool isAlarm(const Error &error)
{
    return error.code == ErrorCode::Data && error.context == "lr";
}

std::optional<double> steepest(const std::vector<RatePoint> &points)
{
    // a slope over a few points: the single steps of a loss are noise
    constexpr std::size_t kSpan = 5;
    std::optional<double> rate;
    double least = 0;
    for (std::size_t i = kSpan; i + kSpan < points.size(); ++i) {
        const auto &before = points[i - kSpan], &after = points[i + kSpan];
        const double slope = (after.smoothed - before.smoothed) / std::log(after.lr / before.lr);
        if (slope < least) {
            least = slope;
            rate = points[i].lr;
        }
    }
    return rate;
}

} // namespace

Result<RateTest> findLearningRate(TrainingSetup setup, int steps, double lowest, double highest, std::stop_token stop,
                                  const std::function<void(double fraction)> &progress)
{
    if (!setup.train || setup.train->size() == 0)
        return Error{ErrorCode::Data, "there are no images to train on", "train"};
    simplify(setup);
    const auto batch = static_cast<std::size_t>(setup.options.batch);
    const RepeatedSource source(*setup.train, setup.train->size(), batch * static_cast<std::size_t>(steps),
                                RepeatedSource::Variation::AsAsked);
    setup.train = &source;
    setup.rate = [=](double at) { return lowest * std::pow(highest / lowest, at * steps / std::max(1, steps - 1)); };

    RateTest test;
    std::stop_source enough;
    const std::stop_callback pass(stop, [&] { enough.request_stop(); });
    double average = 0, weight = 0, least = INFINITY;
    TrainingSink sink;
    sink.record = [&](const StepRecord &step) {
        if (enough.stop_requested())
            return;
        constexpr double kSmoothing = 0.9; // corrected for its start, as Adam's moments are
        average = kSmoothing * average + (1 - kSmoothing) * step.loss;
        weight = kSmoothing * weight + (1 - kSmoothing);
        const double smoothed = average / weight;
        if (!std::isfinite(smoothed) || (test.points.size() > 10 && smoothed > 4 * least)) {
            enough.request_stop();
            return;
        }
        least = std::min(least, smoothed);
        test.points.push_back({step.lr, step.loss, smoothed});
        if (progress)
            progress(static_cast<double>(step.step) / steps);
    };
    const auto outcome = train(setup, enough.get_token(), sink);
    if (!outcome && !isAlarm(outcome.error()))
        return outcome.error();
    test.suggested = steepest(test.points);
    return test;
}

Result<BatchProbe> probeBatch(TrainingSetup setup, int steps, double seconds, std::stop_token stop)
{
    if (!setup.train || setup.train->size() == 0)
        return Error{ErrorCode::Data, "there are no images to train on", "train"};
    simplify(setup);
    const auto batch = std::min(static_cast<std::size_t>(setup.options.batch), setup.train->size());
    setup.options.batch = static_cast<int>(batch);
    const RepeatedSource source(*setup.train, batch, batch * static_cast<std::size_t>(steps),
                                RepeatedSource::Variation::None);
    setup.train = &source;
    setup.rate = [lr = setup.options.lr](double) { return lr; };

    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    auto first = start, last = start;
    BatchProbe probe;
    std::stop_source enough;
    const std::stop_callback pass(stop, [&] { enough.request_stop(); });
    const auto before = resetPeakMemory();
    TrainingSink sink;
    sink.record = [&](const StepRecord &step) {
        last = Clock::now();
        if (probe.steps++ == 0) {
            first = last;
            probe.firstLoss = step.loss;
        }
        probe.lastLoss = step.loss;
        if (probe.steps >= 2 && std::chrono::duration<double>(last - start).count() > seconds)
            enough.request_stop(); // a time and a trend need two
    };
    const auto outcome = train(setup, enough.get_token(), sink);
    if (!outcome && !isAlarm(outcome.error()))
        return outcome.error();
    if (!outcome)
        probe.lastLoss = INFINITY;
    if (const auto peak = peakMemory(); before >= 0 && peak >= 0)
        probe.memoryBytes = std::max<std::int64_t>(0, peak - before);
    if (probe.steps > 1)
        probe.secondsPerStep = std::chrono::duration<double>(last - first).count() / (probe.steps - 1);
    return probe;
}

namespace {

/// The line through the last two points, and the largest batch under it.
void extrapolate(BatchTest &test, std::size_t images)
{
    const auto &last = test.points.back();
    const auto &before = test.points.size() > 1 ? test.points[test.points.size() - 2] : BatchTest::Point{};
    const auto through = std::max<std::int64_t>(1, last.bytes / last.batch); // and zero: nothing costs less than that
    test.imageBytes = std::clamp<std::int64_t>((last.bytes - before.bytes) / (last.batch - before.batch), 1, through);
    test.fixedBytes = last.bytes - test.imageBytes * last.batch;
    const auto fitting = std::max<std::int64_t>(0, (test.budgetBytes - test.fixedBytes) / test.imageBytes);
    test.largest = static_cast<int>(std::min(fitting, static_cast<std::int64_t>(images)));
}

} // namespace

Result<BatchTest> findBatchSize(const TrainingSetup &setup, std::int64_t budgetBytes, std::stop_token stop,
                                const std::function<void(double fraction)> &progress)
{
    constexpr double kSeconds = 60;
    const auto device = resolveDevice(setup.options.device);
    if (!device)
        return device.error();
    if (*device != "cpu" || availableMemory() < 0)
        return Error{ErrorCode::Unsupported, "the memory of " + *device + " cannot be measured here", "device"};
    BatchTest test;
    test.budgetBytes = budgetBytes;
    auto trial = setup;
    const auto images = setup.train ? setup.train->size() : 0;
    const auto measure = [&](int batch) {
        trial.options.batch = batch;
        return probeBatch(trial, 2, kSeconds, stop);
    };
    // what comes once is paid for here: decoded images, compiled kernels, libraries
    if (const auto first = measure(2); !first)
        return first.error();
    for (const int batch : {2, 4, 8}) {
        if (!test.points.empty() && static_cast<std::size_t>(batch) > images)
            break;
        const auto probe = measure(batch);
        if (!probe)
            return probe.error();
        if (stop.stop_requested())
            return test;
        test.points.push_back({std::min(batch, static_cast<int>(images)), probe->memoryBytes});
        if (progress)
            progress(0.25 * static_cast<double>(test.points.size() + 1));
        if (2 * probe->memoryBytes > budgetBytes)
            break;
    }
    extrapolate(test, images);
    return test;
}

} // namespace masque
