// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masque {

namespace {

/// Half a cosine from one value to another; share 0..1.
double cosineBetween(double from, double to, double share)
{
    return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(share, 0.0, 1.0)));
}

double scheduled(const TrainingOptions &options, double epoch)
{
    const double share = std::clamp(epoch / options.epochs, 0.0, 1.0);
    if (options.schedule == "step")
        return options.lr * std::pow(options.scheduleFactor, std::floor(epoch / options.scheduleEpochs));
    if (options.schedule == "cosine")
        return cosineBetween(options.lr, 0, share);
    if (options.schedule == "one-cycle") {
        constexpr double kRise = 0.3, kStart = 1.0 / 25, kEnd = 1.0 / 250000;
        return share < kRise ? cosineBetween(options.lr * kStart, options.lr, share / kRise)
                             : cosineBetween(options.lr, options.lr * kEnd, (share - kRise) / (1 - kRise));
    }
    if (options.schedule == "poly")
        return options.lr * std::pow(1 - share, 0.9);
    return options.lr;
}

} // namespace

double learningRate(const TrainingOptions &options, double epoch)
{
    constexpr double kColdest = 0.01; // a rate of nothing would waste the first step
    const double warmth = options.warmupEpochs > 0 ? std::clamp(epoch / options.warmupEpochs, kColdest, 1.0) : 1;
    return scheduled(options, epoch) * warmth;
}

} // namespace masque
