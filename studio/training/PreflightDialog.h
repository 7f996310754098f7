// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/preflight.h"
#include "studio/jobs/Job.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QLabel;
class QProgressBar;
class QPushButton;
class QTableWidget;
class QTreeWidget;
QT_END_NAMESPACE

namespace masque {

/// What could spoil a training, found out in a job before it begins: class shares, findings with their way out, time
/// and memory. Closing it cancels the job.
class PreflightDialog : public QDialog {
    Q_OBJECT
public:
    PreflightDialog(RunRequest request, const ModelList &models, JobRunner &jobs, QWidget *parent = nullptr);
    ~PreflightDialog() override;

Q_SIGNALS:
    void startClicked();
    void failed(const masque::Error &error); ///< there is nothing to show; the dialog has closed

private:
    void showReport(const PreflightReport &report);
    void showClasses(const PreflightReport &report);
    void showFindings(const PreflightReport &report);

    JobRunner &m_jobs;
    JobId m_job = 0;
    QLabel *m_summary = nullptr;
    QProgressBar *m_progress = nullptr;
    QTableWidget *m_classes = nullptr;
    QTreeWidget *m_findings = nullptr;
    QPushButton *m_start = nullptr;
};

} // namespace masque
