// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/inference/evaluate.h"

#include <QAbstractTableModel>

#include <memory>

namespace masque {

/// A confusion matrix a cell of which is what share of a class's pixels (the row, ground truth) was taken for which
/// (the column, prediction).
class ConfusionModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role { ShareRole = Qt::UserRole, RightRole }; ///< 0..1 of the row's pixels; whether truth and prediction agree
    using QAbstractTableModel::QAbstractTableModel;

    void setEvaluation(std::shared_ptr<const Evaluation> evaluation); ///< null: nothing to show
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString sentence(int truth, int said) const;
    double share(int truth, int said) const;
    std::shared_ptr<const Evaluation> m_evaluation;
};

} // namespace masque
