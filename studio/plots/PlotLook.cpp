// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/plots/PlotLook.h"

#include "studio/theme/Theme.h"

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr double kLineWidth = 1.25, kDottedWidth = 2;

} // namespace

void PlotLook::make(QCustomPlot &plot)
{
    plot.setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    plot.setAutoAddPlottableToLegend(false);
    plot.setMinimumSize(240, 160);
    plot.legend->setVisible(true);
    emptyText = new QCPItemText(&plot);
    emptyText->position->setType(QCPItemPosition::ptAxisRectRatio);
    emptyText->position->setCoords(0.5, 0.5);
    emptyText->setTextAlignment(Qt::AlignCenter);
    hairline = new QCPItemStraightLine(&plot);
    hairline->setVisible(false);
}

void PlotLook::restyle(QCustomPlot &plot, const QFont &font) const
{
    const Theme &theme = Theme::instance();
    QFont small = font;
    small.setPointSizeF(std::max(7.0, font.pointSizeF() - 1));
    plot.setBackground(theme.base());
    for (QCPAxis *axis : {plot.xAxis, plot.yAxis}) {
        axis->setBasePen(QPen(theme.border(), 1));
        axis->setTickPen(QPen(theme.border(), 1));
        axis->setTickLengthIn(0);
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(theme.mutedText());
        axis->setLabelColor(theme.mutedText());
        axis->setTickLabelFont(small);
        axis->setLabelFont(small);
        axis->grid()->setPen(QPen(theme.border(), 1, Qt::DotLine));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    QColor ground = theme.base();
    ground.setAlphaF(0.85F);
    plot.legend->setBrush(ground);
    plot.legend->setBorderPen(Qt::NoPen);
    plot.legend->setTextColor(theme.text());
    plot.legend->setFont(small);
    emptyText->setColor(theme.mutedText());
    emptyText->setFont(font);
    hairline->setPen(QPen(theme.mutedText(), 1, Qt::DashLine));
}

void styleGraph(QCPGraph *graph, QCPGraph *faint, const QColor &color, bool hasDots)
{
    QColor pale = color;
    pale.setAlphaF(0.25F);
    faint->setPen(QPen(pale, 1));
    graph->setPen(QPen(color, hasDots ? kDottedWidth : kLineWidth));
    graph->setScatterStyle(hasDots ? QCPScatterStyle(QCPScatterStyle::ssDisc, color, color, 5)
                                   : QCPScatterStyle(QCPScatterStyle::ssNone));
}

double drawable(double value)
{
    return std::isfinite(value) ? value : std::nan("");
}

void fillGraph(QCPGraph *graph, const QVector<QPointF> &values, bool isDense)
{
    const bool hasDots = graph->scatterStyle().shape() != QCPScatterStyle::ssNone;
    QPen pen = graph->pen();
    pen.setWidthF(isDense ? 0 : hasDots ? kDottedWidth : kLineWidth); // 0: one pixel, the fast way
    graph->setPen(pen);
    graph->setAntialiased(!isDense);
    QVector<QCPGraphData> data;
    data.reserve(values.size());
    for (const QPointF value : values)
        data.append({value.x(), drawable(value.y())});
    graph->data()->set(data, true);
}

void PlotLook::showEmpty(QCustomPlot &plot, bool isEmpty) const
{
    emptyText->setVisible(isEmpty);
    plot.legend->setVisible(hasLegend && !isEmpty);
    for (QCPAxis *axis : {plot.xAxis, plot.yAxis}) { // no figures where there is nothing to measure
        axis->setTickLabels(!isEmpty);
        axis->grid()->setVisible(!isEmpty);
    }
}

void showRanges(QCustomPlot &plot, const QVector<CurveValues::Range> &ranges)
{
    const bool isLog = plot.yAxis->scaleType() == QCPAxis::stLogarithmic;
    bool hasAny = false;
    QCPRange x, y;
    for (const auto &range : ranges) {
        if (range.isEmpty || (isLog && range.leastPositive <= 0))
            continue;
        const QCPRange keys(range.left, range.right), values(isLog ? range.leastPositive : range.least, range.greatest);
        x = hasAny ? x.expanded(keys) : keys; // QCPRange's own start would bring in the origin
        y = hasAny ? y.expanded(values) : values;
        hasAny = true;
    }
    if (!hasAny)
        return;
    plot.xAxis->setRange(std::min(x.lower, 0.0), std::max(x.upper, 1.0) * 1.03); // room for the last point
    const double margin = y.size() > 0 ? y.size() * 0.05 : std::max(std::abs(y.upper) * 0.1, 1e-3);
    if (isLog)
        plot.yAxis->setRange(y.lower / 1.1, y.upper * 1.1);
    else
        plot.yAxis->setRange(y.lower - margin, y.upper + margin);
}

} // namespace masque
