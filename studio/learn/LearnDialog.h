// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/jobs/Job.h"

#include <QDialog>

namespace masque {

/// The lessons of core/training/teach, a tab each.
class LearnDialog : public QDialog {
    Q_OBJECT
public:
    explicit LearnDialog(JobRunner &jobs, QWidget *parent = nullptr);
    /// Shows parent's one window of lessons.
    static void open(JobRunner &jobs, QWidget *parent);
};

} // namespace masque
