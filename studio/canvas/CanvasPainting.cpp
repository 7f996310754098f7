// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/CanvasPrivate.h"
#include "studio/canvas/shape_painter.h"
#include "studio/theme/Theme.h"

#include <QPainter>

#include <cmath>

namespace masque {

namespace {

constexpr std::uint8_t kUnnamedValue = 254; ///< of a stroke whose class is still to be asked for
constexpr QRgb kUnnamedColor = 0xff58c4dd;
constexpr double kLabelBudgetMs = 12;
constexpr int kOutlineMargin = 12; ///< widget pixels that handles and pens reach beyond a shape

} // namespace

bool CanvasWidget::Private::isVisible(const Shape &shape) const
{
    return areShapesShown && !document.hiddenShapes().contains(shape.id)
           && !document.hiddenLabels().contains(shape.label);
}

void CanvasWidget::Private::setColors()
{
    const LabelSet &labelSet = document.labels();
    const auto set = [&](std::uint8_t id, const Color &color) {
        colors[LabelLayer::valueOf(labelSet, id)] = qRgb(color[0], color[1], color[2]);
    };
    for (int id = 0; id < labelSet.size(); ++id)
        set(static_cast<std::uint8_t>(id), labelSet[id].color);
    set(kIgnoreId, labelSet.palette()[kIgnoreId]);
    if (labelSet.size() < kUnnamedValue)
        colors[kUnnamedValue] = kUnnamedColor;
}

QColor CanvasWidget::Private::colorOf(const std::string &label) const
{
    const auto id = document.labels().idOf(label);
    return id ? QColor(colors[LabelLayer::valueOf(document.labels(), *id)]) : QColor(kUnnamedColor);
}

std::array<std::uint8_t, 256> CanvasWidget::Private::strokeValues() const
{
    std::array<std::uint8_t, 256> values{};
    if (preview.strokeErases)
        return values;
    const auto valueOf = [this](const std::string &label) {
        const auto id = document.labels().idOf(label);
        return id ? LabelLayer::valueOf(document.labels(), *id) : kUnnamedValue;
    };
    values.fill(valueOf(document.activeLabel().toStdString()));
    for (std::size_t i = 0; i < preview.strokeLabels.size() && i + 1 < values.size(); ++i)
        values[i + 1] = preview.strokeLabels[i].empty() ? LabelLayer::valueOf(document.labels(), kIgnoreId)
                                                        : valueOf(preview.strokeLabels[i]);
    return values;
}

void CanvasWidget::Private::invalidateAll()
{
    frameDirty = QRect(QPoint(0, 0), frame.size());
    q->update();
}

void CanvasWidget::Private::invalidate(Rect area)
{
    labels.invalidate(area);
    invalidateFrame(area);
}

void CanvasWidget::Private::invalidateFrame(Rect area)
{
    if (area.isEmpty())
        return;
    const QRectF widget = viewport.widgetFromImage(toQRectF(area))
                              .adjusted(-kOutlineMargin, -kOutlineMargin, kOutlineMargin, kOutlineMargin)
                          & QRectF(q->rect());
    const double ratio = frame.devicePixelRatio();
    const QRect device = QRectF(widget.topLeft() * ratio, widget.size() * ratio).toAlignedRect();
    frameDirty += device;
    if (frameDirty.rectCount() > 16)
        frameDirty = frameDirty.boundingRect();
    q->update(widget.toAlignedRect());
}

void CanvasWidget::Private::updateLiveShapes()
{
    std::set<ShapeId> live = document.selection();
    for (const auto &[id, shape] : changing)
        live.insert(id);
    if (live == liveShapes)
        return;
    for (const Shape &shape : document.annotation().shapes)
        if (live.contains(shape.id) != liveShapes.contains(shape.id))
            invalidateFrame(shape.bounds());
    liveShapes = std::move(live);
}

/// Shapes that a gesture changes leave the labels while it lasts, so that a move costs no more than drawing them.
void CanvasWidget::Private::setChanging(const ToolPreview &next)
{
    std::map<ShapeId, Shape> now;
    if (next.shape)
        now.emplace(next.shape->id, *next.shape);
    for (const Shape &shape : next.moreShapes)
        now.emplace(shape.id, shape);
    for (const Shape &shape : document.annotation().shapes)
        if (now.contains(shape.id) != changing.contains(shape.id))
            invalidate(shape.bounds());
    changing = std::move(now);
}

const std::vector<Rect> &CanvasWidget::Private::boundsOfShapes() const
{
    const auto &shapes = document.annotation().shapes;
    if (shapeBounds.size() != shapes.size()) {
        shapeBounds.clear();
        for (const Shape &shape : shapes)
            shapeBounds.push_back(shape.bounds());
    }
    return shapeBounds;
}

void CanvasWidget::Private::updateFrame()
{
    const double ratio = q->devicePixelRatioF();
    const QSize size(static_cast<int>(std::ceil(q->width() * ratio)), static_cast<int>(std::ceil(q->height() * ratio)));
    if (frame.size() != size || frame.devicePixelRatio() != ratio) {
        frame = QImage(size, QImage::Format_RGB32);
        frame.setDevicePixelRatio(ratio);
        frameDirty = QRect(QPoint(0, 0), size);
    }
    const auto image = document.imageLevels();
    const Rect seen = viewport.imagePixels(q->rect());
    if (image && document.isLoaded()) {
        const LabelLayer::Source source{document.annotation(), document.labels(), [this](const Shape &shape) {
                                            return isVisible(shape) && !changing.contains(shape.id);
                                        }};
        invalidateFrame(labels.refresh(source, seen, kLabelBudgetMs));
        if (!labels.isClean(seen))
            refine.start();
    }
    if (frameDirty.isEmpty())
        return;
    const LabelPaint paint{labels, colors, areShapesShown ? opacity : 0, preview.stroke.get(), strokeValues()};
    const FrameMap map = frameMap(viewport, ratio);
    const QRgb background = Theme::instance().canvas().rgb();
    for (const QRect &part : frameDirty) {
        composeFrame(frame, part, map, image.get(), background, &paint);
        QPainter painter(&frame);
        const QRectF widgetPart(QPointF(part.topLeft()) / ratio, QSizeF(part.size()) / ratio);
        painter.setClipRect(widgetPart);
        drawRestingShapes(painter, widgetPart);
    }
    frameDirty = {};
}

void CanvasWidget::Private::drawRestingShapes(QPainter &painter, QRectF part) const
{
    if (!areShapesShown)
        return;
    const std::vector<Shape> &shapes = document.annotation().shapes;
    const std::vector<Rect> &bounds = boundsOfShapes();
    const Rect area =
        viewport.imagePixels(part.adjusted(-kOutlineMargin, -kOutlineMargin, kOutlineMargin, kOutlineMargin));
    // Thousands of shapes are drawn with the thin pen, which is many times faster.
    const bool isFine = shapes.size() < 300;
    painter.setRenderHint(QPainter::Antialiasing, isFine);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        if (bounds[i].intersected(area).isEmpty() || liveShapes.contains(shapes[i].id) || !isVisible(shapes[i]))
            continue;
        drawOutline(painter, shapeOutline(shapes[i], viewport), colorOf(shapes[i].label), isFine ? 1.5 : 0);
    }
}

