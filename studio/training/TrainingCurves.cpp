// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/TrainingCurves.h"

#include "studio/plots/CurvePlot.h"

#include <QComboBox>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

namespace {

struct Metric {
    double MetricValues::*value;
    std::string_view key; ///< as TrainingOptions::metric
    const char *title;
};
const Metric kMetrics[] = {
    {&MetricValues::meanIou, "mean_iou", QT_TRANSLATE_NOOP("masque::TrainingCurves", "Mean IoU")},
    {&MetricValues::meanDice, "mean_dice", QT_TRANSLATE_NOOP("masque::TrainingCurves", "Mean Dice")},
    {&MetricValues::foregroundIou, "foreground_iou", QT_TRANSLATE_NOOP("masque::TrainingCurves", "Foreground IoU")},
    {&MetricValues::foregroundDice, "foreground_dice", QT_TRANSLATE_NOOP("masque::TrainingCurves", "Foreground Dice")},
    {&MetricValues::pixelAccuracy, "pixel_accuracy", QT_TRANSLATE_NOOP("masque::TrainingCurves", "Pixel accuracy")},
    {&MetricValues::balancedAccuracy, "balanced_accuracy",
     QT_TRANSLATE_NOOP("masque::TrainingCurves", "Balanced accuracy")},
};

/// A finding's kind in a word or two, as it fits beside a line in the plot.
QString kindText(const Finding &finding)
{
    const auto &kind = finding.kind;
    if (kind == kCorrected) {
        const auto masks = static_cast<int>(finding.images.size());
        return masks == 1 ? TrainingCurves::tr("1 mask corrected")
                          : TrainingCurves::tr("%n masks corrected", nullptr, masks);
    }
    if (kind == "diverged")
        return TrainingCurves::tr("rescued");
    if (kind == "rate-too-high")
        return TrainingCurves::tr("rate too high");
    if (kind == "no-progress")
        return TrainingCurves::tr("no progress");
    if (kind == "overfitting")
        return TrainingCurves::tr("overfitting");
    if (kind == "labels")
        return TrainingCurves::tr("labels?");
    return kind == "one-class" ? TrainingCurves::tr("one class only") : QString::fromStdString(kind);
}

} // namespace

TrainingCurves::TrainingCurves(QWidget *parent) : QWidget(parent)
{
    m_loss = new CurvePlot(QStringLiteral("loss-plot"), tr("Loss"));
    m_loss->setXTitle(tr("Epoch"));
    m_loss->setEmptyText(tr("The loss of training and validation\nis drawn here."));
    m_metric = new CurvePlot(QStringLiteral("metric-plot"), tr("Metric"));
    m_metric->setXTitle(tr("Epoch"));
    m_metric->setEmptyText(tr("How well it does\nis drawn here after each epoch."));
    m_metric->setLegendAlignment(Qt::AlignBottom | Qt::AlignRight);
    m_which = new QComboBox;
    m_which->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_which->setMinimumContentsLength(9);
    m_which->setObjectName(QStringLiteral("metric-choice"));
    m_which->setAccessibleName(tr("Metric"));
    for (const Metric &metric : kMetrics)
        m_which->addItem(tr(metric.title));
    m_which->addItem(tr("Learning rate"));
    connect(m_which, &QComboBox::currentIndexChanged, this, [this] {
        m_metric->clear();
        redraw();
    });
    connect(m_which, &QComboBox::activated, this, [this] { m_isChosen = true; });
    m_metric->addControl(m_which);
    connect(m_loss, &CurvePlot::clicked, this, [this](double at) {
        if (!m_shown.empty())
            Q_EMIT clicked(m_shown.front().folder, at);
    });
    auto *plots = new QSplitter(Qt::Horizontal);
    plots->setChildrenCollapsible(false);
    plots->addWidget(m_loss);
    plots->addWidget(m_metric);
    plots->setHandleWidth(1);
    plots->setStretchFactor(0, 1);
    plots->setStretchFactor(1, 1);
    plots->setSizes({400, 400});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(plots);
}

