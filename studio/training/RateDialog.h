// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/preflight.h"
#include "studio/training/TrialDialog.h"

QT_BEGIN_NAMESPACE
class QLineEdit;
QT_END_NAMESPACE

namespace masque {

class CurvePlot;

/// The learning rate range test as a plot of loss over rate; the rate that a person takes from it goes into the form.
class RateDialog : public TrialDialog {
    Q_OBJECT
public:
    RateDialog(RunRequest request, const ModelList &models, JobRunner &jobs, QWidget *parent = nullptr);

Q_SIGNALS:
    void rateChosen(double rate);

private:
    void showTest(const RateTest &test);
    void choose();

    CurvePlot *m_plot = nullptr;
    QLineEdit *m_rate = nullptr;
};

} // namespace masque
