// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/plots/CurvePlot.h"

#include "studio/plots/CurvePlotPrivate.h"
#include "studio/theme/Theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QSlider>
#include <QTimer>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <vector>

namespace masque {

namespace {

constexpr int kReplotIntervalMs = 50;
constexpr int kClickPx = 4;

} // namespace

CurvePlot::CurvePlot(const QString &name, const QString &title, QWidget *parent)
    : QWidget(parent), d(std::make_unique<Private>())
{
    setObjectName(name);
    d->plot = new QCustomPlot;
    d->plot->setObjectName(name + QStringLiteral("-curves"));
    d->plot->setAccessibleName(title);
    d->plot->installEventFilter(this);
    d->look.make(*d->plot);

    auto *heading = new QLabel(title);
    heading->setProperty("role", "title");
    d->logarithmic = new QToolButton;
    d->logarithmic->setText(tr("log"));
    d->logarithmic->setCheckable(true);
    d->logarithmic->setObjectName(name + QStringLiteral("-log"));
    d->logarithmic->setAccessibleName(tr("%1: logarithmic axis").arg(title));
    d->logarithmic->setToolTip(tr("Logarithmic axis"));
    connect(d->logarithmic, &QToolButton::toggled, this,
            [this](bool isOn) { setScale(isOn ? Scale::Logarithmic : Scale::Linear); });
    auto *smoothingLabel = d->smoothingLabel = new QLabel(tr("Smoothing"));
    smoothingLabel->setProperty("role", "muted");
    d->smoothing = new QSlider(Qt::Horizontal);
    d->smoothing->setRange(0, 99);
    d->smoothing->setMinimumWidth(24); // two plots side by side, and still a window for small screens
    d->smoothing->setMaximumWidth(80);
    d->smoothing->setObjectName(name + QStringLiteral("-smoothing"));
    d->smoothing->setAccessibleName(tr("%1: smoothing").arg(title));
    d->smoothing->setToolTip(tr("Weight of the past in the running average that is drawn"));
    smoothingLabel->setBuddy(d->smoothing);
    connect(d->smoothing, &QSlider::valueChanged, this, [this] {
        for (const auto &series : d->series) {
            series->curve.setSmoothing(smoothing());
            refill(*series);
        }
    });
    auto *all = new QToolButton;
    all->setIcon(Theme::instance().icon(QStringLiteral("fit")));
    all->setObjectName(name + QStringLiteral("-all"));
    all->setAccessibleName(tr("%1: show everything").arg(title));
    all->setToolTip(tr("Show everything (double click)"));
    connect(all, &QToolButton::clicked, this, &CurvePlot::showAll);

    auto *save = new QToolButton;
    save->setIcon(Theme::instance().icon(QStringLiteral("save")));
    save->setObjectName(name + QStringLiteral("-save"));
    save->setAccessibleName(tr("%1: save the plot").arg(title));
    save->setToolTip(tr("Save the plot as PNG or SVG, or its values as CSV"));
    connect(save, &QToolButton::clicked, this, &CurvePlot::askSave);

    d->header = new QHBoxLayout;
    d->header->setContentsMargins(16, 0, 8, 0);
    d->header->setSpacing(8);
    d->header->addWidget(heading);
    d->header->addStretch();
    d->header->addWidget(smoothingLabel);
    d->header->addWidget(d->smoothing);
    d->header->addWidget(d->logarithmic);
    d->header->addWidget(all);
    d->header->addWidget(save);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(d->header);
    layout->addWidget(d->plot, 1);

    connect(d->plot, &QCustomPlot::beforeReplot, this, &CurvePlot::fillSeen);
    connect(d->plot, &QCustomPlot::mouseDoubleClick, this, &CurvePlot::showAll);
    connect(d->plot, &QCustomPlot::mousePress, this,
            [this](QMouseEvent *event) { d->pressed = event->position().toPoint(); });
    connect(d->plot, &QCustomPlot::mouseRelease, this, [this](QMouseEvent *event) {
        const QPoint at = event->position().toPoint();
        if (event->button() == Qt::LeftButton && (at - d->pressed).manhattanLength() < kClickPx
            && d->plot->axisRect()->rect().contains(at))
            Q_EMIT clicked(d->plot->xAxis->pixelToCoord(at.x()));
    });
    connect(d->plot, &QCustomPlot::mouseWheel, this, [this] { d->isZoomed = true; });
    connect(d->plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent *event) {
        if (event->buttons() & Qt::LeftButton)
            d->isZoomed = true;
        else
            showReading(event->position(), event->globalPosition().toPoint());
    });
    d->pace.setSingleShot(true);
    d->pace.setInterval(kReplotIntervalMs);
    connect(&d->pace, &QTimer::timeout, this, &CurvePlot::replotNow);
    connect(&Theme::instance(), &Theme::changed, this, &CurvePlot::restyle);
    setLegendAlignment(Qt::AlignTop | Qt::AlignRight);
    restyle();
}

