// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"

namespace masque {

inline const ModelList kModels{unetFactory(), resnet18UnetFactory()};

/// Trained within a second.
inline RunOptions smallOptions()
{
    RunOptions options;
    options.data.size = "32";
    options.training.epochs = 2;
    options.training.batch = 4;
    options.training.threads = 1;
    options.model.set("base", 8);
    return options;
}

} // namespace masque
