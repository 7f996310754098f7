// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/split/DisagreementModel.h"

#include <QIcon>

#include <algorithm>

namespace masque {

namespace {

bool isWorstTheGreatest(DisagreementModel::Figure figure)
{
    using Figure = DisagreementModel::Figure;
    return figure == Figure::Entropy || figure == Figure::Margin || figure == Figure::Loss
           || figure == Figure::TrainingLoss;
}

bool isShown(const DisagreementModel::Entry &entry, const DisagreementModel::Filter &filter)
{
    if (filter == DisagreementModel::Filter{})
        return true;
    if (!entry.score)
        return false;
    if (filter.classId && !iouOf(*entry.score, *filter.classId))
        return false;
    if (filter.cell && pixelsOf(*entry.score, filter.cell->first, filter.cell->second) == 0)
        return false;
    if (!filter.iou)
        return true;
    const auto [from, to] = *filter.iou;
    const double iou = entry.score->meanIou;
    return iou >= from && (iou < to || to >= 1);
}

} // namespace

std::optional<double> iouOf(const ImageScore &score, int classId)
{
    std::int64_t both = 0, either = 0;
    for (const auto &cell : score.cells) {
        if (cell.truth != classId && cell.prediction != classId)
            continue;
        either += cell.pixels;
        if (cell.truth == cell.prediction)
            both = cell.pixels;
    }
    return either > 0 ? std::optional(static_cast<double>(both) / static_cast<double>(either)) : std::nullopt;
}

std::int64_t pixelsOf(const ImageScore &score, int truth, int prediction)
{
    const auto it = std::find_if(score.cells.begin(), score.cells.end(), [&](const ConfusionCell &cell) {
        return cell.truth == truth && cell.prediction == prediction;
    });
    return it == score.cells.end() ? 0 : it->pixels;
}

void DisagreementModel::setEntries(std::vector<Entry> entries)
{
    beginResetModel();
    m_entries = std::move(entries);
    arrange();
    endResetModel();
}

void DisagreementModel::setFigure(Figure figure)
{
    if (figure == m_figure)
        return;
    beginResetModel();
    m_figure = figure;
    arrange();
    endResetModel();
}

void DisagreementModel::setFilter(Filter filter)
{
    if (filter == m_filter)
        return;
    beginResetModel();
    m_filter = std::move(filter);
    arrange();
    endResetModel();
}

/// Rows in order; the reset around it is the caller's.
void DisagreementModel::arrange()
{
    std::vector<std::pair<double, std::size_t>> keys; // what is not known comes last
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        if (!isShown(m_entries[i], m_filter))
            continue;
        const auto figure = value(m_entries[i]);
        const double sign = isWorstTheGreatest(m_figure) ? -1 : 1;
        keys.emplace_back(figure ? sign * *figure : std::numeric_limits<double>::infinity(), i);
    }
    std::sort(keys.begin(), keys.end());
    m_rows.clear();
    for (const auto &[key, i] : keys)
        m_rows.push_back(i);
}

std::optional<double> DisagreementModel::value(const Entry &entry) const
{
    if (m_figure == Figure::TrainingLoss)
        return entry.trainingLoss;
    if (!entry.score)
        return {};
    const auto iou = [this](const ImageScore &score) {
        return m_filter.classId ? iouOf(score, *m_filter.classId) : std::optional(score.meanIou);
    };
    switch (m_figure) {
    case Figure::Iou: return iou(*entry.score);
    case Figure::Boundary: return entry.score->boundaryF1;
    case Figure::Entropy: return entry.score->entropy;
    case Figure::Margin: return entry.score->margin;
    case Figure::Loss: return entry.score->loss;
    case Figure::Gain:
        if (entry.other)
            if (const auto one = iou(*entry.score), two = iou(*entry.other); one && two)
                return *one - *two;
        return {};
    case Figure::TrainingLoss: break;
    }
    return {};
}

int DisagreementModel::itemAt(int row) const
{
    return row < 0 || row >= rowCount() ? -1 : m_entries[m_rows[static_cast<std::size_t>(row)]].item;
}

int DisagreementModel::rowOfItem(int item) const
{
    const auto it =
        std::find_if(m_rows.begin(), m_rows.end(), [&](std::size_t i) { return m_entries[i].item == item; });
    return it == m_rows.end() ? -1 : static_cast<int>(it - m_rows.begin());
}

void DisagreementModel::pictureReady(int item)
{
    if (const int row = rowOfItem(item); row >= 0)
        Q_EMIT dataChanged(index(row, Image), index(row, Image), {Qt::DecorationRole});
}

int DisagreementModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int DisagreementModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DisagreementModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Entry &entry = m_entries[m_rows[static_cast<std::size_t>(index.row())]];
    if (role == Qt::ToolTipRole)
        return entry.name;
    if (role == Qt::DecorationRole && index.column() == Image && m_pictures) {
        const QPixmap picture = m_pictures(entry.item);
        return picture.isNull() ? QVariant() : QIcon(picture); // an icon is drawn at the view's size
    }
    if (role == Qt::TextAlignmentRole && index.column() == Score)
        return QVariant(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    if (index.column() == Image)
        return entry.name;
    const auto figure = value(entry);
    if (!figure)
        return QString();
    const QString number = QString::number(*figure, 'f', 3);
    return m_figure == Figure::Gain && *figure > 0 ? QLatin1Char('+') + number : number;
}

QVariant DisagreementModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::Alignment((section == Score ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    if (section == Image)
        return role == Qt::DisplayRole ? tr("Image") : QVariant();
    const auto say = [role](const QString &name, const QString &meaning) {
        return role == Qt::DisplayRole ? name : meaning;
    };
    switch (m_figure) {
    case Figure::Iou: return say(tr("IoU"), tr("Of the chosen class, else the image's mean; the worst come first"));
    case Figure::Boundary: return say(tr("Boundary F1"), tr("How well the borders agree; the worst come first"));
    case Figure::Entropy:
        return say(tr("Entropy"), tr("0 is certain, 1 a guess among all classes; the least sure first"));
    case Figure::Margin:
        return say(tr("Margin"), tr("1 less the lead of the most probable class; the least sure come first"));
    case Figure::Loss: return say(tr("Loss"), tr("The run's loss of the image; the greatest come first"));
    case Figure::TrainingLoss:
        return say(tr("Loss"),
                   tr("What the image lost after the first quarter of the training; where it stays high, the "
                      "label may be wrong"));
    case Figure::Gain:
        return say(tr("IoU +/-"), tr("Mean IoU less that of the model it is compared with; losses come first"));
    }
    return {};
}

} // namespace masque
