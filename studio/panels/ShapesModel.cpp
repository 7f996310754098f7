// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/ShapesModel.h"

#include "core/annotations/face_fields.h"
#include "core/annotations/shape_ops.h"
#include "studio/panels/list_view.h"
#include "studio/theme/Theme.h"
#include "studio/tools/swatch.h"

#include <QColor>
#include <QCoreApplication>
#include <QDataStream>
#include <QIODevice>
#include <QIcon>
#include <QMimeData>

#include <algorithm>
#include <utility>

namespace masque {

ShapesModel::ShapesModel(Document &document, QObject *parent) : QAbstractTableModel(parent), m_document(document)
{
    connect(&document, &Document::changed, this, &ShapesModel::takeChange);
}

int ShapesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_ids.size());
}

int ShapesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

std::optional<int> ShapesModel::rowOf(ShapeId id) const
{
    const auto found = std::find(m_ids.begin(), m_ids.end(), id);
    return found == m_ids.end() ? std::nullopt : std::optional(static_cast<int>(found - m_ids.begin()));
}

QString ShapesModel::typeText(ShapeType type)
{
    switch (type) {
    case ShapeType::Polygon: return tr("Polygon");
    case ShapeType::Rectangle: return tr("Rectangle");
    case ShapeType::OrientedRectangle: return tr("Turned rectangle");
    case ShapeType::Circle: return tr("Circle");
    case ShapeType::Line: return tr("Line");
    case ShapeType::LineStrip: return tr("Line strip");
    case ShapeType::PointShape: return tr("Point");
    case ShapeType::Mask: return tr("Mask");
    case ShapeType::Other: break;
    }
    return tr("Other");
}

QVariant ShapesModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    // Rows lie in paint order from the top, which finds the shape without a search as long as nothing has changed.
    const auto &shapes = m_document.annotation().shapes;
    const std::size_t at = m_ids.size() - 1 - static_cast<std::size_t>(index.row());
    const ShapeId id = idOf(index.row());
    const Shape *shape = at < shapes.size() && shapes[at].id == id ? &shapes[at] : m_document.annotation().find(id);
    if (!shape)
        return {};
    const bool isHidden = m_document.hiddenShapes().contains(id);
    const bool isLocked = m_document.lockedShapes().contains(id);
    const Theme &theme = Theme::instance();
    if (role == Qt::ForegroundRole && (isHidden || index.column() != NameColumn))
        return theme.mutedText();
    switch (index.column()) {
    case NameColumn:
        if (role == Qt::DisplayRole)
            return QString::fromStdString(shape->label);
        if (role == Qt::DecorationRole) {
            const auto label = m_document.labels().idOf(shape->label);
            return colorSwatch(toQColor(m_document.labels().palette()[label.value_or(kIgnoreId)]));
        }
        if (role == Qt::ToolTipRole)
            return QString::fromStdString(shape->description.empty() ? votesText(votesOf(*shape)) : shape->description);
        break;
    case TypeColumn:
        if (role == Qt::DisplayRole) {
            const std::string share = VoteCounts::of(votesOf(*shape)).share(); // of what is a face, where it is known
            return share.empty() ? typeText(shape->type) : tr("%1 agree").arg(QString::fromStdString(share));
        }
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

QVariant ShapesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == NameColumn ? tr("Class") : section == TypeColumn ? tr("Type") : QString();
}

Qt::ItemFlags ShapesModel::flags(const QModelIndex &index) const
{
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    return index.isValid() ? flags | Qt::ItemIsDragEnabled : flags | Qt::ItemIsDropEnabled; // between rows, not on them
}

QStringList ShapesModel::mimeTypes() const
{
    return {QStringLiteral("application/x-masque-shapes-of-%1").arg(QCoreApplication::applicationPid())};
}

QMimeData *ShapesModel::mimeData(const QModelIndexList &indexes) const
{
    QByteArray bytes;
    QDataStream out(&bytes, QIODevice::WriteOnly);
    for (const QModelIndex &index : indexes)
        if (index.column() == NameColumn)
            out << quint64{idOf(index.row())};
    auto *data = new QMimeData;
    data->setData(mimeTypes().constFirst(), bytes);
    return data;
}

