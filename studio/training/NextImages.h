// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"
#include "studio/document/ChangeEvent.h"
#include "studio/jobs/Job.h"

#include <QObject>
#include <QString>

#include <deque>
#include <string>

namespace masque {

class Document;

/// Leads from one unlabelled image to the next, in the order in which they teach most (imagesToLabel): where the
/// newest run is unsure and what is unlike the labelled ones; without a run by looks alone. The order is made by a job,
/// some images at a time, and anew once there is another run.
class NextImages : public QObject {
    Q_OBJECT
public:
    NextImages(Document &document, const ModelList &models, JobRunner &jobs, QObject *parent = nullptr);

    void goToNext(); ///< at once, or when the job is done

Q_SIGNALS:
    void messageText(const QString &text); ///< that it is being looked for, or that there is none

private:
    void documentChanged(const ChangeEvent &event);
    bool goToKnown();
    void look();

    Document &m_document;
    const ModelList m_models;
    JobRunner &m_jobs;
    JobId m_job = 0;
    std::deque<std::string> m_order; ///< as in Dataset::items
};

} // namespace masque
