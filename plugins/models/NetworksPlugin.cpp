// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/ModelFactory.h"
#include "core/plugins/Plugin.h"

#include <QObject>

/// Offers the networks that live in core/models.
class NetworksPlugin : public QObject, public masque::Plugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID MasquePlugin_iid FILE "networks.json")
    Q_INTERFACES(masque::Plugin)

public:
    void offer(masque::PluginRegistry &registry) override
    {
        registry.models.push_back(masque::unetFactory());
        registry.models.push_back(masque::resnet18UnetFactory());
    }
};

#include "NetworksPlugin.moc"
