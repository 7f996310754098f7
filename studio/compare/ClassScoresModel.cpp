// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/ClassScoresModel.h"

#include "studio/training/pictures.h"

#include <QFont>

namespace masque {

void ClassScoresModel::setLabels(const LabelSet &labels)
{
    beginResetModel();
    m_labels = labels;
    m_image.reset();
    m_split.reset();
    endResetModel();
}

void ClassScoresModel::setImage(std::optional<ClassCounts> figures)
{
    m_image = std::move(figures);
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, ImageIou), index(rowCount() - 1, ImageBoundary));
}

void ClassScoresModel::setSplit(std::optional<ClassCounts> figures)
{
    m_split = std::move(figures);
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, SplitIou), index(rowCount() - 1, SplitBoundary));
}

int ClassScoresModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || m_labels.isEmpty() ? 0 : m_labels.size() + 1;
}

int ClassScoresModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

std::optional<double> ClassScoresModel::value(int row, Column column) const
{
    const auto &figures = column < SplitIou ? m_image : m_split;
    if (!figures || figures->confusion.classes() != m_labels.size())
        return {};
    const auto &[confusion, boundary] = *figures;
    const bool isMean = row == m_labels.size();
    if (isMean ? confusion.total() == 0 : !confusion.occurs(row))
        return {};
    switch (column) {
    case ImageIou:
    case SplitIou: return isMean ? confusion.meanIou() : confusion.iou(row);
    case ImageDice:
    case SplitDice: return isMean ? confusion.meanDice() : confusion.dice(row);
    default: return isMean ? boundary.meanF1() : boundary.f1(row);
    }
}

QVariant ClassScoresModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const bool isMean = index.row() == m_labels.size();
    const auto column = static_cast<Column>(index.column());
    if (role == Qt::FontRole && isMean) {
        QFont font;
        font.setWeight(QFont::DemiBold);
        return font;
    }
    if (column == Class) {
        if (role == Qt::DisplayRole)
            return isMean ? tr("Mean") : QString::fromStdString(m_labels[index.row()].name);
        if (role == Qt::DecorationRole && !isMean)
            return toQColor(m_labels[index.row()].color);
        return {};
    }
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    if (role == Qt::DisplayRole) {
        const auto figure = value(index.row(), column);
        return figure ? QString::number(*figure, 'f', 3) : QString();
    }
    return {};
}

QVariant ClassScoresModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::Alignment((section == Class ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    if (role == Qt::ToolTipRole) {
        switch (section) {
        case ImageIou: return tr("Intersection over union in this image");
        case ImageDice: return tr("Dice in this image");
        case ImageBoundary: return tr("Boundary F1 in this image: how well the borders agree");
        case SplitBoundary: return tr("Boundary F1, the mean of the split's images");
        case SplitIou: return tr("Intersection over union over the whole split");
        case SplitDice: return tr("Dice over the whole split");
        default: return {};
        }
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Class: return tr("Class");
    case ImageIou: return tr("IoU");
    case ImageDice: return tr("Dice");
    case ImageBoundary:
    case SplitBoundary: return tr("F1");
    case SplitIou: return tr("Split IoU");
    case SplitDice: return tr("Dice");
    default: return {};
    }
}

} // namespace masque
