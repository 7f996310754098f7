// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "core/training/Metrics.h"

#include <QAbstractTableModel>

#include <functional>

namespace masque {

/// A confusion matrix a cell of which is what share of a class's pixels or images (the row, ground truth) was taken for
/// which (the column, prediction).
class ConfusionModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role { ShareRole = Qt::UserRole, RightRole }; ///< 0..1 of the row; whether truth and prediction agree
    using CountImages = std::function<qint64(int truth, int said)>;
    using QAbstractTableModel::QAbstractTableModel;

    /// No labels: nothing to show.
    void setCounts(const LabelSet &labels, const ConfusionMatrix &confusion, CountImages countImages);
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString sentence(int truth, int said) const;
    double share(int truth, int said) const;
    LabelSet m_labels;
    ConfusionMatrix m_confusion;
    CountImages m_countImages;
};

} // namespace masque
