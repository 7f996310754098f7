// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/split/ConfusionModel.h"

#include "studio/training/pictures.h"

namespace masque {

void ConfusionModel::setCounts(const LabelSet &labels, const ConfusionMatrix &confusion, CountImages countImages)
{
    beginResetModel();
    m_labels = labels;
    m_confusion = confusion;
    m_countImages = std::move(countImages);
    endResetModel();
}

int ConfusionModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_labels.size();
}

int ConfusionModel::columnCount(const QModelIndex &parent) const
{
    return rowCount(parent);
}

double ConfusionModel::share(int truth, int said) const
{
    const auto all = m_confusion.truthPixels(truth);
    return all > 0 ? static_cast<double>(m_confusion.at(truth, said)) / static_cast<double>(all) : 0;
}

QString ConfusionModel::sentence(int truth, int said) const
{
    const auto name = [this](int id) { return QString::fromStdString(m_labels[id].name); };
    const QString percent = QString::number(100 * share(truth, said), 'f', 1);
    const QString what = truth == said ? tr("%1 % of %2 found").arg(percent, name(truth))
                                       : tr("%1 % of %2 taken for %3").arg(percent, name(truth), name(said));
    return what + QStringLiteral("; ") + tr("images: %1").arg(m_countImages(truth, said));
}

QVariant ConfusionModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    switch (role) {
    case Qt::DisplayRole: {
        const int percent = qRound(100 * share(index.row(), index.column()));
        return percent > 0 ? QString::number(percent) : QString();
    }
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: return sentence(index.row(), index.column());
    case Qt::TextAlignmentRole: return QVariant(Qt::Alignment(Qt::AlignCenter));
    case ShareRole: return share(index.row(), index.column());
    case RightRole: return index.row() == index.column();
    default: return {};
    }
}

QVariant ConfusionModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (section < 0 || section >= rowCount())
        return {};
    const auto &label = m_labels[section];
    if (role == Qt::DisplayRole)
        return QString::fromStdString(label.name);
    if (role == Qt::DecorationRole)
        return toQColor(label.color);
    if (role == Qt::ToolTipRole)
        return (orientation == Qt::Vertical ? tr("Ground truth: %1") : tr("Prediction: %1"))
            .arg(QString::fromStdString(label.name));
    return {};
}

} // namespace masque
