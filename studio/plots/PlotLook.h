// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/plots/CurveValues.h"

#include <qcustomplot.h>

namespace masque {

/// What a plot shows beside its curves, in the theme's colours: axes, grid, legend, the hairline under the cursor and
/// the text of an empty plot.
struct PlotLook {
    QCPItemText *emptyText = nullptr;
    QCPItemStraightLine *hairline = nullptr;
    bool hasLegend = true;

    void make(QCustomPlot &plot);
    void showEmpty(QCustomPlot &plot, bool isEmpty) const;
    void restyle(QCustomPlot &plot, const QFont &font) const;
};

/// A curve's value as QCustomPlot wants it: what is not finite is a gap.
double drawable(double value);
void styleGraph(QCPGraph *graph, QCPGraph *faint, const QColor &color, bool hasDots);
/// isDense: many strokes a pixel, where hairlines look the same and are drawn twenty times as fast as smooth ones.
void fillGraph(QCPGraph *graph, const QVector<QPointF> &values, bool isDense);
/// All of these with a margin, x from 0 to at least 1.
void showRanges(QCustomPlot &plot, const QVector<CurveValues::Range> &ranges);

} // namespace masque
