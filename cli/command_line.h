// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"

#include <functional>
#include <string>

namespace masque {

/// Opens the studio on a path ("" for none) and returns the exit code.
using OpenStudio = std::function<int(const std::string &path, const PluginRegistry &plugins)>;

/// The whole command line: `masque COMMAND ...` or `masque [PATH]`, which calls openStudio (a build without window says
/// so). Returns the exit code: 0 done, 1 failed (one line "masque: error: ..." on stderr), 2 wrong usage.
int runCommandLine(int argc, char **argv, const OpenStudio &openStudio);

} // namespace masque
