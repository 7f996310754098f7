// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/train.h"

#include <cstdint>
#include <optional>
#include <vector>

/// Short trainings that find something out before the real one. They write nothing and leave setup.network changed:
/// give them one of its own.
namespace masque {

struct RatePoint {
    double lr = 0, loss = 0, smoothed = 0;
};
struct RateTest {
    std::vector<RatePoint> points; ///< ascending rate, up to where the loss ran away
    /// Where the smoothed loss falls most steeply; nothing if it falls nowhere.
    std::optional<double> suggested;
};
/// Learning rate range test (Smith 2017, "Cyclical learning rates", sec. 3.3): one step at each of so many rates, from
/// lowest to highest by equal factors, until the loss is four times the least one. Stopped: what there is.
Result<RateTest> findLearningRate(TrainingSetup setup, int steps, double lowest, double highest, std::stop_token stop,
                                  const std::function<void(double fraction)> &progress);

struct BatchProbe {
    double firstLoss = 0, lastLoss = 0; ///< of one batch, trained on again and again
    int steps = 0;
    double secondsPerStep = 0;     ///< without the first step, which also sets things up
    std::int64_t memoryBytes = -1; ///< what the process grew by at its highest; -1: not known here
};
/// Trains on one fixed batch, for steps or until seconds are over: a network that cannot learn even that has something
/// wrong with its labels, its loss or its rate.
Result<BatchProbe> probeBatch(TrainingSetup setup, int steps, double seconds, std::stop_token stop);

struct BatchTest {
    struct Point {
        int batch = 0;
        std::int64_t bytes = 0; ///< that training steps needed at their highest
    };
    std::vector<Point> points;
    std::int64_t budgetBytes = 0;
    std::int64_t fixedBytes = 0, imageBytes = 0; ///< the line through the points
    int largest = 0; ///< batch that fits the budget, no larger than there are images; 0: not one image does
};
/// Measures training steps of two, four and eight images, or as many as take half the budget, and goes on along the
/// line through them: what a step needs grows with its images. CPU only.
Result<BatchTest> findBatchSize(const TrainingSetup &setup, std::int64_t budgetBytes, std::stop_token stop,
                                const std::function<void(double fraction)> &progress);

} // namespace masque
