// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/jobs/Job.h"
#include "studio/training/RunsModel.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;
QT_END_NAMESPACE

namespace masque {

/// The table of runs with what can be done to them. Runs are read and deleted in jobs.
class RunsPanel : public QWidget {
    Q_OBJECT
public:
    explicit RunsPanel(JobRunner &jobs, QWidget *parent = nullptr);

    RunsModel &model() { return *m_model; }
    void load(const QString &datasetRoot);  ///< empty: none
    void setLiveRun(const QString &folder); ///< the one that is being trained cannot be deleted; empty: none
    QStringList selectedFolders() const;
    void select(const QString &folder);

Q_SIGNALS:
    void loaded();
    void selectionChanged();
    void compareRequested(const QString &folder);
    void resumeRequested(const QString &folder);
    void hardImagesRequested(const QString &folder);
    void runDeleted(const QString &folder);
    void failed(const QString &message);

private:
    void askDelete();
    void deleteRun(const QString &folder);
    void updateActions();

    JobRunner &m_jobs;
    RunsModel *m_model = nullptr;
    QTableView *m_table = nullptr;
    QStackedWidget *m_pages = nullptr;
    QToolButton *m_resume = nullptr, *m_hard = nullptr, *m_compare = nullptr, *m_delete = nullptr;
    QString m_root, m_live;
};

} // namespace masque
