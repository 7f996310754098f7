// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugins/Plugin.h"
#include "plugins/formats/builtin_formats.h"

#include <QObject>

/// The built-in dataset formats.
class FormatsPlugin : public QObject, public masque::Plugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID MasquePlugin_iid FILE "formats.json")
    Q_INTERFACES(masque::Plugin)

public:
    void offer(masque::PluginRegistry &registry) override
    {
        for (const auto &format : masque::builtinFormats())
            registry.formats.push_back(format);
    }
};

#include "FormatsPlugin.moc"
