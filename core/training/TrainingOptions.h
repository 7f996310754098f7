// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"

#include <cstdint>
#include <string>

namespace masque {

/// How one run is trained; what is trained on (data, split, size, augmentation) stands in core/runs/RunOptions.h.
struct TrainingOptions {
    int epochs = 20;
    int batch = 8; ///< images a step

    std::string loss = "ce+dice";       ///< ce, bce, dice, ce+dice, bce+dice, focal, tversky, lovasz
    bool multiLabel = false;            ///< classes may overlap; ce then means bce
    std::string binaryOutputs = "auto"; ///< of two classes: auto (by the loss), one (sigmoid), two
    double diceWeight = 0.5;            ///< of Dice in ce+dice and bce+dice, 0..1
    double labelSmoothing = 0;          ///< of ce and bce, 0..1
    std::string classWeights = "none";  ///< none, balanced, or one number a class: 0.2,1,1
    double focalGamma = 2;
    double tverskyAlpha = 0.3, tverskyBeta = 0.7; ///< of false positives and false negatives

    std::string sampler = "shuffle"; ///< shuffle: every sample once an epoch; balanced: each class as often

    std::string optimizer = "adam"; ///< adam, adamw, sgd, rmsprop
    double lr = 1e-3;               ///< learning rate
    double weightDecay = 0;
    double momentum = 0.9; ///< of sgd and rmsprop
    bool nesterov = false; ///< of sgd
    double clipNorm = 0;   ///< greatest L2 norm of all gradients together; 0: any
    int accumulate = 1;    ///< batches a step
    double ema = 0;        ///< decay of the weights' moving average, which then is validated and kept; 0: none

    std::string schedule = "cosine"; ///< constant, step, cosine, one-cycle, poly, plateau
    double warmupEpochs = 0;
    double scheduleFactor = 0.1; ///< of step and plateau
    int scheduleEpochs = 10;     ///< between two steps; without improvement on a plateau

    std::string freeze;   ///< names or their beginnings, comma-separated: encoder,down.0; !last: all but last
    int freezeEpochs = 0; ///< the first ones; 0: all
    std::string metric = "mean_iou"; ///< chooses the best checkpoint: a key of EpochReport
    int patience = 0;                ///< epochs without a better one before training ends; 0: never
    bool rescue = true;              ///< after a loss that is not finite or runs away: back, at a lower rate

    std::uint64_t seed = 1;
    std::string device = "auto";    ///< auto, cpu, cuda
    std::string precision = "auto"; ///< auto or float32 (core/models/fast), exact (LibTorch's own), bfloat16 (autocast)
    int threads = 0;                ///< compute threads; 0: as many as the machine has
};
const OptionTable<TrainingOptions> &trainingTable();

/// Is a parameter or module of this name one of layers, names or their beginnings (whole parts), comma-separated? After
/// a "!" they are those that are left out.
bool isAmongLayers(const std::string &layers, const std::string &name);

} // namespace masque
