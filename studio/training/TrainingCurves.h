// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"
#include "core/runs/sample_losses.h"

#include <QPointF>
#include <QString>
#include <QVector>
#include <QWidget>

#include <vector>

QT_BEGIN_NAMESPACE
class QComboBox;
QT_END_NAMESPACE

namespace masque {

class CurvePlot;

/// Loss and a metric or the learning rate over epochs, of the run being trained (loss at every report, the rest at
/// epochs' ends) and of others laid over it. A run keeps its colours while it is shown.
class TrainingCurves : public QWidget {
    Q_OBJECT
public:
    explicit TrainingCurves(QWidget *parent = nullptr);

    void beginLive(const RunInfo &run);
    void addStep(const StepReport &step);
    void addEpoch(const EpochReport &epoch);
    void addFinding(const Finding &finding);
    void endLive(); ///< its curves stay until other runs are shown
    /// The runs to be shown beside the live one, and each one's steps; others go.
    void showRuns(const std::vector<RunInfo> &runs, std::vector<std::vector<StepPoint>> steps);
    void clear();

Q_SIGNALS:
    /// A click on the loss of the first run that is shown, at so many epochs.
    void clicked(const QString &folder, double at);

private:
    struct Shown {
        QString folder, name;
        std::vector<EpochReport> epochs;
        std::vector<Finding> findings;
        QVector<QPointF> losses = {}, rates = {}; ///< of steps, over epochs
        int bestEpoch = 0;
    };
    static Shown shownOf(const RunInfo &run);
    void draw(const Shown &shown, int slot);
    void drawMetric(const Shown &shown, int slot);
    void redraw();
    void followMetricOf(const RunInfo &run);
    bool isRateShown() const;
    QString rateName(const Shown &shown) const;
    double metricOf(const MetricValues &values) const;
    QString curveName(const Shown &shown, const std::string &split) const;
    QVector<QPointF> withoutCorrected(const Shown &shown) const; ///< the metric, of validation
    QVector<QPointF> points(const Shown &shown, const std::string &split, bool isLoss) const;

    CurvePlot *m_loss = nullptr, *m_metric = nullptr;
    QComboBox *m_which = nullptr;
    std::vector<Shown> m_shown; ///< the live one first, if there is one
    QString m_live;
    bool m_isChosen = false; ///< a person chose what is shown
};

} // namespace masque
