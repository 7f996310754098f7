// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/plots/Curve.h"
#include "studio/plots/CurvePlot.h"
#include "studio/plots/PlotLook.h"

#include <QPoint>
#include <QTimer>

#include <vector>

QT_BEGIN_NAMESPACE
class QHBoxLayout;
class QLabel;
class QSlider;
class QToolButton;
QT_END_NAMESPACE

/// What the files of CurvePlot share.
namespace masque {

struct CurvePlot::Series {
    QString name;
    Curve curve;
    int colorIndex = 0;
    Line line = Line::Thin;
    QCPGraph *faint = nullptr; ///< the unsmoothed values behind a smoothed curve
    QCPGraph *graph = nullptr;
    QCPItemTracer *marker = nullptr;
    QCPItemText *markerText = nullptr;
    double markerX = 0;
    bool isStale = true; ///< the graphs do not hold what is seen of the curve now
};

struct CurvePlot::Private {
    QCustomPlot *plot = nullptr;
    PlotLook look;
    QHBoxLayout *header = nullptr;
    QToolButton *logarithmic = nullptr;
    QLabel *smoothingLabel = nullptr;
    QSlider *smoothing = nullptr;
    std::vector<std::unique_ptr<Series>> series;
    QVector<Event> events;
    QVector<QCPItemStraightLine *> eventLines;
    QVector<QCPItemText *> eventTexts;
    QPoint pressed;
    QTimer pace;
    QCPRange filledFor; ///< part of x and pixels that the graphs were filled for
    int filledPixels = 0;
    bool isZoomed = false; ///< by the user: new values do not move the view
};

} // namespace masque
