// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/split/ConfusionModel.h"

#include "studio/compare/split/DisagreementModel.h"
#include "studio/training/pictures.h"

#include <algorithm>

namespace masque {

void ConfusionModel::setEvaluation(std::shared_ptr<const Evaluation> evaluation)
{
    beginResetModel();
    m_evaluation = std::move(evaluation);
    endResetModel();
}

int ConfusionModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_evaluation ? 0 : m_evaluation->labels.size();
}

int ConfusionModel::columnCount(const QModelIndex &parent) const
{
    return rowCount(parent);
}

double ConfusionModel::share(int truth, int said) const
{
    const auto all = m_evaluation->confusion.truthPixels(truth);
    return all > 0 ? static_cast<double>(m_evaluation->confusion.at(truth, said)) / static_cast<double>(all) : 0;
}

QString ConfusionModel::sentence(int truth, int said) const
{
    const auto name = [this](int id) { return QString::fromStdString(m_evaluation->labels[id].name); };
    const auto images = std::count_if(m_evaluation->scores.begin(), m_evaluation->scores.end(),
                                      [&](const ImageScore &score) { return pixelsOf(score, truth, said) > 0; });
    const QString percent = QString::number(100 * share(truth, said), 'f', 1);
    const QString what = truth == said ? tr("%1 % of %2 found").arg(percent, name(truth))
                                       : tr("%1 % of %2 taken for %3").arg(percent, name(truth), name(said));
    return what + QStringLiteral("; ") + tr("images: %1").arg(images);
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
    if (!m_evaluation || section < 0 || section >= rowCount())
        return {};
    const auto &label = m_evaluation->labels[section];
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
