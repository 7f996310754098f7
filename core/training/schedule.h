// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/TrainingOptions.h"

namespace masque {

/// The learning rate at a point of the run. epoch counts from 0 and may lie within one (2.5: half of the third).
///   constant   lr
///   step       lr * factor^(epochs done / step_epochs)
///   cosine     from lr to 0 along half a cosine (Loshchilov and Hutter 2017, without restarts)
///   one-cycle  lr / 25 up to lr in the first 30 %, then down to lr / 250000, both along cosines (Smith and Topin 2018)
///   poly       lr * (1 - share done)^0.9 (Chen et al. 2017, "DeepLab")
///   plateau    lr; the trainer multiplies it by factor whenever validation does not improve
/// Within the first warmup_epochs it is scaled from near 0 up (Goyal et al. 2017).
double learningRate(const TrainingOptions &options, double epoch);

} // namespace masque
