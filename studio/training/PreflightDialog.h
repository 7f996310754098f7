// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/preflight.h"
#include "studio/training/TrialDialog.h"

QT_BEGIN_NAMESPACE
class QPushButton;
class QTableWidget;
class QTreeWidget;
QT_END_NAMESPACE

namespace masque {

/// What could spoil a training, found out in a job before it begins: class shares, findings with their way out, time
/// and memory.
class PreflightDialog : public TrialDialog {
    Q_OBJECT
public:
    PreflightDialog(RunRequest request, const ModelList &models, JobRunner &jobs, QWidget *parent = nullptr);

Q_SIGNALS:
    void startClicked();

private:
    void showReport(const PreflightReport &report);
    void showClasses(const PreflightReport &report);
    void showFindings(const PreflightReport &report);

    QTableWidget *m_classes = nullptr;
    QTreeWidget *m_findings = nullptr;
    QPushButton *m_start = nullptr;
};

} // namespace masque
