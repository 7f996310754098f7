// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/geometry.h"
#include "core/models/summary.h"
#include "studio/training/TrialDialog.h"

QT_BEGIN_NAMESPACE
class QTableWidget;
QT_END_NAMESPACE

namespace masque {

/// A network layer by layer, for an input size: name, kind, output shape, parameters.
class ModelDialog : public TrialDialog {
    Q_OBJECT
public:
    ModelDialog(NetworkSpec spec, Size size, const ModelList &models, JobRunner &jobs, QWidget *parent = nullptr);

private:
    void showSummary(const NetworkSummary &summary);

    QTableWidget *m_layers = nullptr;
};

} // namespace masque
