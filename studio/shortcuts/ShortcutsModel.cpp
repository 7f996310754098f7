// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/shortcuts/ShortcutsModel.h"

#include "studio/theme/Theme.h"

#include <QFont>

#include <algorithm>

namespace masque {

ShortcutsModel::ShortcutsModel(const ShortcutRegistry &registry, QObject *parent)
    : QAbstractTableModel(parent), m_registry(registry)
{
    connect(&registry, &ShortcutRegistry::changed, this, &ShortcutsModel::refresh);
    refresh();
}

void ShortcutsModel::refresh()
{
    const std::size_t count = m_registry.entries().size();
    const bool isOther = count != m_conflicts.size();
    if (isOther)
        beginResetModel();
    m_conflicts.clear();
    for (std::size_t i = 0; i < count; ++i)
        m_conflicts.push_back(m_registry.conflicts(i));
    if (isOther)
        endResetModel();
    else if (count > 0)
        Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(count) - 1, ColumnCount - 1));
}

int ShortcutsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_conflicts.size());
}

int ShortcutsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString ShortcutsModel::conflictText(int row) const
{
    const auto at = static_cast<std::size_t>(row);
    QStringList others;
    for (const std::size_t other : m_conflicts[at])
        others << tr("“%1” (%2)").arg(m_registry.entries()[other].title, keysText(m_registry.entries()[other].keys));
    if (others.isEmpty())
        return {};
    return tr("“%1” (%2) shares a key with %3")
        .arg(m_registry.entries()[at].title, keysText(m_registry.entries()[at].keys),
             others.join(QStringLiteral(", ")));
}

int ShortcutsModel::conflictCount() const
{
    return static_cast<int>(
        std::count_if(m_conflicts.begin(), m_conflicts.end(), [](const auto &others) { return !others.empty(); }));
}

QVariant ShortcutsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto at = static_cast<std::size_t>(index.row());
    const ShortcutRegistry::Entry &entry = m_registry.entries()[at];
    const bool hasConflict = !m_conflicts[at].empty();
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == CommandColumn    ? entry.title
               : index.column() == CategoryColumn ? entry.category
                                                  : keysText(entry.keys);
    case Qt::DecorationRole:
        if (hasConflict && index.column() == KeysColumn)
            return Theme::instance().icon(QStringLiteral("warning"));
        if (entry.isFixed() && index.column() == KeysColumn)
            return Theme::instance().icon(QStringLiteral("lock"));
        break;
    case Qt::ForegroundRole:
        if (hasConflict)
            return Theme::instance().error();
        if (entry.isFixed() || index.column() == CategoryColumn)
            return Theme::instance().mutedText();
        break;
    case Qt::FontRole: // what the user chose stands out
        if (index.column() == KeysColumn && m_registry.isChanged(at)) {
            QFont bold;
            bold.setBold(true);
            return bold;
        }
        break;
    case Qt::ToolTipRole:
        if (hasConflict)
            return conflictText(index.row());
        return entry.isFixed() ? tr("This key is fixed") : entry.title;
    default: break;
    }
    return {};
}

QVariant ShortcutsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == CommandColumn ? tr("Command") : section == CategoryColumn ? tr("Where") : tr("Keys");
}

} // namespace masque
