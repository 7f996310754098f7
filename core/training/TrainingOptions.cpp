// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingOptions.h"

namespace masque {

const OptionTable<TrainingOptions> &trainingTable()
{
    using Options = TrainingOptions;
    static const auto table = [] {
        OptionTable<Options> t;
        t.add({.key = "epochs",
               .label = "Epochs",
               .help = "How often every training image is seen.",
               .group = "Training",
               .type = OptionType::Int,
               .minimum = 1,
               .maximum = 100000},
              &Options::epochs);
        t.add({.key = "batch",
               .label = "Batch",
               .help = "Images a step; more need more memory.",
               .group = "Training",
               .type = OptionType::Int,
               .minimum = 1,
               .maximum = 4096,
               .unit = "images"},
              &Options::batch);
        t.add({.key = "loss",
               .label = "Loss",
               .help = "ce+dice learns fastest where classes exclude each other, small and rare ones too; bce and "
                       "bce+dice treat every class on its own.",
               .group = "Training",
               .type = OptionType::Choice,
               .choices = {"ce", "bce", "dice", "bce+dice", "ce+dice"}},
              &Options::loss);
        t.add({.key = "optimizer",
               .label = "Optimiser",
               .help = "Adam (Kingma and Ba 2015).",
               .group = "Training",
               .type = OptionType::Choice,
               .choices = {"adam"},
               .advanced = true},
              &Options::optimizer);
        t.add({.key = "lr",
               .label = "Learning rate",
               .help = "Size of a step; lower it if the loss jumps or is not finite.",
               .group = "Training",
               .type = OptionType::Real,
               .minimum = 1e-8,
               .maximum = 10},
              &Options::lr);
        t.add({.key = "weight_decay",
               .label = "Weight decay",
               .help = "Pulls the weights towards zero (L2), against overfitting.",
               .group = "Training",
               .type = OptionType::Real,
               .minimum = 0,
               .maximum = 1,
               .advanced = true},
              &Options::weightDecay);
        t.add({.key = "schedule",
               .label = "Schedule",
               .help = "Learning rate over the epochs: constant, or falling along a cosine.",
               .group = "Training",
               .type = OptionType::Choice,
               .choices = {"constant", "cosine"}},
              &Options::schedule);
        t.add({.key = "seed",
               .label = "Seed",
               .help = "The same seed, data and threads give the same curve.",
               .group = "Training",
               .type = OptionType::Int,
               .minimum = 0,
               .maximum = 9007199254740991,
               .advanced = true},
              &Options::seed);
        t.add({.key = "device",
               .label = "Device",
               .help = "auto takes a CUDA device where there is one.",
               .group = "Computation",
               .type = OptionType::Choice,
               .choices = {"auto", "cpu", "cuda"}},
              &Options::device);
        t.add({.key = "precision",
               .label = "Precision",
               .help = "auto: float32 in the fastest memory layout; exact: float32 in LibTorch's own; bfloat16: mixed, "
                       "about twice as fast on processors that have it.",
               .group = "Computation",
               .type = OptionType::Choice,
               .choices = {"auto", "exact", "bfloat16"},
               .advanced = true},
              &Options::precision);
        t.add({.key = "threads",
               .label = "Threads",
               .help = "Compute threads; 0 takes as many as the machine has.",
               .group = "Computation",
               .type = OptionType::Int,
               .minimum = 0,
               .maximum = 1024,
               .advanced = true},
              &Options::threads);
        return t;
    }();
    return table;
}

} // namespace masque