bool ShapesModel::dropMimeData(const QMimeData *data, Qt::DropAction action, int row, int column,
                               const QModelIndex &parent)
{
    if (!canDropMimeData(data, action, row, column, parent) || m_document.isReadOnly())
        return false;
    std::set<ShapeId> ids;
    QDataStream in(data->data(mimeTypes().constFirst()));
    for (quint64 id = 0; !in.atEnd();) {
        in >> id;
        ids.insert(id);
    }
    const std::set<ShapeId> kept = m_document.protectedShapes();
    std::erase_if(ids, [&](ShapeId id) { return kept.contains(id) || !m_document.annotation().find(id); });
    if (row < 0 || row > rowCount())
        row = rowCount();
    Edit edit = moveShapesUnder(m_document.annotation(), ids, row > 0 ? std::optional(idOf(row - 1)) : std::nullopt);
    if (edit.isEmpty())
        return false;
    m_document.applyEdit(std::move(edit));
    return true;
}

void ShapesModel::replaceAll(std::vector<ShapeId> ids)
{
    beginResetModel();
    m_ids = std::move(ids);
    endResetModel();
}

/// Tells of the rows between what is the same at both ends, so that views keep their place and selection.
void ShapesModel::replaceMiddle(std::vector<ShapeId> ids)
{
    const auto head = std::mismatch(m_ids.begin(), m_ids.end(), ids.begin(), ids.end()).first - m_ids.begin();
    const auto shorter = static_cast<std::ptrdiff_t>(std::min(m_ids.size(), ids.size())) - head;
    std::ptrdiff_t tail = 0;
    while (tail < shorter && *(m_ids.rbegin() + tail) == *(ids.rbegin() + tail))
        ++tail;
    const auto oldEnd = static_cast<std::ptrdiff_t>(m_ids.size()) - tail;
    const auto newEnd = static_cast<std::ptrdiff_t>(ids.size()) - tail;
    if (oldEnd > head) {
        beginRemoveRows({}, static_cast<int>(head), static_cast<int>(oldEnd) - 1);
        m_ids.erase(m_ids.begin() + head, m_ids.begin() + oldEnd);
        endRemoveRows();
    }
    if (newEnd > head) {
        beginInsertRows({}, static_cast<int>(head), static_cast<int>(newEnd) - 1);
        m_ids.insert(m_ids.begin() + head, ids.begin() + head, ids.begin() + newEnd);
        endInsertRows();
    }
}

void ShapesModel::takeChange(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
    case ChangeEvent::CurrentItem:
    case ChangeEvent::ImageLoaded:
    case ChangeEvent::AnnotationChanged: {
        std::vector<ShapeId> ids;
        std::vector<Shown> shown;
        const auto &shapes = m_document.annotation().shapes;
        for (auto shape = shapes.rbegin(); shape != shapes.rend(); ++shape) {
            ids.push_back(shape->id);
            shown.push_back({shape->label, shape->description, votesText(votesOf(*shape)), shape->type});
        }
        const auto before = std::exchange(m_shown, std::move(shown));
        if (ids != m_ids) {
            event.kind == ChangeEvent::AnnotationChanged ? replaceMiddle(std::move(ids)) : replaceAll(std::move(ids));
            break;
        }
        for (std::size_t row = 0; row < m_shown.size(); ++row) // repainting the list costs more than many edits do
            if (m_shown[row] != before[row])
                tellChanged(static_cast<int>(row), static_cast<int>(row));
        break;
    }
    case ChangeEvent::LabelsChanged:
    case ChangeEvent::VisibilityChanged:
        if (!m_ids.empty())
            tellChanged(0, rowCount() - 1);
        break;
    default: break;
    }
}

void ShapesModel::tellChanged(int from, int to)
{
    Q_EMIT dataChanged(index(from, 0), index(to, ColumnCount - 1));
}

} // namespace masque
