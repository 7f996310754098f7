// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/CanvasPrivate.h"
#include "studio/canvas/shape_painter.h"
#include "studio/theme/Theme.h"

#include <QPainter>

#include <cmath>
#include <utility>

namespace masque {

namespace {

constexpr double kGridScale = 8;

} // namespace

/// Lines between the image's pixels, darker than light ones and lighter than dark ones, so that they are seen on any.
void CanvasWidget::Private::drawPixelGrid(QRect part)
{
    if (!hasRulers || viewport.scale() < kGridScale)
        return;
    const double ratio = frame.devicePixelRatio();
    const QRectF widgetPart(QPointF(part.topLeft()) / ratio, QSizeF(part.size()) / ratio);
    const Rect seen = viewport.imagePixels(widgetPart);
    const QRectF covered = viewport.widgetFromImage(toQRectF(seen));
    const QRect area = part & QRectF(covered.topLeft() * ratio, covered.size() * ratio).toRect();
    uchar *bits = frame.bits();
    const auto drawLine = [&](double at, bool isUpright) {
        const int place = static_cast<int>(std::ceil(at * ratio - 0.5));
        const QRect line =
            area & (isUpright ? QRect(place, area.y(), 1, area.height()) : QRect(area.x(), place, area.width(), 1));
        for (int y = line.top(); y <= line.bottom(); ++y) {
            QRgb *pixels = reinterpret_cast<QRgb *>(bits + y * frame.bytesPerLine());
            for (int x = line.left(); x <= line.right(); ++x) {
                const int over = qGray(pixels[x]) < 64 ? 255 : 0;
                const auto mixed = [over](int value) { return value + (over - value) * 3 / 10; };
                pixels[x] = qRgb(mixed(qRed(pixels[x])), mixed(qGreen(pixels[x])), mixed(qBlue(pixels[x])));
            }
        }
    };
    const bool isSideways = viewport.isSideways();
    const auto draw = [&](QPointF at, bool isColumn) {
        const QPointF widget = viewport.widgetFromImage(at);
        drawLine(isColumn != isSideways ? widget.x() : widget.y(), isColumn != isSideways);
    };
    for (int x = seen.x; x <= seen.right(); ++x)
        draw(QPointF(x, seen.y), true);
    for (int y = seen.y; y <= seen.bottom(); ++y)
        draw(QPointF(seen.x, y), false);
}

/// Image coordinates along the top and the left edge.
void CanvasWidget::Private::drawRulers(QPainter &painter) const
{
    if (!hasRulers || viewport.scale() < kRulerScale || !document.isLoaded())
        return;
    painter.setRenderHint(QPainter::Antialiasing, false);
    QFont font = painter.font();
    font.setPixelSize(10);
    painter.setFont(font);
    const Theme &theme = Theme::instance();
    painter.fillRect(QRect(0, 0, q->width(), kRulerPx), theme.window());
    painter.fillRect(QRect(0, kRulerPx, kRulerPx, q->height() - kRulerPx), theme.window());
    const Rect seen = viewport.imagePixels(q->rect());
    int step = 1; // a number every 1, 2, 5, 10 ... pixels, 48 screen pixels apart at least
    for (int k = 0; step * viewport.scale() < 48; ++k)
        step = step * (k % 3 == 1 ? 5 : 2) / (k % 3 == 1 ? 2 : 1);
    const auto mark = [&](int value, QPointF at, bool isTop) {
        const bool isNumbered = value % step == 0;
        const int length = isNumbered ? 8 : 4;
        painter.setPen(isNumbered ? theme.text() : theme.mutedText());
        const int x = static_cast<int>(at.x()), y = static_cast<int>(at.y());
        if (isTop && x >= kRulerPx) {
            painter.drawLine(x, kRulerPx - length, x, kRulerPx - 1);
            if (isNumbered)
                painter.drawText(QPoint(x + 3, kRulerPx - 9), QString::number(value));
        } else if (!isTop && y >= kRulerPx) {
            painter.drawLine(kRulerPx - length, y, kRulerPx - 1, y);
            if (!isNumbered)
                return;
            painter.save();
            painter.translate(9, y + 3);
            painter.rotate(90);
            painter.drawText(QPoint(0, 0), QString::number(value));
            painter.restore();
        }
    };
    for (int x = seen.x; x <= seen.right(); ++x)
        mark(x, viewport.widgetFromImage(QPointF(x, seen.y)), !viewport.isSideways());
    for (int y = seen.y; y <= seen.bottom(); ++y)
        mark(y, viewport.widgetFromImage(QPointF(seen.x, y)), viewport.isSideways());
    painter.fillRect(QRect(0, 0, kRulerPx, kRulerPx), theme.window());
    painter.setPen(theme.border());
    painter.drawLine(0, kRulerPx, q->width(), kRulerPx);
    painter.drawLine(kRulerPx, 0, kRulerPx, q->height());
}

QRegion CanvasWidget::Private::crosshairRegion() const
{
    if (!hasCrosshair || !cursor)
        return {};
    const QPoint at = cursor->toPoint();
    return QRegion(at.x() - 2, 0, 5, q->height()) + QRegion(0, at.y() - 2, q->width(), 5);
}

void CanvasWidget::Private::drawCrosshair(QPainter &painter) const
{
    if (!hasCrosshair || !cursor || panFrom || isSpaceDown)
        return;
    const QPoint at = cursor->toPoint();
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const auto &[color, width] : {std::pair(QColor(0, 0, 0, 128), 3), std::pair(QColor(Qt::white), 1)}) {
        painter.fillRect(at.x() - width / 2, 0, width, q->height(), color);
        painter.fillRect(0, at.y() - width / 2, q->width(), width, color);
    }
}

} // namespace masque
