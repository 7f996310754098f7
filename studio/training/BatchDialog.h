// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/preflight.h"
#include "studio/training/TrialDialog.h"

QT_BEGIN_NAMESPACE
class QSpinBox;
QT_END_NAMESPACE

namespace masque {

class CurvePlot;

/// What batches of several sizes need of memory, measured and carried on to the largest that fits; the size that a
/// person takes from it goes into the form.
class BatchDialog : public TrialDialog {
    Q_OBJECT
public:
    BatchDialog(RunRequest request, const ModelList &models, JobRunner &jobs, QWidget *parent = nullptr);

Q_SIGNALS:
    void batchChosen(int images);

private:
    void showTest(const BatchTest &test);

    CurvePlot *m_plot = nullptr;
    QSpinBox *m_batch = nullptr;
    QPushButton *m_use = nullptr;
};

} // namespace masque
