// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/rasterise.h"
#include "studio/canvas/Viewport.h"

#include <QColor>
#include <QPainter>
#include <QPainterPath>

#include <map>
#include <memory>

/// Outlines, handles and names of shapes, in widget coordinates.
namespace masque {

/// The shape's outline, with vertices left out that the screen cannot tell apart; empty for masks.
QPainterPath shapeOutline(const Shape &shape, const Viewport &viewport);
/// A mask's outline along its pixels' edges; the last few are remembered.
QPainterPath maskOutline(const Mask &mask, const Viewport &viewport);

void drawOutline(QPainter &painter, const QPainterPath &outline, const QColor &color, double penWidth);
void drawSelectedOutline(QPainter &painter, const QPainterPath &outline, const QColor &fill);
void drawHandles(QPainter &painter, const Viewport &viewport, const std::vector<Point> &points, const QColor &color,
                 std::optional<std::size_t> active = {}, const std::vector<std::size_t> &chosen = {});
void drawName(QPainter &painter, const Viewport &viewport, const Shape &shape, const QString &name,
              const QColor &color);

QRectF toQRectF(Rect rect);
QPointF toQPointF(Point point);

} // namespace masque
