// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/models/Network.h"
#include "core/training/Optimizer.h"
#include "core/training/losses.h"
#include "core/training/schedule.h"
#include "core/training/teach/lessons.h"

#include <ATen/ops/linear.h>
#include <torch/nn/module.h>

#include <algorithm>

namespace masque {

namespace {

constexpr double kReach = 2; ///< x lies within +- this

/// y = weight * x + bias. Starts at y = x, without asking LibTorch's generator, which a training may be using.
struct Line : torch::nn::Module {
    torch::Tensor weight = register_parameter("weight", torch::ones({1, 1}));
    torch::Tensor bias = register_parameter("bias", torch::zeros({1}));
};

std::vector<Point> noisyPoints(const LineOptions &options)
{
    auto random = Random::of(options.seed);
    std::vector<Point> points;
    for (int i = 0; i < options.points; ++i) {
        const double x = random.uniform(-kReach, kReach);
        points.push_back({x, kTrueSlope * x + kTrueIntercept + options.noise * random.normal()});
    }
    std::sort(points.begin(), points.end(), [](const Point &a, const Point &b) { return a.x < b.x; });
    return points;
}

/// float32 [N, 1]
torch::Tensor column(const std::vector<Point> &points, double Point::*coordinate)
{
    const auto values = torch::empty({static_cast<std::int64_t>(points.size()), 1});
    for (std::size_t i = 0; i < points.size(); ++i)
        values.data_ptr<float>()[i] = static_cast<float>(points[i].*coordinate);
    return values;
}

} // namespace

Result<LineFit> fitLine(const LineOptions &options)
try {
    if (auto valid = validateOptions(lineTable().specs(), lineTable().toJson(options)); !valid)
        return valid.error();
    TrainingOptions training;
    training.epochs = options.epochs;
    training.optimizer = "sgd";
    training.momentum = 0; // plain gradient descent
    training.lr = options.lr;
    training.schedule = options.schedule;
    const torch::AutoGradMode gradients(true);
    const Line line;
    Optimizer optimizer(line, training);

    LineFit fit{.points = noisyPoints(options), .steps = {}};
    const auto x = column(fit.points, &Point::x), y = column(fit.points, &Point::y);
    for (int epoch = 0; epoch <= options.epochs; ++epoch) {
        optimizer.clearGradients();
        const auto loss = meanSquaredError(at::linear(x, line.weight, line.bias), y);
        loss.backward();
        const double lr = learningRate(training, epoch);
        fit.steps.push_back({.epoch = epoch,
                             .slope = line.weight.item<double>(),
                             .intercept = line.bias.item<double>(),
                             .loss = loss.item<double>(),
                             .slopeGradient = line.weight.grad().item<double>(),
                             .interceptGradient = line.bias.grad().item<double>(),
                             .lr = lr});
        optimizer.step(lr);
    }
    return fit;
} catch (...) {
    return torchError("fitting a line");
}

} // namespace masque
