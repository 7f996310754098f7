// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "core/inference/boundary.h"
#include "core/training/Metrics.h"

#include <QAbstractTableModel>

#include <optional>

namespace masque {

/// What the figures of classes are made from.
struct ClassCounts {
    ConfusionMatrix confusion;
    BoundaryScore boundary;
};

/// IoU, Dice and boundary F1 a class, of this image and of the split; the last row is the mean. What does not occur is
/// empty.
class ClassScoresModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Class, ImageIou, ImageDice, ImageBoundary, SplitIou, SplitDice, SplitBoundary, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;

    void setLabels(const LabelSet &labels); ///< forgets both figures
    const LabelSet &labels() const { return m_labels; }
    void setImage(std::optional<ClassCounts> figures);
    void setSplit(std::optional<ClassCounts> figures);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::optional<double> value(int row, Column column) const;
    LabelSet m_labels;
    std::optional<ClassCounts> m_image, m_split;
};

} // namespace masque
