// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/shortcuts/ShortcutRegistry.h"

#include <QAbstractTableModel>

namespace masque {

/// The registry's entries, one a row: command, where it belongs, keys. Rows in conflict are marked and name the other.
class ShortcutsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { CommandColumn, CategoryColumn, KeysColumn, ColumnCount };

    explicit ShortcutsModel(const ShortcutRegistry &registry, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    QString conflictText(int row) const; ///< names both; empty without a conflict
    int conflictCount() const;           ///< rows that have one

private:
    void refresh();

    const ShortcutRegistry &m_registry;
    std::vector<std::vector<std::size_t>> m_conflicts; ///< a row each
};

} // namespace masque
