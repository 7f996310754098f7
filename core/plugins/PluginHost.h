// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"
#include "core/datasets/DatasetFormat.h"
#include "core/models/ModelFactory.h"

#include <memory>
#include <string>
#include <vector>

namespace masque {

class PluginTroubles;

/// One plugin as Help > Plugins and `masque plugins` list it.
struct PluginInfo {
    std::string id, title, version, license, origin; ///< origin: "built in" or the file
    std::vector<std::string> offers;                 ///< "format labelme", "model unet", ...
    std::string refused;                             ///< why it was not loaded; empty if it was
    std::shared_ptr<const PluginTroubles> calls;     ///< what went wrong in calls of it; null of a built-in one

    std::vector<std::string> troubles() const; ///< one sentence each, empty if all is well
};

/// Everything that plugins offer, in one list each, and the plugins themselves.
struct PluginRegistry {
    FormatList formats;
    ModelList models;
    std::vector<std::shared_ptr<const ToolFactory>> tools; ///< in palette order
    std::vector<PluginInfo> plugins;                       ///< by id
};

/// $XDG_DATA_HOME/masque/plugins (~/.local/share without it): the user's own plugins.
std::string userPluginFolder();
/// Where plugins of others are looked for; of two with one id the first counts: the folders of $MASQUE_PLUGIN_PATH
/// (with
/// ':' between them), the user's own, and lib/masque/plugins of the installation.
std::vector<std::string> pluginFolders();

/// Finds and loads plugins once: the built-in ones and each *.so of the folders. A bad plugin is listed with its reason
/// and never takes the program down: what a plugin of others throws, later too, is an error in its place
/// (PluginTroubles).
class PluginHost {
public:
    explicit PluginHost(const std::vector<std::string> &folders = pluginFolders());
    const PluginRegistry &registry() const { return m_registry; }

private:
    PluginRegistry m_registry;
};

} // namespace masque
