// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/training/TrainingOptions.h"

#include <string>
#include <vector>

namespace masque {

/// A loss with everything that it depends on, so that evaluating a checkpoint gives the very figure of its training.
struct LossSpec {
    std::string name = "ce+dice"; ///< as TrainingOptions::loss
    double diceWeight = 0.5;
    double labelSmoothing = 0;
    double focalGamma = 2;
    double tverskyAlpha = 0.3, tverskyBeta = 0.7;
    std::vector<float> classWeights = {}; ///< one a class; empty: all alike

    static LossSpec of(const TrainingOptions &, std::vector<float> classWeights);
    Json toJson() const;
    /// A plain text is a name with the defaults.
    static LossSpec fromJson(const Json &);

    /// Classes exclude each other (softmax), rather than each being told from the rest (sigmoid).
    bool isSoftmax() const;
    /// Logits a pixel for so many classes: one for a binary task under a sigmoid loss, else one a class.
    int outputChannels(int classes) const { return !isSoftmax() && classes == 2 ? 1 : classes; }
};

} // namespace masque
