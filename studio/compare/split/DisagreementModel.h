// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace masque {

/// The images of a split with their mean IoU, once evaluated; then the worst come first.
class DisagreementModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Image, Iou, ColumnCount };
    struct Entry {
        int item = -1; ///< index in the dataset
        QString name;
        std::optional<double> iou;
    };
    using QAbstractTableModel::QAbstractTableModel;

    void setEntries(std::vector<Entry> entries); ///< sorted by IoU, those without last, else as they come
    const std::vector<Entry> &entries() const { return m_entries; }
    int itemAt(int row) const; ///< -1 outside
    int rowOfItem(int item) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<Entry> m_entries;
};

} // namespace masque
