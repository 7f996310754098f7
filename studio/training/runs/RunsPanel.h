// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/jobs/Job.h"
#include "studio/training/runs/RunsModel.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QAction;
class QLabel;
class QLineEdit;
class QMenu;
class QStackedWidget;
class QTableView;
class QToolButton;
QT_END_NAMESPACE

namespace masque {

/// The table of runs with what can be done to them: searched, edited, compared, put in order, deleted. Whatever touches
/// files is a job.
class RunsPanel : public QWidget {
    Q_OBJECT
public:
    explicit RunsPanel(JobRunner &jobs, QWidget *parent = nullptr);

    RunsModel &model() { return *m_model; }
    void load(const QString &datasetRoot);  ///< empty: none
    void setLiveRun(const QString &folder); ///< the one that is being trained cannot be deleted; empty: none
    /// Does something train or wait for Resume? Then nothing else can be begun from here.
    void setBusy(bool isBusy);
    QStringList selectedFolders() const;
    void select(const QString &folder);

Q_SIGNALS:
    void loaded();
    void selectionChanged();
    void compareRequested(const QString &folder);
    void resumeRequested(const QString &folder); ///< also of a run that waits
    void startQueueRequested();
    void hardImagesRequested(const QString &folder);
    void labelErrorsRequested(const QString &folder);
    void exportRequested(const QString &folder);
    void importRequested();
    void cutoutRequested(const QString &folder);
    void runDeleted(const QString &folder);
    void failed(const QString &message);

private:
    void makeTable();
    QLayout *makeHeader();
    QWidget *makeQueueBar();
    QMenu *makeMenu();
    QToolButton *addButton(const char *name, const char *icon, const QString &text);
    void search(const QString &text);
    void askDelete();
    void deleteRuns(const QStringList &folders);
    void edit(const QString &folder, const RunEdit &edit);
    void showDetails();
    void compareSelected();
    void saveCsv();
    void move(int places); ///< of the selected waiting run: -1 or 1
    void change(const QString &title, std::function<Result<void>()> work);
    void updateActions();
    void updateRuns();
    const RunInfo *selectedRun() const; ///< if it is just one

    JobRunner &m_jobs;
    RunsModel *m_model = nullptr;
    QTableView *m_table = nullptr;
    QStackedWidget *m_pages = nullptr;
    QLabel *m_empty = nullptr, *m_waiting = nullptr, *m_error = nullptr;
    QWidget *m_queueBar = nullptr;
    QLineEdit *m_search = nullptr;
    QToolButton *m_resume = nullptr, *m_hard = nullptr, *m_compare = nullptr, *m_delete = nullptr;
    QAction *m_details = nullptr, *m_errors = nullptr, *m_export = nullptr, *m_cutout = nullptr,
            *m_sideBySide = nullptr, *m_csv = nullptr, *m_earlier = nullptr, *m_later = nullptr;
    QStringList m_kept; ///< selected before the rows changed
    QString m_root, m_live;
    bool m_isBusy = false;
};

} // namespace masque
