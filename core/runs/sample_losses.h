// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/RunLog.h"

#include <string>
#include <vector>

namespace masque {

/// A training image and what it lost: mean cross-entropy a pixel.
struct SampleLoss {
    std::string image; ///< as in Dataset::items
    double loss = 0;
};

/// The images behind a point of a run's training curve: those of the step nearest to at (epochs done, with fractions),
/// the worst first.
struct StepSamples {
    StepRecord step;
    std::vector<SampleLoss> samples;
};
Result<StepSamples> samplesNear(const std::string &runFolder, double at);

/// Training images whose loss stayed high, the worst first: the mean over the times that each was seen, without
/// the first quarter, when nothing is learnt yet. Wrong labels gather here (Arpit et al. 2017: what is noisy is learnt
/// last).
Result<std::vector<SampleLoss>> alwaysHighLosses(const std::string &runFolder);

/// Each step of a run that is not live, for its curve: ascending in at (epochs done, with fractions).
struct StepPoint {
    double at = 0, loss = 0, lr = 0;
};
Result<std::vector<StepPoint>> stepCurve(const std::string &runFolder);

} // namespace masque
