// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"
#include "core/plugins/PluginHost.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace masque {

/// What the studio begins with.
struct StudioStart {
    std::string path = {}; ///< a folder, an image or a run; empty: nothing
    std::string live = {}; ///< a camera's number or a video file that the run in path recognises; empty: none
};
/// Opens the studio and returns the exit code.
using OpenStudio = std::function<int(const StudioStart &start, const PluginRegistry &plugins)>;

/// The studio's own benchmark; null in a build without window.
struct CanvasBenchCommand {
    std::vector<OptionSpec> options = {};
    std::function<Result<Json>(const Json &options, const PluginRegistry &plugins, std::stop_token stop)> run = {};
};

/// Starts the program anew with OMP_WAIT_POLICY=PASSIVE where the environment does not say how OpenMP's threads wait:
/// they would otherwise spin through every pause and take the processor from the window and from each other (measured:
/// training 3.5 times slower on a busy machine). libgomp reads it once, while it is loaded, so the first line of main()
/// is the place.
void restartWithPassiveWaiting(char **argv);

/// The whole command line: `masque COMMAND ...` or `masque [PATH]`, which calls openStudio (a build without window says
/// so). Returns the exit code: 0 done, 1 failed (one line "masque: error: ..." on stderr), 2 wrong usage.
int runCommandLine(int argc, char **argv, const OpenStudio &openStudio, const CanvasBenchCommand &canvasBench = {});

} // namespace masque
