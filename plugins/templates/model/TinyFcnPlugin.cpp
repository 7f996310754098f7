// SPDX-License-Identifier: GPL-3.0-or-later
// The entry, in a file without LibTorch: its headers and Qt's do not go together.
#include "TinyFcn.h"
#include "core/plugins/Plugin.h"

#include <QObject>

namespace {

class TinyFcnPlugin : public QObject, public masque::Plugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID MasquePlugin_iid FILE "plugin.json")
    Q_INTERFACES(masque::Plugin)

public:
    void offer(masque::PluginRegistry &registry) override { registry.models.push_back(tinyFcnFactory()); }
};

} // namespace

#include "TinyFcnPlugin.moc"