bool TrainingCurves::isRateShown() const
{
    return m_which->currentIndex() == static_cast<int>(std::size(kMetrics));
}

double TrainingCurves::metricOf(const MetricValues &values) const
{
    return values.*kMetrics[std::max(0, m_which->currentIndex())].value;
}

/// The metric by which the run's best epoch is chosen, until a person chooses another one.
void TrainingCurves::followMetricOf(const RunInfo &run)
{
    const auto found = std::ranges::find(kMetrics, run.options.training.metric, &Metric::key);
    if (!m_isChosen && found != std::end(kMetrics))
        m_which->setCurrentIndex(static_cast<int>(found - std::begin(kMetrics)));
}

TrainingCurves::Shown TrainingCurves::shownOf(const RunInfo &run)
{
    return {.folder = QString::fromStdString(run.folder),
            .name = QString::fromStdString(run.name),
            .epochs = run.epochs,
            .findings = run.findings,
            .bestEpoch = run.bestEpoch};
}

QString TrainingCurves::rateName(const Shown &shown) const
{
    return m_shown.size() == 1 ? tr("learning rate") : tr("%1 learning rate").arg(shown.name);
}

QVector<QPointF> TrainingCurves::points(const Shown &shown, const std::string &split, bool isLoss) const
{
    QVector<QPointF> out;
    for (const auto &epoch : shown.epochs) {
        if (epoch.split == split)
            out.append({static_cast<double>(epoch.epoch), isLoss ? epoch.metrics.loss : metricOf(epoch.metrics)});
    }
    return out;
}

QVector<QPointF> TrainingCurves::withoutCorrected(const Shown &shown) const
{
    QVector<QPointF> out;
    for (const auto &epoch : shown.epochs)
        if (epoch.uncorrected)
            out.append({static_cast<double>(epoch.epoch), metricOf(epoch.uncorrected->metrics)});
    return out;
}

QString TrainingCurves::curveName(const Shown &shown, const std::string &split) const
{
    const QString part = split == "val" ? tr("validation") : tr("training");
    return m_shown.size() == 1 ? part : tr("%1 %2").arg(shown.name, part);
}

void TrainingCurves::draw(const Shown &shown, int slot)
{
    for (const bool isVal : {false, true}) {
        const std::string split = isVal ? "val" : "train";
        const QString name = curveName(shown, split);
        m_loss->setCurve(name, 2 * slot + (isVal ? 1 : 0), isVal ? CurvePlot::Line::Dotted : CurvePlot::Line::Thin);
        m_loss->setValues(name, isVal || shown.losses.isEmpty() ? points(shown, split, true) : shown.losses);
    }
    drawMetric(shown, slot);
}

void TrainingCurves::drawMetric(const Shown &shown, int slot)
{
    if (isRateShown()) {
        QVector<QPointF> rates = shown.rates;
        if (rates.isEmpty())
            for (const auto &epoch : shown.epochs)
                if (epoch.split == "train")
                    rates.append({static_cast<double>(epoch.epoch), epoch.lr});
        m_metric->setCurve(rateName(shown), 2 * slot, CurvePlot::Line::Thin);
        m_metric->setValues(rateName(shown), std::move(rates));
        return;
    }
    for (const bool isVal : {false, true}) {
        const std::string split = isVal ? "val" : "train";
        const QString name = curveName(shown, split);
        m_metric->setCurve(name, 2 * slot + (isVal ? 1 : 0), isVal ? CurvePlot::Line::Dotted : CurvePlot::Line::Thin);
        m_metric->setValues(name, points(shown, split, false));
        if (const auto without = isVal ? withoutCorrected(shown) : QVector<QPointF>(); !without.isEmpty()) {
            const QString apart = tr("%1 without corrected").arg(name);
            m_metric->setCurve(apart, 2 * slot + 1, CurvePlot::Line::Dotted);
            m_metric->setValues(apart, without);
        }
        if (isVal)
            m_metric->setMarker(name, shown.bestEpoch, shown.bestEpoch > 0 ? tr("best") : QString());
    }
}