CurvePlot::~CurvePlot() = default;

void CurvePlot::setXTitle(const QString &title)
{
    d->plot->xAxis->setLabel(title);
    requestReplot();
}

void CurvePlot::setEmptyText(const QString &text)
{
    d->look.emptyText->setText(text);
    requestReplot();
}

void CurvePlot::setLegendAlignment(Qt::Alignment alignment)
{
    d->plot->axisRect()->insetLayout()->setInsetAlignment(0, alignment);
}

void CurvePlot::hideLegend()
{
    d->look.hasLegend = false;
    requestReplot();
}

void CurvePlot::addControl(QWidget *control)
{
    d->header->insertWidget(1, control);
}

CurvePlot::Series *CurvePlot::find(const QString &name) const
{
    for (const auto &series : d->series) {
        if (series->name == name)
            return series.get();
    }
    return nullptr;
}

void CurvePlot::setCurve(const QString &name, int colorIndex, Line line)
{
    Series *series = find(name);
    if (!series) {
        series = d->series.emplace_back(std::make_unique<Series>()).get();
        series->name = name;
        series->curve.setSmoothing(smoothing());
        series->faint = d->plot->addGraph();
        series->graph = d->plot->addGraph();
        series->graph->setName(name);
        series->graph->addToLegend();
    }
    series->colorIndex = colorIndex;
    series->line = line;
    styleSeries(*series);
    requestReplot();
}

void CurvePlot::setValues(const QString &name, QVector<QPointF> values)
{
    if (Series *series = find(name)) {
        series->curve.setValues(std::move(values));
        refill(*series);
    }
}

void CurvePlot::append(const QString &name, QPointF value)
{
    Series *series = find(name);
    if (!series)
        return;
    series->curve.append(value);
    series->isStale = true;
    requestReplot();
}

void CurvePlot::removeCurve(const QString &name)
{
    Series *series = find(name);
    if (!series)
        return;
    setMarker(name, 0, {});
    d->plot->removeGraph(series->graph);
    d->plot->removeGraph(series->faint);
    std::erase_if(d->series, [&](const auto &s) { return s.get() == series; });
    requestReplot();
}

void CurvePlot::clear()
{
    while (!d->series.empty())
        removeCurve(d->series.back()->name);
    setEvents({});
    d->isZoomed = false;
}

QStringList CurvePlot::curveNames() const
{
    QStringList names;
    for (const auto &series : d->series)
        names.append(series->name);
    return names;
}

QVector<QPointF> CurvePlot::values(const QString &name) const
{
    const Series *series = find(name);
    return series ? series->curve.raw() : QVector<QPointF>();
}

QVector<QPointF> CurvePlot::drawn(const QString &name) const
{
    const Series *series = find(name);
    return series ? series->curve.smoothed() : QVector<QPointF>();
}

void CurvePlot::refill(Series &series)
{
    series.isStale = true;
    placeMarker(series);
    requestReplot();
}

void CurvePlot::fillSeen()
{
    const QCPRange range = d->plot->xAxis->range();
    const int pixels = d->plot->axisRect()->width();
    const bool isMoved = range != d->filledFor || pixels != d->filledPixels;
    for (const auto &series : d->series) {
        if (!isMoved && !series->isStale)
            continue;
        const auto &curve = series->curve;
        const auto drawn = curve.drawn().seen(range.lower, range.upper, pixels);
        const auto raw =
            smoothing() > 0 ? curve.rawValues().seen(range.lower, range.upper, pixels) : CurveValues::Seen();
        fillGraph(series->graph, drawn.values, drawn.isReduced);
        fillGraph(series->faint, raw.values, raw.isReduced);
        series->isStale = false;
    }
    d->filledFor = range;
    d->filledPixels = pixels;
}

