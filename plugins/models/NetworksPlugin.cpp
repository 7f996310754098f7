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
        for (auto &model : masque::ownModels())
            registry.models.push_back(std::move(model));
    }
};

#include "NetworksPlugin.moc"
