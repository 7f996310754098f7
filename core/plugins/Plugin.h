// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"

#include <QtPlugin>

namespace masque {

/// The entry of a plugin library: one QObject with Q_PLUGIN_METADATA(IID MasquePlugin_iid FILE "x.json") that
/// implements this. The JSON metadata (id, title, version, license, apiVersion) is read and checked before the object
/// is made.
class Plugin {
public:
    virtual ~Plugin() = default;
    /// Adds what the plugin offers. May throw; the host then lists the plugin as refused.
    virtual void offer(PluginRegistry &) = 0;
};

inline constexpr int kPluginApiVersion = 1;

} // namespace masque

#define MasquePlugin_iid "org.masque.Plugin/1"
Q_DECLARE_INTERFACE(masque::Plugin, MasquePlugin_iid)
