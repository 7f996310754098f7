// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QAbstractListModel>
#include <QCache>
#include <QPixmap>
#include <QTimer>

namespace masque {

/// The steps of the current image, the oldest first; row 0 is the image as it was opened first. Small pictures of what
/// each step changed are drawn by jobs, only for the rows that are asked for.
class HistoryModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { TimeRole = Qt::UserRole, UndoneRole, CurrentRole };
    static constexpr int kThumbnailPx = 40;

    HistoryModel(Document &document, JobRunner &jobs, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    int currentRow() const; ///< of the state that is shown, -1 while nothing is loaded

private:
    void follow();
    void requestThumbnail(JournalNode node) const;
    void startThumbnails();
    void takeThumbnail(JournalNode node, const QImage &picture);
    int rowOf(JournalNode node) const;

    Document &m_document;
    JobRunner &m_jobs;
    const void *m_history = nullptr; ///< whose steps the rows are
    std::vector<JournalNode> m_nodes;
    int m_current = 0;
    quint64 m_generation = 0;
    mutable QCache<JournalNode, QPixmap> m_thumbnails;
    mutable std::vector<JournalNode> m_wanted;
    mutable QTimer m_start;
    bool m_isDrawing = false;
};

} // namespace masque
