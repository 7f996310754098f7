// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"
#include "core/datasets/DatasetFormat.h"
#include "core/models/ModelFactory.h"

#include <memory>
#include <string>
#include <vector>

namespace masque {

/// Everything that plugins offer, in one list each.
struct PluginRegistry {
    FormatList formats;
    ModelList models;
    std::vector<std::shared_ptr<const ToolFactory>> tools; ///< in palette order
};

/// One plugin as `masque plugins` lists it.
struct PluginInfo {
    std::string id, title, version, license, origin; ///< origin: "built in" or the file
    std::vector<std::string> offers;                 ///< "format labelme", "model unet", ...
    std::string refused;                             ///< why it was not loaded; empty if it was
};

/// Finds and loads plugins once; a bad plugin is listed with its reason and never takes the program down.
class PluginHost {
public:
    PluginHost(); ///< loads the built-in plugins
    const PluginRegistry &registry() const { return m_registry; }
    const std::vector<PluginInfo> &plugins() const { return m_plugins; }

private:
    PluginRegistry m_registry;
    std::vector<PluginInfo> m_plugins;
};

} // namespace masque
