// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/learn/LinePage.h"

#include "studio/plots/CurvePlot.h"

#include <QSplitter>

namespace masque {

namespace {

QString pointsName()
{
    return LinePage::tr("points");
}
QString truthName()
{
    return QString::fromStdString(lineText(kTrueSlope, kTrueIntercept));
}
QString networkName()
{
    return LinePage::tr("network");
}
QString lossName()
{
    return LinePage::tr("loss");
}

QVector<QPointF> lineThrough(const LineFit &fit, double slope, double intercept)
{
    QVector<QPointF> ends;
    for (const double x : {fit.points.front().x, fit.points.back().x})
        ends.append({x, slope * x + intercept});
    return ends;
}

} // namespace

CurvePlot *newLinePlot(const QString &name, const QString &title)
{
    auto *plot = new CurvePlot(name, title);
    plot->setXTitle(QStringLiteral("x"));
    plot->hideSmoothing();
    plot->setCurve(pointsName(), 0, CurvePlot::Line::Points);
    plot->setCurve(truthName(), 2, CurvePlot::Line::Thin);
    plot->setCurve(networkName(), 1, CurvePlot::Line::Dotted);
    return plot;
}

CurvePlot *newLossPlot(const QString &name, const QString &title)
{
    auto *plot = new CurvePlot(name, title);
    plot->setXTitle(LinePage::tr("Epoch"));
    plot->hideSmoothing();
    plot->hideLegend();
    plot->setScale(CurvePlot::Scale::Logarithmic);
    plot->setCurve(lossName(), 1, CurvePlot::Line::Dotted);
    return plot;
}

void showPoints(CurvePlot &plot, const LineFit &fit)
{
    QVector<QPointF> points;
    for (const auto &point : fit.points)
        points.append({point.x, point.y});
    plot.setValues(pointsName(), points);
    plot.setValues(truthName(), lineThrough(fit, kTrueSlope, kTrueIntercept));
}

void showLine(CurvePlot &plot, const LineFit &fit, int step)
{
    const auto &at = fit.steps[static_cast<std::size_t>(step)];
    plot.setValues(networkName(), lineThrough(fit, at.slope, at.intercept));
}

void showLoss(CurvePlot &plot, const LineFit &fit, int step)
{
    QVector<QPointF> values;
    for (int i = 0; i <= step; ++i)
        values.append({static_cast<double>(i), fit.steps[static_cast<std::size_t>(i)].loss});
    plot.setValues(lossName(), values);
}

QString epochText(const LineFit &fit, int step)
{
    return LinePage::tr("Epoch %1 of %2").arg(step).arg(fit.steps.size() - 1);
}

LinePage::LinePage(JobRunner &jobs) : LessonPage("line", lineTable().specs(), jobs)
{
    m_line = newLinePlot(QStringLiteral("lesson-line-fit"), tr("Points and line"));
    m_loss = newLossPlot(QStringLiteral("lesson-line-loss"), tr("Mean squared error"));
    auto *plots = new QSplitter(Qt::Vertical);
    plots->setChildrenCollapsible(false);
    plots->addWidget(m_line);
    plots->addWidget(m_loss);
    plots->setStretchFactor(0, 3);
    plots->setStretchFactor(1, 2);
    setPictures(plots);
}

LessonPage::Work LinePage::work(const Json &options)
{
    return makeWork<LineOptions, LineFit>(options, lineTable(), &fitLine, [this](const LineFit &fit) { take(fit); });
}

void LinePage::take(const LineFit &fit)
{
    m_fit = fit;
    setLastStep(static_cast<int>(m_fit.steps.size()) - 1);
    showPoints(*m_line, m_fit);
}

void LinePage::showStep(int step)
{
    if (m_fit.steps.empty())
        return;
    showLine(*m_line, m_fit, step);
    showLoss(*m_loss, m_fit, step);
    const auto &at = m_fit.steps[static_cast<std::size_t>(step)];
    const auto number = [](double value) { return QString::number(value, 'g', 3); };
    setState(tr("<b>%1</b><br>loss %2<br><br>dL/dw = %3, dL/db = %4<br>next step: w %5, b %6")
                 .arg(QString::fromStdString(lineText(at.slope, at.intercept)), number(at.loss),
                      number(at.slopeGradient), number(at.interceptGradient),
                      QString::asprintf("%+.3g", -at.lr * at.slopeGradient),
                      QString::asprintf("%+.3g", -at.lr * at.interceptGradient)));
}

QString LinePage::stepText(int step) const
{
    return m_fit.steps.empty() ? QString() : epochText(m_fit, step);
}

} // namespace masque
