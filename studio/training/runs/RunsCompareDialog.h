// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"

#include <QDialog>

#include <vector>

namespace masque {

/// Runs side by side: their figures, the best of each row marked, and the options in which they differ.
class RunsCompareDialog : public QDialog {
    Q_OBJECT
public:
    explicit RunsCompareDialog(const std::vector<RunInfo> &runs, QWidget *parent = nullptr);
};

} // namespace masque
