// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/ItemsModel.h"

#include "core/datasets/image_class.h"

#include <QFileInfo>

#include <algorithm>
#include <utility>

namespace masque {

ItemsModel::ItemsModel(Document &document, JobRunner &jobs, QObject *parent)
    : QAbstractListModel(parent), m_document(document), m_thumbnails(document, jobs)
{
    connect(&document, &Document::changed, this, &ItemsModel::takeChange);
    connect(&m_thumbnails, &Thumbnails::ready, this, [this](int item) {
        if (const auto row = rowOf(item))
            Q_EMIT dataChanged(index(*row), index(*row), {Qt::DecorationRole});
    });
    m_rows = matching();
}

int ItemsModel::itemCount() const
{
    const auto dataset = m_document.dataset();
    return dataset ? static_cast<int>(dataset->items.size()) : 0;
}

int ItemsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ItemsModel::itemOf(int row) const
{
    return m_rows[static_cast<std::size_t>(row)];
}

std::optional<int> ItemsModel::rowOf(int item) const
{
    const auto found = std::lower_bound(m_rows.begin(), m_rows.end(), item);
    return found != m_rows.end() && *found == item ? std::optional(static_cast<int>(found - m_rows.begin()))
                                                   : std::nullopt;
}

QString ItemsModel::statusText(ItemStatus status)
{
    switch (status) {
    case ItemStatus::New: return tr("New");
    case ItemStatus::Labelled: return tr("Labelled");
    case ItemStatus::Reviewed: return tr("Reviewed");
    case ItemStatus::Problem: return tr("Problem");
    case ItemStatus::Proposal: return tr("Model's proposal");
    case ItemStatus::Unknown: break;
    }
    return tr("Not read yet");
}

QVariant ItemsModel::data(const QModelIndex &index, int role) const
{
    const auto dataset = m_document.dataset();
    if (!dataset || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto at = static_cast<std::size_t>(itemOf(index.row()));
    const Item &item = dataset->items[at];
    const ItemSummary &summary = m_document.summaries()[at];
    const QString path = QString::fromStdString(item.image);
    switch (role) {
    case Qt::DisplayRole: return QFileInfo(path).fileName();
    case FolderRole: {
        const qsizetype slash = path.lastIndexOf(QLatin1Char('/'));
        return slash < 0 ? QString() : path.left(slash);
    }
    case Qt::DecorationRole: // the view asks for what it paints, and only that is made
        return m_thumbnails.picture(itemOf(index.row()));
    case Qt::ToolTipRole: {
        QString text = path + QLatin1Char('\n') + statusText(summary.mark());
        if (!summary.problem.empty())
            text += QLatin1Char('\n') + QString::fromStdString(summary.problem);
        return text;
    }
    case Qt::AccessibleTextRole: return tr("%1, %2").arg(QFileInfo(path).fileName(), statusText(summary.mark()));
    case StatusRole: return static_cast<int>(summary.mark());
    case LabelsRole: {
        QStringList names;
        if (dataset->task == Task::Classification) {
            const std::string name = imageClassOf(item, summary, m_document.labels());
            if (!name.empty())
                names << QString::fromStdString(name);
            return names;
        }
        for (const std::string &label : summary.labels)
            names << QString::fromStdString(label);
        return names;
    }
    default: return {};
    }
}

void ItemsModel::setFilter(const QString &text)
{
    m_filter = ItemFilter::parse(text);
    m_kept = -1;
    rebuild();
    m_kept = rowOf(m_document.currentIndex()) ? m_document.currentIndex() : -1;
}

bool ItemsModel::isShown(int item) const
{
    const auto at = static_cast<std::size_t>(item);
    return item == m_kept || m_filter.matches(m_document.dataset()->items[at], m_document.summaries()[at]);
}

std::vector<int> ItemsModel::matching() const
{
    std::vector<int> rows;
    const auto dataset = m_document.dataset();
    const auto &summaries = m_document.summaries();
    for (int i = 0; i < itemCount(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (i == m_kept || m_filter.matches(dataset->items[at], summaries[at]))
            rows.push_back(i);
    }
    return rows;
}

/// Shows or hides one item as the filter now says.
void ItemsModel::updateRow(int item)
{
    if (item < 0 || item >= itemCount() || isShown(item) == rowOf(item).has_value())
        return;
    const auto place = std::lower_bound(m_rows.begin(), m_rows.end(), item);
    const int row = static_cast<int>(place - m_rows.begin());
    m_isChanging = true;
    if (place != m_rows.end() && *place == item) {
        beginRemoveRows({}, row, row);
        m_rows.erase(place);
        endRemoveRows();
    } else {
        beginInsertRows({}, row, row);
        m_rows.insert(place, item);
        endInsertRows();
    }
    m_isChanging = false;
}

void ItemsModel::rebuild()
{
    beginResetModel();
    m_rows = matching();
    endResetModel();
}

void ItemsModel::takeChange(const ChangeEvent &event)
{
    if (event.kind == ChangeEvent::DatasetOpened) {
        m_thumbnails.clear();
        m_kept = -1;
        rebuild();
    } else if (event.kind == ChangeEvent::CurrentItem) {
        const int left = std::exchange(m_kept, -1);
        m_kept = rowOf(m_document.currentIndex()) ? m_document.currentIndex() : -1;
        if (left != m_kept)
            updateRow(left);
    } else if (event.kind == ChangeEvent::ItemsIndexed) {
        if (m_filter.needsSummaries() && event.first == event.last)
            updateRow(event.first);
        else if (m_filter.needsSummaries() && matching() != m_rows)
            return rebuild();
        const auto first = std::lower_bound(m_rows.begin(), m_rows.end(), event.first);
        const auto last = std::upper_bound(first, m_rows.end(), event.last);
        if (first != last)
            Q_EMIT dataChanged(index(static_cast<int>(first - m_rows.begin())),
                               index(static_cast<int>(last - m_rows.begin()) - 1));
    }
}

} // namespace masque
