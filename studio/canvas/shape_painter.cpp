// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/shape_painter.h"

#include "studio/theme/Theme.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace masque {

namespace {

constexpr int kManyPoints = 60; ///< of an outline: drawn another way
constexpr int kHandleRadius = 4;

/// Adds a path of points, skipping those within a pixel of the last one drawn.
void addThinned(QPainterPath &path, const std::vector<Point> &points, const Viewport &viewport)
{
    path.reserve(path.elementCount() + static_cast<int>(points.size()) + 1);
    QPointF last;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const QPointF at = viewport.widgetFromImage(toQPointF(points[i]));
        if (i == 0)
            path.moveTo(at);
        else if (i + 1 == points.size() || (at - last).manhattanLength() >= 1.5)
            path.lineTo(at);
        else
            continue;
        last = at;
    }
}

QPen cosmetic(const QColor &color, double width)
{
    QPen pen(color, width);
    pen.setJoinStyle(Qt::RoundJoin);
    return pen;
}

QPen handlePen()
{
    return cosmetic(QColor(0, 0, 0, 200), 1);
}

/// Hundreds of handles are stamped many times faster than drawn.
QImage plainHandle(double devicePixelRatio)
{
    constexpr int kSide = 2 * (kHandleRadius + 1);
    QImage stamp((QSizeF(kSide, kSide) * devicePixelRatio).toSize(), QImage::Format_ARGB32_Premultiplied);
    stamp.setDevicePixelRatio(devicePixelRatio);
    stamp.fill(Qt::transparent);
    QPainter painter(&stamp);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(handlePen());
    painter.setBrush(Qt::white);
    painter.drawEllipse(QPointF(kSide, kSide) / 2, kHandleRadius, kHandleRadius);
    return stamp;
}

} // namespace

QRectF toQRectF(Rect rect)
{
    return QRectF(rect.x, rect.y, rect.width, rect.height);
}
QPointF toQPointF(Point point)
{
    return {point.x, point.y};
}

QPainterPath shapeOutline(const Shape &shape, const Viewport &viewport)
{
    QPainterPath path;
    const std::vector<Point> &points = shape.points;
    if (shape.type == ShapeType::Mask || shape.type == ShapeType::Other || points.empty())
        return path;
    const QPointF first = viewport.widgetFromImage(toQPointF(points.front()));
    if (shape.type == ShapeType::Rectangle && points.size() == 2) {
        path.addRect(QRectF(first, viewport.widgetFromImage(toQPointF(points[1]))).normalized());
    } else if (shape.type == ShapeType::Circle && points.size() >= 2) {
        const QPointF rim = viewport.widgetFromImage(toQPointF(points[1])) - first;
        const double radius = std::hypot(rim.x(), rim.y());
        path.addEllipse(first, radius, radius);
    } else if (shape.type == ShapeType::PointShape) {
        path.addEllipse(first, 4, 4);
    } else {
        addThinned(path, points, viewport);
        if (shape.type != ShapeType::Line && shape.type != ShapeType::LineStrip)
            path.closeSubpath();
    }
    return path;
}

QPainterPath maskOutline(const Mask &mask, const Viewport &viewport)
{
    struct Traced {
        cv::Mat1b bits; // held, so that other bits are never taken for these; a moved mask shares them
        std::vector<TracedRegion> regions;
    };
    static std::array<Traced, 8> recent; // painting happens on the GUI thread only
    static std::size_t next = 0;
    const auto found = std::find_if(recent.begin(), recent.end(), [&](const Traced &traced) {
        return traced.bits.data == mask.bits.data && traced.bits.size() == mask.bits.size();
    });
    Traced &traced = found != recent.end() ? *found : recent[next++ % recent.size()];
    if (found == recent.end())
        traced = {mask.bits, traceMask(mask.bits)};
    const Point origin{double(mask.box.x), double(mask.box.y)};
    QPainterPath path;
    const auto add = [&](std::vector<Point> outline) {
        for (Point &point : outline)
            point = point + origin;
        addThinned(path, outline, viewport);
        path.closeSubpath();
    };
    for (const TracedRegion &region : traced.regions) {
        add(region.outer);
        for (const auto &hole : region.holes)
            add(hole);
    }
    return path;
}

void drawOutline(QPainter &painter, const QPainterPath &outline, const QColor &color, double penWidth)
{
    painter.setBrush(Qt::NoBrush);
    painter.setPen(cosmetic(color, penWidth));
    painter.drawPath(outline);
}

void drawSelectedOutline(QPainter &painter, const QPainterPath &outline, const QColor &fill)
{
    painter.fillPath(outline, fill);
    painter.setBrush(Qt::NoBrush);
    const QColor rim(0, 0, 0, 160);
    if (outline.elementCount() < kManyPoints) {
        painter.setPen(cosmetic(rim, 4));
        painter.drawPath(outline);
        painter.setPen(cosmetic(Qt::white, 2));
        painter.drawPath(outline);
        return;
    }
    painter.setPen(cosmetic(rim, 0)); // a wide pen takes many times longer than thin ones side by side
    for (const QPointF &beside : {QPointF(-1.5, 0), QPointF(1.5, 0), QPointF(0, -1.5), QPointF(0, 1.5)})
        painter.drawPath(outline.translated(beside));
    painter.setPen(cosmetic(Qt::white, 0));
    for (const QPointF &beside : {QPointF(-0.4, -0.4), QPointF(0.4, 0.4)})
        painter.drawPath(outline.translated(beside));
}

void drawHandles(QPainter &painter, const Viewport &viewport, const std::vector<Point> &points, const QColor &color,
                 std::optional<std::size_t> active, const std::vector<std::size_t> &chosen)
{
    const std::set<std::size_t> filled(chosen.begin(), chosen.end());
    const QImage plain = plainHandle(painter.device()->devicePixelRatioF());
    for (std::size_t i = 0; i < points.size(); ++i) {
        const QPointF at = viewport.widgetFromImage(toQPointF(points[i]));
        const bool isChosen = filled.contains(i);
        if (!isChosen && active != i) {
            painter.drawImage(at - QPointF(kHandleRadius + 1, kHandleRadius + 1), plain);
            continue;
        }
        painter.setPen(isChosen ? cosmetic(Qt::white, 1.5) : handlePen());
        painter.setBrush(isChosen ? Theme::instance().accent() : color);
        const double radius = kHandleRadius + (active == i ? 2 : 1);
        painter.drawEllipse(at, radius, radius);
    }
}

void drawName(QPainter &painter, const Viewport &viewport, const Shape &shape, const QString &name, const QColor &color)
{
    const QRectF bounds = viewport.widgetFromImage(toQRectF(shape.bounds()));
    const QFontMetrics metrics = painter.fontMetrics();
    QRectF box(bounds.topLeft() - QPointF(0, metrics.height() + 6),
               QSizeF(metrics.horizontalAdvance(name) + 12, metrics.height() + 4));
    if (box.top() < 0)
        box.moveTop(std::max(0.0, bounds.top()) + 2);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(color.lightnessF() > 0.55F ? Qt::black : Qt::white);
    painter.drawText(box, Qt::AlignCenter, name);
}

} // namespace masque
