// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"
#include "core/plugins/PluginHost.h"

#include <stop_token>
#include <string>
#include <vector>

namespace masque {

/// What `masque bench canvas` measures and how large it is.
struct CanvasBenchOptions {
    std::string ops;   ///< comma-separated; empty: all
    int width = 12000; ///< of the large image, pixels
    int height = 8000;
    int polygons = 2000;
    int vertices = 200;  ///< a polygon
    int events = 400;    ///< mouse or wheel events an operation
    int images = 200;    ///< that are walked through, forth and back
    int walkSize = 1024; ///< width of those, pixels
};
const OptionTable<CanvasBenchOptions> &canvasBenchOptions();

/// Drives the Label workspace with mouse, wheel and key events through a running event loop and measures from the
/// event to the repainted window. Makes its images in a temporary folder. Returns the list
/// [{"op", "p50_ms", "p99_ms", "idle_p99_ms", "rss_mib"}]; idle is how late the event loop itself wakes between the
/// events. Needs no application object: it makes its own.
Result<Json> benchCanvas(const Json &options, const PluginRegistry &plugins, std::stop_token stop);

} // namespace masque
