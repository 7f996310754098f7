// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace masque {

/// The dataset's classes, background left out: colour and name, key, shapes of the current image, visible, locked.
class LabelsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { NameColumn, KeyColumn, CountColumn, VisibleColumn, LockColumn, ColumnCount };

    explicit LabelsModel(Document &document, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    int idOf(int row) const; ///< class id
    std::optional<int> rowOf(const QString &name) const;
    QString nameOf(int row) const;

private:
    void takeChange(const ChangeEvent &event);
    void count();
    int firstId() const;

    Document &m_document;
    int m_rows = 0;
    std::vector<int> m_shapes; ///< a row each
};

} // namespace masque
