// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/plots/CurvePlotPrivate.h"

#include "studio/theme/Theme.h"

/// Rings and dashed lines over the curves.
namespace masque {

void CurvePlot::setMarker(const QString &name, double x, const QString &text)
{
    Series *series = find(name);
    if (!series)
        return;
    if (text.isEmpty()) {
        if (series->marker) {
            d->plot->removeItem(series->markerText);
            d->plot->removeItem(series->marker);
            series->marker = nullptr;
            series->markerText = nullptr;
            requestReplot();
        }
        return;
    }
    if (!series->marker) {
        series->marker = new QCPItemTracer(d->plot);
        series->marker->setStyle(QCPItemTracer::tsCircle);
        series->marker->setSize(12);
        series->marker->setClipToAxisRect(false);
        series->markerText = new QCPItemText(d->plot);
        series->markerText->position->setParentAnchor(series->marker->position);
        series->markerText->position->setCoords(0, -10);
        series->markerText->setPositionAlignment(Qt::AlignHCenter | Qt::AlignBottom);
        series->markerText->setPadding(QMargins(4, 2, 4, 2));
        series->markerText->setClipToAxisRect(false);
    }
    series->markerX = x;
    series->markerText->setText(text);
    placeMarker(*series);
    styleSeries(*series);
    requestReplot();
}

void CurvePlot::setEvents(const QVector<Event> &events)
{
    for (auto *line : std::as_const(d->eventLines))
        d->plot->removeItem(line);
    for (auto *text : std::as_const(d->eventTexts))
        d->plot->removeItem(text);
    d->eventLines.clear();
    d->eventTexts.clear();
    d->events = events;
    for (const Event &event : events) {
        auto *line = new QCPItemStraightLine(d->plot);
        line->point1->setCoords(event.x, 0);
        line->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
        line->point2->setCoords(event.x, 1);
        line->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
        auto *text = new QCPItemText(d->plot);
        text->setText(event.text);
        text->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
        text->position->setCoords(event.x, 0.02 + 0.08 * static_cast<double>(d->eventTexts.size() % 4));
        text->setPositionAlignment(Qt::AlignRight | Qt::AlignTop);
        text->setPadding(QMargins(4, 1, 4, 1));
        d->eventLines.append(line);
        d->eventTexts.append(text);
    }
    styleEvents();
    requestReplot();
}

void CurvePlot::styleEvents()
{
    const Theme &theme = Theme::instance();
    for (auto *line : std::as_const(d->eventLines))
        line->setPen(QPen(theme.warning(), 1, Qt::DashLine));
    for (auto *text : std::as_const(d->eventTexts)) {
        text->setColor(theme.text());
        text->setFont(font());
        QColor ground = theme.base();
        ground.setAlphaF(0.8F);
        text->setBrush(ground);
    }
}

void CurvePlot::placeMarker(Series &series)
{
    if (!series.marker)
        return;
    const qsizetype index = series.curve.nearest(series.markerX, 1e300);
    series.marker->setVisible(index >= 0);
    series.markerText->setVisible(index >= 0);
    if (index >= 0)
        series.marker->position->setCoords(series.curve.smoothed()[index]);
}

} // namespace masque
