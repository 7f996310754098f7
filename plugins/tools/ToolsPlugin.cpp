// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/builtin_tools.h"
#include "core/plugins/Plugin.h"

#include <QObject>

/// The built-in canvas tools.
class ToolsPlugin : public QObject, public masque::Plugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID MasquePlugin_iid FILE "tools.json")
    Q_INTERFACES(masque::Plugin)

public:
    void offer(masque::PluginRegistry &registry) override
    {
        for (const auto &tool : masque::builtinTools())
            registry.tools.push_back(tool);
    }
};

#include "ToolsPlugin.moc"
