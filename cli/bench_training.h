// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/common.h"

namespace masque {

/// bench train, bench load and bench predict: how fast networks are trained, fed and applied here.
void addTrainingBenches(CLI::App &bench, CommandList &commands, const PluginRegistry &registry);

} // namespace masque
