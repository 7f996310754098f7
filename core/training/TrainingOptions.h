// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"

#include <cstdint>
#include <string>

namespace masque {

/// How one run is trained; what is trained on (data, split, size, augmentation) stands in core/runs/RunOptions.h.
struct TrainingOptions {
    int epochs = 20;
    int batch = 8;                ///< images a step
    std::string loss = "ce+dice"; ///< ce, bce, dice, bce+dice, ce+dice
    std::string optimizer = "adam";
    double lr = 1e-3; ///< learning rate
    double weightDecay = 0;
    std::string schedule = "cosine"; ///< constant, cosine
    std::uint64_t seed = 1;
    std::string device = "auto";    ///< auto, cpu, cuda
    std::string precision = "auto"; ///< auto, exact (float32), bfloat16 (autocast)
    int threads = 0;                ///< compute threads; 0: as many as the machine has
};
const OptionTable<TrainingOptions> &trainingTable();

} // namespace masque
