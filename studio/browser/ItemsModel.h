// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/browser/ItemFilter.h"
#include "studio/browser/Thumbnails.h"

#include <QAbstractListModel>

namespace masque {

/// The dataset's items that pass the filter, one a row.
class ItemsModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { StatusRole = Qt::UserRole, LabelsRole, FolderRole };

    ItemsModel(Document &document, JobRunner &jobs, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

    void setFilter(const QString &text);
    int itemOf(int row) const;                    ///< position in Dataset::items
    std::optional<int> rowOf(int item) const;     ///< nothing if the filter hides it
    int itemCount() const;                        ///< of the dataset
    static QString statusText(ItemStatus status); ///< translated

private:
    void takeChange(const ChangeEvent &event);
    void rebuild();
    std::vector<int> matching() const;

    Document &m_document;
    mutable Thumbnails m_thumbnails; ///< fetched when the view reads
    ItemFilter m_filter;
    std::vector<int> m_rows; ///< items, ascending
};

} // namespace masque
