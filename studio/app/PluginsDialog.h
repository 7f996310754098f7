// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"

#include <QDialog>

class QLabel;
class QTreeWidget;

namespace masque {

/// Help > Plugins: each plugin with its version, licence, origin and state; below, what the chosen one offers, why it
/// was refused, and what went wrong in it since the start.
class PluginsDialog : public QDialog {
    Q_OBJECT
public:
    PluginsDialog(const std::vector<PluginInfo> &plugins, QWidget *parent = nullptr);

private:
    void fill();
    void describe();
    void openFolder();

    const std::vector<PluginInfo> &m_plugins;
    QTreeWidget *m_list;
    QLabel *m_details;
};

} // namespace masque
