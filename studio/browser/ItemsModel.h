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
    const ItemFilter &filter() const { return m_filter; }
    bool isChanging() const { return m_isChanging; } ///< rows come or go, so views' current row means nothing
    int itemOf(int row) const;                       ///< position in Dataset::items
    std::optional<int> rowOf(int item) const;        ///< nothing if the filter hides it
    int itemCount() const;                           ///< of the dataset
    static QString statusText(ItemStatus status);    ///< translated

private:
    void takeChange(const ChangeEvent &event);
    void rebuild();
    std::vector<int> matching() const;
    bool isShown(int item) const; ///< by the filter, or kept because it is current and was shown
    void updateRow(int item);

    Document &m_document;
    mutable Thumbnails m_thumbnails; ///< fetched when the view reads
    ItemFilter m_filter;
    std::vector<int> m_rows; ///< items, ascending
    int m_kept = -1;         ///< the current item: stays while it is worked on, whatever the filter says
    bool m_isChanging = false;
};

} // namespace masque
