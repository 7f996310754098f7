// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/index/run_keeping.h"
#include "core/runs/run.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QLineEdit;
class QPlainTextEdit;
QT_END_NAMESPACE

namespace masque {

/// What is known about one run, and what a person says about it: name, tags and notes.
class RunDetailsDialog : public QDialog {
    Q_OBJECT
public:
    explicit RunDetailsDialog(const RunInfo &run, QWidget *parent = nullptr);

Q_SIGNALS:
    void edited(const QString &folder, const masque::RunEdit &edit); ///< only where something changed

private:
    void save();
    const RunInfo m_run;
    QLineEdit *m_name = nullptr, *m_tags = nullptr;
    QPlainTextEdit *m_notes = nullptr;
};

} // namespace masque