void TrainingCurves::redraw()
{
    QVector<CurvePlot::Event> events;
    for (std::size_t i = 0; i < m_shown.size(); ++i) {
        draw(m_shown[i], static_cast<int>(i));
        for (const auto &finding : m_shown[i].findings)
            events.append(
                {static_cast<double>(finding.epoch), kindText(finding), QString::fromStdString(finding.message)});
    }
    m_loss->setEvents(events);
}

void TrainingCurves::beginLive(const RunInfo &run)
{
    clear();
    followMetricOf(run);
    m_live = QString::fromStdString(run.folder);
    m_shown.push_back(shownOf(run));
    redraw();
}

void TrainingCurves::addStep(const StepReport &step)
{
    if (m_live.isEmpty() || step.split != "train" || step.steps <= 0)
        return;
    auto &live = m_shown.front();
    const double at = step.epoch - 1 + step.step / static_cast<double>(step.steps);
    live.losses.append({at, step.loss});
    live.rates.append({at, step.lr});
    if (live.losses.size() == 1) {
        draw(live, 0); // from now on the curve is made of steps
        return;
    }
    m_loss->append(curveName(live, "train"), live.losses.back());
    if (isRateShown())
        m_metric->append(rateName(live), live.rates.back());
}

void TrainingCurves::addEpoch(const EpochReport &epoch)
{
    if (m_live.isEmpty())
        return;
    auto &live = m_shown.front();
    live.epochs.push_back(epoch);
    if (epoch.best)
        live.bestEpoch = epoch.epoch;
    const auto x = static_cast<double>(epoch.epoch);
    const bool isVal = epoch.split == "val";
    const QString name = curveName(live, epoch.split);
    if (isVal || live.losses.isEmpty())
        m_loss->append(name, {x, epoch.metrics.loss});
    if (isRateShown())
        return;
    m_metric->append(name, {x, metricOf(epoch.metrics)});
    if (epoch.uncorrected)
        drawMetric(live, 0);
    if (epoch.best)
        m_metric->setMarker(name, x, tr("best"));
}

void TrainingCurves::addFinding(const Finding &finding)
{
    if (m_live.isEmpty())
        return;
    m_shown.front().findings.push_back(finding);
    redraw();
}

void TrainingCurves::endLive()
{
    m_live.clear();
}

void TrainingCurves::showRuns(const std::vector<RunInfo> &runs, std::vector<std::vector<StepPoint>> steps)
{
    if (!runs.empty() && m_live.isEmpty())
        followMetricOf(runs.front());
    std::vector<Shown> next;
    for (auto &shown : m_shown) { // those that stay keep their place, so their colours
        const bool stays = std::any_of(runs.begin(), runs.end(), [&](const RunInfo &run) {
            return QString::fromStdString(run.folder) == shown.folder;
        });
        if (stays || shown.folder == m_live)
            next.push_back(std::move(shown));
    }
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const QString folder = QString::fromStdString(runs[i].folder);
        if (folder == m_live)
            continue;
        auto it = std::find_if(next.begin(), next.end(), [&](const Shown &s) { return s.folder == folder; });
        if (it == next.end())
            it = next.insert(next.end(), shownOf(runs[i]));
        else
            *it = shownOf(runs[i]);
        for (const auto &step : i < steps.size() ? steps[i] : std::vector<StepPoint>()) {
            it->losses.append({step.at, step.loss});
            it->rates.append({step.at, step.lr});
        }
    }
    m_shown = std::move(next);
    m_loss->clear();
    m_metric->clear();
    redraw();
}

void TrainingCurves::clear()
{
    m_live.clear();
    m_shown.clear();
    m_loss->clear();
    m_metric->clear();
}

} // namespace masque
