// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/learn/LessonPage.h"

namespace masque {

class CurvePlot;

/// Points and line, and the loss so far, at each epoch.
class LinePage : public LessonPage {
    Q_OBJECT
public:
    explicit LinePage(JobRunner &jobs);

protected:
    Work work(const Json &options) override;
    void showStep(int step) override;
    QString stepText(int step) const override;

private:
    void take(const LineFit &fit);

    LineFit m_fit;
    CurvePlot *m_line = nullptr, *m_loss = nullptr;
};

/// Makes the curves of a plot that showLine or showLoss fills.
CurvePlot *newLinePlot(const QString &name, const QString &title);
CurvePlot *newLossPlot(const QString &name, const QString &title);
void showPoints(CurvePlot &plot, const LineFit &fit);
void showLine(CurvePlot &plot, const LineFit &fit, int step);
void showLoss(CurvePlot &plot, const LineFit &fit, int step);
/// "Epoch 3 of 20"
QString epochText(const LineFit &fit, int step);

} // namespace masque