void CurvePlot::setScale(Scale scale)
{
    const bool isLog = scale == Scale::Logarithmic;
    if (isLog != (d->plot->yAxis->scaleType() == QCPAxis::stLogarithmic)) {
        const QSharedPointer<QCPAxisTicker> ticker(isLog ? new QCPAxisTickerLog : new QCPAxisTicker);
        d->plot->yAxis->setScaleType(isLog ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        d->plot->yAxis->setTicker(ticker);
        d->isZoomed = false;
        requestReplot();
    }
    d->logarithmic->setChecked(isLog);
}

CurvePlot::Scale CurvePlot::scale() const
{
    return d->logarithmic->isChecked() ? Scale::Logarithmic : Scale::Linear;
}

void CurvePlot::setSmoothing(double weight)
{
    d->smoothing->setValue(static_cast<int>(std::lround(weight * 100)));
}

void CurvePlot::hideSmoothing()
{
    d->smoothingLabel->hide();
    d->smoothing->hide();
}

double CurvePlot::smoothing() const
{
    return d->smoothing->value() / 100.0;
}

void CurvePlot::showAll()
{
    d->isZoomed = false;
    requestReplot();
}

QStringList CurvePlot::reading(double x) const
{
    const double reach = d->plot->xAxis->range().size() / 20;
    QStringList lines;
    for (const auto &series : d->series) {
        if (const qsizetype index = series->curve.nearest(x, reach); index >= 0) {
            const QPointF value = series->curve.smoothed()[index];
            lines.append(tr("%1: %2").arg(series->name, QString::number(value.y(), 'g', 4)));
        }
    }
    return lines;
}

void CurvePlot::showReading(QPointF position, QPoint globalPosition)
{
    const double x = d->plot->xAxis->pixelToCoord(position.x());
    QStringList lines = d->plot->axisRect()->rect().contains(position.toPoint()) ? reading(x) : QStringList();
    if (lines.isEmpty()) {
        QToolTip::hideText();
    } else {
        const double near = d->plot->xAxis->range().size() / 60;
        for (const Event &event : std::as_const(d->events))
            if (std::abs(event.x - x) <= near)
                lines.append(event.explanation);
        const QString heading = QStringLiteral("%1 %2").arg(d->plot->xAxis->label(), QString::number(x, 'f', 1));
        QToolTip::showText(globalPosition + QPoint(12, 0), heading + QLatin1Char('\n') + lines.join(QLatin1Char('\n')),
                           d->plot);
    }
    d->look.hairline->setVisible(!lines.isEmpty());
    d->look.hairline->point1->setCoords(x, 0);
    d->look.hairline->point2->setCoords(x, 1);
    requestReplot();
}

bool CurvePlot::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Leave && d->look.hairline->visible()) {
        d->look.hairline->setVisible(false);
        requestReplot();
    }
    return QWidget::eventFilter(watched, event);
}

void CurvePlot::requestReplot()
{
    if (!d->pace.isActive())
        d->pace.start();
}

void CurvePlot::replotNow()
{
    const bool isEmpty = std::none_of(d->series.begin(), d->series.end(),
                                      [](const auto &series) { return !series->curve.raw().isEmpty(); });
    d->look.showEmpty(*d->plot, isEmpty);
    if (!d->isZoomed && !isEmpty) {
        QVector<CurveValues::Range> ranges;
        for (const auto &series : d->series)
            for (const auto *values : {&series->curve.drawn(), &series->curve.rawValues()})
                ranges.append(values->range());
        showRanges(*d->plot, ranges);
    }
    d->plot->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::styleSeries(Series &series)
{
    const Theme &theme = Theme::instance();
    const QColor color = theme.series(series.colorIndex);
    styleGraph(series.graph, series.faint, color, series.line != Line::Thin);
    series.graph->setLineStyle(series.line == Line::Points ? QCPGraph::lsNone : QCPGraph::lsLine);
    if (series.marker) {
        series.marker->setPen(QPen(color, 1.75));
        series.markerText->setColor(theme.text());
        series.markerText->setFont(font());
        QColor ground = theme.base();
        ground.setAlphaF(0.8F);
        series.markerText->setBrush(ground);
    }
}

void CurvePlot::restyle()
{
    d->look.restyle(*d->plot, font());
    QPalette ground = palette();
    ground.setColor(QPalette::Window, Theme::instance().base());
    setPalette(ground);
    setAutoFillBackground(true);
    for (const auto &series : d->series)
        styleSeries(*series);
    styleEvents();
    requestReplot();
}

} // namespace masque
