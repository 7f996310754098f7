// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"
#include "core/base/geometry.h"

#include <cstdint>
#include <string>
#include <vector>

/// Lessons on how a network learns, small enough to be seen whole, on the optimiser, schedule and loss that every
/// training here goes through. The command line and the studio show the same figures.
namespace masque {

/// English; the studio translates it.
struct LessonInfo {
    std::string id; ///< line, graph, rates
    std::string title;
    std::string text; ///< what there is to see
};
const std::vector<LessonInfo> &lessons();

// ---- line: y = -3x + 4 from noisy points

inline constexpr double kTrueSlope = -3, kTrueIntercept = 4;

struct LineOptions {
    int points = 60;
    double noise = 0.5; ///< standard deviation
    int epochs = 20;
    double lr = 0.2;
    std::string schedule = "constant"; ///< as TrainingOptions::schedule
    std::uint64_t seed = 1;
};
const OptionTable<LineOptions> &lineTable();

/// The line as it stands after so many epochs, and what the loss says of it.
struct LineStep {
    int epoch = 0; ///< 0: the start, y = x
    double slope = 0, intercept = 0;
    double loss = 0; ///< mean squared error over all points
    double slopeGradient = 0, interceptGradient = 0;
    double lr = 0; ///< of the step that follows
};
struct LineFit {
    std::vector<Point> points;   ///< by x, -2..2
    std::vector<LineStep> steps; ///< epochs + 1
    Json toJson() const;
};
/// A network of one layer (one weight, one bias), gradient descent on the mean squared error of all points, one step an
/// epoch.
Result<LineFit> fitLine(const LineOptions &options);
/// "y = -2.98x + 4.03"
std::string lineText(double slope, double intercept);

// ---- graph: the gradients of a small graph, step by step

struct GraphOptions {
    double x = 2, y = -2;          ///< one point of the line
    double weight = 1, bias = 0.5; ///< what is learnt
    double decay = 0.1;            ///< of the weight
};
const OptionTable<GraphOptions> &graphTable();

/// One value of L = (w * x + b - y)^2 + k * w^2.
struct GraphNode {
    std::string name;                ///< "m"
    std::string formula;             ///< "w * x"; empty: given
    std::vector<std::size_t> inputs; ///< nodes before it
    double value = 0;
    double gradient = 0; ///< dL/d(name), by the chain rule
    double autograd = 0; ///< the same by LibTorch
};
struct GraphStep {
    enum class Pass { Forward, Backward } pass;
    std::size_t node;
    std::string text; ///< "dL/dw = dL/dm * dm/dw + dL/dr * dr/dw = 9 * 2 + 0.1 * 2 = 18.2"
};
struct GraphLesson {
    std::vector<GraphNode> nodes; ///< each after its inputs, L last
    std::vector<GraphStep> steps;
    double difference() const; ///< greatest, between gradient and autograd
    Json toJson() const;
};
Result<GraphLesson> differentiateGraph(const GraphOptions &options);

// ---- rates: one line, three learning rates

struct RatesOptions {
    double small = 0.005, right = 0.2, large = 0.8;
    int epochs = 20;
    std::uint64_t seed = 1;
};
const OptionTable<RatesOptions> &ratesTable();

struct RateLesson {
    double lr = 0;
    LineFit fit;
    std::string verdict; ///< one sentence, by what happened
};
/// In the order of the options. The points and the start are the same for all.
Result<std::vector<RateLesson>> compareRates(const RatesOptions &options);

} // namespace masque