void CanvasWidget::Private::drawLive(QPainter &painter) const
{
    if (!areShapesShown)
        return;
    const auto now = [this](const Shape &shape) -> const Shape & {
        const auto found = changing.find(shape.id);
        return found == changing.end() ? shape : found->second;
    };
    for (const Shape &own : document.annotation().shapes) {
        if (!liveShapes.contains(own.id) || !isVisible(own))
            continue;
        const Shape &shape = now(own);
        const bool isMask = shape.type == ShapeType::Mask && shape.mask;
        const QPainterPath outline = isMask ? maskOutline(*shape.mask, viewport) : shapeOutline(shape, viewport);
        QColor fill = colorOf(shape.label);
        fill.setAlphaF(changing.contains(own.id) ? static_cast<float>(opacity) : 0.15F); // over its own label or not
        drawSelectedOutline(painter, outline, fill);
    }
    for (const Shape &shape : document.annotation().shapes)
        if (isVisible(shape) && (areNamesShown || liveShapes.contains(shape.id)))
            drawName(painter, viewport, now(shape), QString::fromStdString(shape.label), colorOf(shape.label));
}

void CanvasWidget::Private::drawPreview(QPainter &painter) const
{
    const QColor color = colorOf(document.activeLabel().toStdString());
    if (preview.outline.size() >= 2) {
        QPainterPath path(viewport.widgetFromImage(toQPointF(preview.outline.front())));
        for (const Point &point : preview.outline)
            path.lineTo(viewport.widgetFromImage(toQPointF(point)));
        if (preview.closed)
            path.closeSubpath();
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(QColor(0, 0, 0, 160), 4));
        painter.drawPath(path);
        painter.setPen(QPen(color, 2));
        painter.drawPath(path);
    }
    drawHandles(painter, viewport, preview.handles, color, preview.activeHandle);
}

QPointF CanvasWidget::Private::brushCentre() const
{
    return brush->anchor ? viewport.widgetFromImage(toQPointF(*brush->anchor)) : *cursor;
}

QRect CanvasWidget::Private::brushRect() const
{
    if (!brush || !cursor)
        return {};
    const double reach = brush->radiusPx * viewport.scale() + 4;
    return QRectF(brushCentre() - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach)).toAlignedRect();
}

void CanvasWidget::Private::drawBrush(QPainter &painter) const
{
    if (!brush || !cursor || panFrom || isSpaceDown)
        return;
    const double radius = std::max(1.0, brush->radiusPx * viewport.scale());
    painter.setBrush(Qt::NoBrush);
    for (const auto &[color, extra] : {std::pair(QColor(0, 0, 0, 200), 1.0), std::pair(QColor(Qt::white), 0.0)}) {
        painter.setPen(QPen(color, 1));
        const double reach = radius + extra;
        const QRectF box(brushCentre() - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach));
        if (brush->isSquare)
            painter.drawRect(box);
        else
            painter.drawEllipse(box);
    }
}

void CanvasWidget::Private::paint(QPainter &painter, QRect part)
{
    updateFrame();
    painter.setClipRect(part);
    painter.drawImage(QPointF(0, 0), frame);
    if (!document.imageLevels()) {
        painter.setPen(Theme::instance().mutedText());
        painter.drawText(q->rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, emptyText);
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    drawLive(painter);
    drawPreview(painter);
    drawBrush(painter);
    keyboard.draw(painter, viewport);
    if (isFocusShown) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(Theme::instance().accent(), 2));
        painter.drawRect(q->rect().adjusted(1, 1, -1, -1));
    }
}

} // namespace masque
