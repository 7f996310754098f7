// SPDX-License-Identifier: GPL-3.0-or-later
// Proposed regions on the canvas: part of the frame, so that a stroke over them costs no more.
#include "studio/canvas/CanvasPrivate.h"
#include "studio/canvas/shape_painter.h"
#include "studio/theme/Theme.h"

#include <QPainter>
#include <QTransform>

namespace masque {

namespace {

/// The pixels' outline in image coordinates, or the one that is offered instead.
QPainterPath outlineOf(const ProposedRegion &region)
{
    const auto toPolygon = [](const std::vector<Point> &points) {
        QPolygonF polygon;
        for (const Point &point : points)
            polygon << toQPointF(point);
        return polygon;
    };
    QPainterPath path;
    if (!region.outline.empty()) {
        path.addPolygon(toPolygon(region.outline));
        path.closeSubpath();
        return path;
    }
    const Mask &mask = *region.pixels;
    for (const TracedRegion &traced : traceMask(mask.bits, {double(mask.box.x), double(mask.box.y)})) {
        path.addPolygon(toPolygon(traced.outer));
        path.closeSubpath();
        for (const auto &hole : traced.holes) {
            path.addPolygon(toPolygon(hole));
            path.closeSubpath();
        }
    }
    return path;
}

} // namespace

void CanvasWidget::setProposals(std::vector<ProposedRegion> regions)
{
    std::vector<Private::ProposedOutline> outlines;
    Rect touched;
    for (const auto &old : d->proposals)
        touched = touched.united(old.region.pixels->box);
    for (ProposedRegion &region : regions) {
        touched = touched.united(region.pixels->box);
        const auto known = std::find_if(d->proposals.begin(), d->proposals.end(), [&](const auto &old) {
            return old.region.pixels == region.pixels && old.region.outline == region.outline;
        });
        QPainterPath path = known != d->proposals.end() ? known->path : outlineOf(region);
        outlines.push_back({std::move(region), std::move(path)});
    }
    d->proposals = std::move(outlines);
    if (!touched.isEmpty())
        d->invalidateFrame(touched);
}

void CanvasWidget::Private::drawProposals(QPainter &painter, QRectF part) const
{
    if (proposals.empty())
        return;
    const QPointF origin = viewport.widgetFromImage(QPointF(0, 0));
    const QPointF right = viewport.widgetFromImage(QPointF(1, 0)) - origin;
    const QPointF down = viewport.widgetFromImage(QPointF(0, 1)) - origin;
    const QTransform toWidget(right.x(), right.y(), down.x(), down.y(), origin.x(), origin.y());
    painter.setRenderHint(QPainter::Antialiasing);
    for (const auto &[region, path] : proposals) {
        const QRectF box = viewport.widgetFromImage(toQRectF(region.pixels->box));
        if (!box.adjusted(-kOutlineMargin, -kOutlineMargin, kOutlineMargin, kOutlineMargin).intersects(part))
            continue;
        const QPainterPath outline = toWidget.map(path);
        const QColor color = region.label.empty() ? QColor(Qt::white) : colorOf(region.label);
        if (region.isCurrent)
            painter.fillPath(outline, QBrush(color, Qt::BDiagPattern));
        painter.setBrush(Qt::NoBrush);
        const double width = region.isCurrent ? 2.5 : 1.5;
        painter.setPen(QPen(QColor(0, 0, 0, 180), width + 1.5));
        painter.drawPath(outline);
        QPen dashes(color, width, Qt::CustomDashLine, Qt::FlatCap);
        dashes.setDashPattern({4, 3});
        painter.setPen(dashes);
        painter.drawPath(outline);
    }
}

} // namespace masque
