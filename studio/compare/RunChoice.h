// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/jobs/Job.h"

#include <QWidget>

#include <string>
#include <vector>

QT_BEGIN_NAMESPACE
class QComboBox;
QT_END_NAMESPACE

namespace masque {

class Document;

/// Which of the dataset's runs is looked at in Compare, and which other run or epoch it is compared with.
class RunChoice : public QWidget {
    Q_OBJECT
public:
    RunChoice(Document &document, JobRunner &jobs, QWidget *parent = nullptr);
    void load(); ///< the runs of the document's dataset anew; runChosen follows
    /// That run from now on; without this the latest one that has a checkpoint.
    void setRun(const QString &folder);
    QString otherName() const; ///< of the run and epoch compared with

Q_SIGNALS:
    void runChosen(const QString &folder); ///< empty: there is none; the same again when runs were read anew
    void otherChosen(const QString &path); ///< a checkpoint file; empty: none

private:
    struct Found { ///< of a run that has a checkpoint
        std::string name, folder;
        int best = 0, last = 0; ///< epochs; 0: no such file
        double metric = 0;
    };
    void take(const std::vector<Found> &found);
    void listOthers();
    void useRun(const QString &folder);

    Document &m_document;
    JobRunner &m_jobs;
    QComboBox *m_runs = nullptr, *m_others = nullptr;
    std::vector<Found> m_found;
    QString m_root, m_run, m_wanted, m_other;
};

} // namespace masque
