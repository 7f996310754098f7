// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "core/training/SampleSource.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace masque {

/// Pixels of each class over all samples, as the network sees them; ignored ones are in none. Where classes may overlap
/// the background is what has no class. What was counted so far after a stop.
Result<std::vector<std::int64_t>> classPixels(const SampleSource &source, int classes, std::stop_token stop);

/// Weights from TrainingOptions::classWeights: "none" gives none, "balanced" N / (K * N_class) over the samples' pixels
/// (King and Zeng 2001, as scikit-learn has it; 1 for a class that never occurs), else one number a class.
Result<std::vector<float>> classWeights(const std::string &option, const SampleSource &source, const LabelSet &labels,
                                        std::stop_token stop);

} // namespace masque
