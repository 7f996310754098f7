// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/LabelsModel.h"

#include "studio/document/label_keys.h"
#include "studio/panels/list_view.h"
#include "studio/theme/Theme.h"
#include "studio/tools/swatch.h"

#include <QIcon>
#include <QPixmap>

namespace masque {

LabelsModel::LabelsModel(Document &document, QObject *parent) : QAbstractTableModel(parent), m_document(document)
{
    connect(&document, &Document::changed, this, &LabelsModel::takeChange);
    m_rows = m_document.labels().size() - firstId();
    count();
}

int LabelsModel::firstId() const
{
    return m_document.labels().hasBackground() ? 1 : 0;
}
int LabelsModel::idOf(int row) const
{
    return row + firstId();
}

QString LabelsModel::nameOf(int row) const
{
    return QString::fromStdString(m_document.labels()[idOf(row)].name);
}

std::optional<int> LabelsModel::rowOf(const QString &name) const
{
    for (int row = 0; row < m_rows; ++row)
        if (nameOf(row) == name)
            return row;
    return {};
}

int LabelsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_rows;
}
int LabelsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant LabelsModel::data(const QModelIndex &index, int role) const
{
    // Between a change of the document and its event the list may be shorter than the rows shown.
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || idOf(index.row()) >= m_document.labels().size())
        return {};
    const int id = idOf(index.row());
    const LabelClass &label = m_document.labels()[id];
    const QString name = QString::fromStdString(label.name);
    const bool isHidden = m_document.hiddenLabels().contains(label.name);
    const bool isLocked = m_document.lockedLabels().contains(label.name);
    const Theme &theme = Theme::instance();
    if (role == Qt::ToolTipRole && index.column() < VisibleColumn)
        return name;
    if (role == Qt::ForegroundRole && (isHidden || index.column() != NameColumn))
        return theme.mutedText();
    switch (index.column()) {
    case NameColumn:
        if (role == Qt::DisplayRole)
            return name;
        if (role == Qt::DecorationRole)
            return colorSwatch(toQColor(label.color));
        break;
    case KeyColumn:
        if (const auto key = labelKeys(m_document.labels())[static_cast<std::size_t>(id)];
            key && role == Qt::DisplayRole)
            return *key;
        if (role == Qt::TextAlignmentRole)
            return int(Qt::AlignCenter);
        break;
    case CountColumn:
        if (role == Qt::DisplayRole)
            return m_shapes[static_cast<std::size_t>(index.row())];
        if (role == Qt::TextAlignmentRole)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        break;
    case VisibleColumn:
        if (role == Qt::DecorationRole)
            return isHidden ? theme.icon(QStringLiteral("hidden")) : quietIcon(QStringLiteral("visible"));
        if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole)
            return isHidden ? tr("Hidden; click to show") : tr("Visible; click to hide");
        break;
    case LockColumn:
        if (role == Qt::DecorationRole)
            return isLocked ? theme.icon(QStringLiteral("lock")) : quietIcon(QStringLiteral("unlock"));
        if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole)
            return isLocked ? tr("Locked; click to unlock") : tr("Not locked; click to protect from changes");
        break;
    default: break;
    }
    return {};
}

QVariant LabelsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && section == CountColumn)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && section == KeyColumn)
        return int(Qt::AlignCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn: return tr("Class");
    case KeyColumn: return tr("Key");
    case CountColumn: return tr("Count");
    default: return {};
    }
}

void LabelsModel::count()
{
    m_shapes.assign(static_cast<std::size_t>(m_rows), 0);
    for (const Shape &shape : m_document.annotation().shapes)
        if (const auto id = m_document.labels().idOf(shape.label); id && *id >= firstId() && *id - firstId() < m_rows)
            ++m_shapes[static_cast<std::size_t>(*id - firstId())];
}

void LabelsModel::takeChange(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
    case ChangeEvent::LabelsChanged:
        beginResetModel();
        m_rows = m_document.labels().size() - firstId();
        count();
        endResetModel();
        break;
    case ChangeEvent::CurrentItem:
    case ChangeEvent::ImageLoaded:
    case ChangeEvent::AnnotationChanged:
    case ChangeEvent::VisibilityChanged: {
        const auto before = m_shapes;
        count();
        if (m_rows > 0 && (event.kind == ChangeEvent::VisibilityChanged || m_shapes != before))
            Q_EMIT dataChanged(index(0, 0), index(m_rows - 1, ColumnCount - 1));
        break;
    }
    default: break;
    }
}

} // namespace masque
