// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/teach/lessons.h"

#include "core/training/TrainingOptions.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace masque {

namespace {

constexpr auto kGroup = "Try it";

OptionSpec number(OptionType type, const char *key, const char *label, const char *help, double minimum, double maximum)
{
    return {.key = key,
            .label = label,
            .help = help,
            .group = kGroup,
            .type = type,
            .minimum = minimum,
            .maximum = maximum};
}

OptionSpec epochs()
{
    return number(OptionType::Int, "epochs", "Epochs", "How often all points are seen.", 1, 500);
}

OptionSpec seed()
{
    return number(OptionType::Int, "seed", "Seed", "Draws the points.", 0, 1e9);
}

OptionSpec rate(const char *key, const char *label)
{
    return number(OptionType::Real, key, label, "How far a step goes along the gradient.", 1e-5, 10);
}

std::string verdictOn(const LineFit &fit)
{
    const auto &first = fit.steps.front(), &last = fit.steps.back();
    const double before = fit.steps[fit.steps.size() - 2].loss;
    if (!std::isfinite(last.loss) || last.loss > first.loss)
        return "Too large: every step lands further from the minimum than it began, and the loss grows.";
    if (before - last.loss > 0.01 * last.loss)
        return "Too small: the loss falls, but the steps are so short that the line is still on its way.";
    return "Right: the loss has come down to what the noise leaves, and stays there.";
}

} // namespace

const std::vector<LessonInfo> &lessons()
{
    static const std::vector<LessonInfo> all = {
        {"line", "A line from noisy points",
         "The points were drawn from y = -3x + 4, with noise. A network of one weight and one bias starts at y = x and "
         "knows only the points. In every epoch, gradient descent asks how the mean squared error changes with the "
         "weight and with the bias, and moves both a little the other way. Twenty such steps find the line."},
        {"graph", "The gradients of a small graph",
         "One point, one weight, one bias: L = (w * x + b - y)^2 + k * w^2, the squared error and a weight decay. "
         "Forward, each node computes its value from the nodes before it. Backward, each node takes the gradient of L "
         "from the nodes that used it, times the slope of that use: the chain rule. Where two uses meet, as at w, "
         "their "
         "gradients add up."},
        {"rates", "The learning rate",
         "The same points and the same start, three learning rates. The gradient says in which direction the loss "
         "falls; the learning rate says how far to go. Too small a step wastes the epochs; too large a one jumps over "
         "the minimum and climbs the other side."}};
    return all;
}

const OptionTable<LineOptions> &lineTable()
{
    static const auto table = [] {
        OptionTable<LineOptions> t;
        t.add(number(OptionType::Int, "points", "Points", "How many there are.", 2, 1000), &LineOptions::points);
        t.add(number(OptionType::Real, "noise", "Noise", "Standard deviation of what is added to y.", 0, 5),
              &LineOptions::noise);
        t.add(epochs(), &LineOptions::epochs);
        t.add(rate("lr", "Learning rate"), &LineOptions::lr);
        const auto &specs = trainingTable().specs();
        auto schedule = specs[findOption(specs, "schedule").value()];
        schedule.group = kGroup;
        std::erase(schedule.choices, "plateau"); // there is no validation here
        t.add(schedule, &LineOptions::schedule);
        t.add(seed(), &LineOptions::seed);
        return t;
    }();
    return table;
}

const OptionTable<GraphOptions> &graphTable()
{
    static const auto table = [] {
        OptionTable<GraphOptions> t;
        const auto value = [](const char *key, const char *label, const char *help) {
            return number(OptionType::Real, key, label, help, -10, 10);
        };
        t.add(value("x", "x", "Input of the one point."), &GraphOptions::x);
        t.add(value("y", "y", "What should come out for it."), &GraphOptions::y);
        t.add(value("weight", "w", "The weight."), &GraphOptions::weight);
        t.add(value("bias", "b", "The bias."), &GraphOptions::bias);
        t.add(number(OptionType::Real, "decay", "k", "How much a large weight costs.", 0, 1), &GraphOptions::decay);
        return t;
    }();
    return table;
}

const OptionTable<RatesOptions> &ratesTable()
{
    static const auto table = [] {
        OptionTable<RatesOptions> t;
        t.add(rate("small", "Small"), &RatesOptions::small);
        t.add(rate("right", "Middle"), &RatesOptions::right);
        t.add(rate("large", "Large"), &RatesOptions::large);
        t.add(epochs(), &RatesOptions::epochs);
        t.add(seed(), &RatesOptions::seed);
        return t;
    }();
    return table;
}

std::string lineText(double slope, double intercept)
{
    char out[64];
    std::snprintf(out, sizeof out, "y = %.4gx %c %.4g", slope, intercept < 0 ? '-' : '+', std::abs(intercept));
    return out;
}

Json LineFit::toJson() const
{
    Json json = Json::object(), drawn = Json::array(), epochsDone = Json::array();
    for (const auto &point : points) {
        Json entry = Json::object();
        entry.set("x", point.x);
        entry.set("y", point.y);
        drawn.push_back(std::move(entry));
    }
    for (const auto &step : steps) {
        Json entry = Json::object();
        entry.set("epoch", step.epoch);
        entry.set("lr", step.lr);
        entry.set("slope", step.slope);
        entry.set("intercept", step.intercept);
        entry.set("loss", step.loss);
        entry.set("slope_gradient", step.slopeGradient);
        entry.set("intercept_gradient", step.interceptGradient);
        epochsDone.push_back(std::move(entry));
    }
    json.set("points", std::move(drawn));
    json.set("epochs", std::move(epochsDone));
    return json;
}

Result<std::vector<RateLesson>> compareRates(const RatesOptions &options)
{
    std::vector<RateLesson> all;
    for (const double lr : {options.small, options.right, options.large}) {
        auto fit = fitLine({.epochs = options.epochs, .lr = lr, .seed = options.seed});
        if (!fit)
            return fit.error();
        auto verdict = verdictOn(*fit);
        all.push_back({lr, std::move(*fit), std::move(verdict)});
    }
    return all;
}

} // namespace masque
