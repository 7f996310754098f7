// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QCache>
#include <QObject>
#include <QPixmap>
#include <QSet>

#include <vector>

namespace masque {

/// Small pictures of a dataset's items, made by jobs on demand: what was asked for last comes first, what scrolled away
/// is dropped, and what was made is kept within a limit of memory.
class Thumbnails : public QObject {
    Q_OBJECT
public:
    static constexpr int kSidePx = 96;

    Thumbnails(Document &document, JobRunner &jobs, QObject *parent = nullptr);
    ~Thumbnails() override;

    /// The item's picture, or null and a job is started; ready() tells when it is there.
    QPixmap picture(int item);
    void clear(); ///< for another dataset

Q_SIGNALS:
    void ready(int item);

private:
    struct Made;
    void startJob();
    void take(const Made &made);

    Document &m_document;
    JobRunner &m_jobs;
    QCache<int, QPixmap> m_pictures; ///< cost in KiB
    std::vector<int> m_wanted;       ///< the last asked for at the back
    QSet<int> m_making;
    JobId m_job = 0;
    quint64 m_generation = 0;
};

} // namespace masque
