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
    std::string binaryOutputs = "auto";   ///< as TrainingOptions::binaryOutputs
    bool multiLabel = false;              ///< classes may overlap: each but the background is a question of its own

    static LossSpec of(const TrainingOptions &, std::vector<float> classWeights);
    Json toJson() const;
    /// A plain text is a name with the defaults.
    static LossSpec fromJson(const Json &);

    /// Targets are shares of classes, not ids (soft cross-entropy).
    bool isSoft() const { return name == "soft-ce"; }
    /// Classes exclude each other (softmax), rather than each being told from the rest (sigmoid).
    bool isSoftmax() const;
    /// Logits a pixel for so many classes, background included: one a class, for a binary task perhaps one in all;
    /// where classes may overlap one for each but the background.
    int outputChannels(int classes) const;
};

} // namespace masque
