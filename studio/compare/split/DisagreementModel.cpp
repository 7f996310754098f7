// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/DisagreementModel.h"

#include <algorithm>

namespace masque {

void DisagreementModel::setEntries(std::vector<Entry> entries)
{
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry &a, const Entry &b) { return a.iou.value_or(2) < b.iou.value_or(2); });
    beginResetModel();
    m_entries = std::move(entries);
    endResetModel();
}

int DisagreementModel::itemAt(int row) const
{
    return row < 0 || row >= rowCount() ? -1 : m_entries[static_cast<std::size_t>(row)].item;
}

int DisagreementModel::rowOfItem(int item) const
{
    const auto it = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &e) { return e.item == item; });
    return it == m_entries.end() ? -1 : static_cast<int>(it - m_entries.begin());
}

int DisagreementModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

int DisagreementModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DisagreementModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Entry &entry = m_entries[static_cast<std::size_t>(index.row())];
    if (role == Qt::ToolTipRole)
        return entry.name;
    if (role == Qt::TextAlignmentRole && index.column() == Iou)
        return QVariant(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    if (index.column() == Image)
        return entry.name;
    return entry.iou ? QString::number(*entry.iou, 'f', 3) : QString();
}

QVariant DisagreementModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::Alignment((section == Iou ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (role == Qt::ToolTipRole && section == Iou)
        return tr("Mean IoU of the image; the worst come first");
    if (role != Qt::DisplayRole)
        return {};
    return section == Image ? tr("Image") : tr("IoU");
}

} // namespace masque
