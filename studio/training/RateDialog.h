// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/preflight.h"
#include "studio/jobs/Job.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QDialogButtonBox;
class QLabel;
class QLineEdit;
class QProgressBar;
QT_END_NAMESPACE

namespace masque {

class CurvePlot;

/// The learning rate range test as a plot of loss over rate, run in a job; the rate that a person takes from it goes
/// into the form. Closing it cancels the job.
class RateDialog : public QDialog {
    Q_OBJECT
public:
    RateDialog(RunRequest request, const ModelList &models, JobRunner &jobs, QWidget *parent = nullptr);
    ~RateDialog() override;

Q_SIGNALS:
    void rateChosen(double rate);
    void failed(const masque::Error &error); ///< there is nothing to show; the dialog has closed

private:
    void showTest(const RateTest &test);
    void choose();

    JobRunner &m_jobs;
    JobId m_job = 0;
    QLabel *m_summary = nullptr;
    QProgressBar *m_progress = nullptr;
    CurvePlot *m_plot = nullptr;
    QLineEdit *m_rate = nullptr;
    QDialogButtonBox *m_buttons = nullptr;
};

} // namespace masque
