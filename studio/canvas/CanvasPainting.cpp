// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/CanvasPrivate.h"
#include "studio/canvas/shape_painter.h"
#include "studio/theme/Theme.h"

#include <QPainter>

#include <cmath>
#include <limits>
#include <utility>

namespace masque {

namespace {

constexpr std::uint8_t kUnnamedValue = 254; ///< of a stroke whose class is still to be asked for
constexpr QRgb kUnnamedColor = 0xff58c4dd;
// An event's share of the time between two frames; what takes longer is refined in the next slices.
constexpr double kFollowBudgetMs = 1; ///< after a move of the viewport, which costs by itself
constexpr double kSliceMs = 2;
constexpr double kLabelBudgetMs = 3;
constexpr QSize kPart{256, 128}; ///< device pixels that are made at once

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
    dirty = QRect(QPoint(0, 0), frame.size());
    stale = unknown = {};
    q->update();
}

void CanvasWidget::Private::invalidateLooks()
{
    stale = QRect(QPoint(0, 0), frame.size());
    q->update();
}

void CanvasWidget::Private::invalidate(Rect area)
{
    labels.invalidate(area);
    invalidateFrame(area);
}

/// Device pixels that an area of the image touches, pens and handles included.
QRect CanvasWidget::Private::deviceRect(Rect area) const
{
    if (area.isEmpty())
        return {};
    const QRectF widget = viewport.widgetFromImage(toQRectF(area))
                              .adjusted(-kOutlineMargin, -kOutlineMargin, kOutlineMargin, kOutlineMargin)
                          & QRectF(q->rect());
    const double ratio = frame.devicePixelRatio();
    return QRectF(widget.topLeft() * ratio, widget.size() * ratio).toAlignedRect();
}

QRectF CanvasWidget::Private::widgetRect(const QRectF &device) const
{
    const double ratio = frame.devicePixelRatio();
    return {device.topLeft() / ratio, device.size() / ratio};
}

void CanvasWidget::Private::updateDevice(const QRegion &device)
{
    if (!device.isEmpty())
        q->update(widgetRect(device.boundingRect()).toAlignedRect());
}

void CanvasWidget::Private::invalidateFrame(Rect area)
{
    followViewport(); // so that the area is the frame's
    const QRect device = deviceRect(area);
    dirty += device;
    if (dirty.rectCount() > 16)
        dirty = dirty.boundingRect();
    updateDevice(device);
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
    if (!now.empty() || !changing.empty())
        for (const Shape &shape : document.annotation().shapes)
            if (now.contains(shape.id) != changing.contains(shape.id))
                invalidate(shape.bounds());
    changing = std::move(now);
}

const ShapeGrid &CanvasWidget::Private::shapeGrid() const
{
    if (gridDirty)
        grid.update(document.annotation(), document.imageSize(), *gridDirty);
    gridDirty.reset();
    return grid;
}

/// Brings the frame to the viewport's place: by moving its pixels where they lie on whole device pixels, else by
/// showing them scaled until they are made anew.
void CanvasWidget::Private::followViewport()
{
    const double ratio = q->devicePixelRatioF();
    const QSize size = deviceSize(q->size(), ratio);
    const QRegion all(QRect(QPoint(0, 0), size));
    const bool fits = frame.size() == size && frame.devicePixelRatio() == ratio;
    const bool isSameImage = frameViewport.imageSize() == viewport.imageSize();
    const bool isMoved = frameViewport.state() != viewport.state() || !isSameImage;
    if (fits && !isMoved)
        return;
    const Viewport from = std::exchange(frameViewport, viewport);
    const QPointF delta = (viewport.widgetFromImage(QPointF()) - from.widgetFromImage(QPointF())) * ratio;
    const bool isWhole = (delta - QPointF(delta.toPoint())).manhattanLength() < 1e-6;
    if (fits && isSameImage && isWhole && from.scale() == viewport.scale()
        && from.quarterTurns() == viewport.quarterTurns()) {
        const QPoint step = delta.toPoint();
        scrollFrame(frame, step);
        const QRegion exposed = all - all.translated(step);
        for (QRegion *region : {&dirty, &stale, &unknown})
            *region = region->translated(step) & all;
        stale += exposed;
        unknown += exposed;
        return;
    }
    if (spareFrame.size() != size)
        spareFrame = QImage(size, QImage::Format_RGB32);
    spareFrame.setDevicePixelRatio(ratio);
    const bool hasHoles = !unknown.isEmpty(); // moved a second time before it was painted
    unknown = hasHoles ? all : moveFrame(frame, from, spareFrame, viewport);
    if (frame.isNull() || unknown == all) { // nothing to show meanwhile
        dirty = all;
        stale = unknown = {};
    } else {
        dirty = {};
        stale = all;
    }
    frame.swap(spareFrame);
}

void CanvasWidget::Private::makePart(QRect part)
{
    const double ratio = frame.devicePixelRatio();
    const auto image = document.imageLevels();
    const bool isFilled = areShapesShown && style != ShapeStyleOnCanvas::Outline;
    const bool isOutlined = areShapesShown && style != ShapeStyleOnCanvas::Fill;
    const double border = style == ShapeStyleOnCanvas::Outline ? 0.9 : std::min(1.0, opacity * 1.5);
    const LabelPaint paint{labels,
                           colors,
                           isFilled ? opacity : 0,
                           isOutlined ? border : isFilled ? opacity : 0,
                           preview.stroke.get(),
                           strokeValues()};
    composeFrame(frame, part, frameMap(viewport, ratio), image.get(), Theme::instance().canvas().rgb(), &paint,
                 Quality::Final, lookOfFrame());
    drawPixelGrid(part);
    if (!isOutlined && proposals.empty())
        return;
    QPainter painter(&frame);
    const QRectF widgetPart = widgetRect(part);
    painter.setClipRect(widgetPart);
    if (isOutlined)
        drawRestingShapes(painter, widgetPart);
    drawProposals(painter, widgetPart);
}

/// Makes parts of the frame until the time is over and takes them from the region.
void CanvasWidget::Private::makeParts(QRegion &parts, double budgetMs,
                                      const std::chrono::steady_clock::time_point &start)
{
    const QRect bounds = parts.boundingRect();
    for (int y = bounds.top(); y <= bounds.bottom(); y += kPart.height())
        for (int x = bounds.left(); x <= bounds.right(); x += kPart.width()) {
            const QRegion cell = parts & QRect(QPoint(x, y), kPart);
            if (cell.isEmpty())
                continue;
            const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
            if (passed.count() > budgetMs)
                return;
            makePart(cell.boundingRect()); // every shape it meets is drawn once, whatever the region's form
            parts -= cell;
            made += cell;
        }
}

void CanvasWidget::Private::updateFrame(double budgetMs)
{
    const auto start = std::chrono::steady_clock::now();
    made = {};
    followViewport();
    const auto image = document.imageLevels();
    if (image && document.isLoaded()) {
        const LabelLayer::Source source{
            document.annotation(), document.labels(), shapeGrid(),
            [this](const Shape &shape) { return isVisible(shape) && !changing.contains(shape.id); }};
        // What an edit asks for comes with its repaint; the rest follows as time allows.
        if (budgetMs > 0)
            stale += deviceRect(labels.refresh(source, viewport.imagePixels(q->rect()), budgetMs / 2));
        else
            dirty += deviceRect(
                labels.refresh(source, viewport.imagePixels(widgetRect(dirty.boundingRect())), kLabelBudgetMs));
    }
    makeParts(dirty, std::numeric_limits<double>::infinity(), start); // what an edit changed is never shown late
    makeParts(stale, budgetMs, start);
    unknown &= stale;
    for (const QRect &part : unknown)
        composeFrame(frame, part, frameMap(viewport, frame.devicePixelRatio()), image.get(),
                     Theme::instance().canvas().rgb(), nullptr, Quality::Draft, lookOfFrame());
    unknown = {};
    if (!stale.isEmpty() || (image && document.isLoaded() && !labels.isClean(viewport.imagePixels(q->rect()))))
        refine.start();
}

void CanvasWidget::Private::refineSlice()
{
    updateFrame(kSliceMs);
    updateDevice(made);
}

void CanvasWidget::Private::drawRestingShapes(QPainter &painter, QRectF part) const
{
    const std::vector<Shape> &shapes = document.annotation().shapes;
    const Rect area =
        viewport.imagePixels(part.adjusted(-kOutlineMargin, -kOutlineMargin, kOutlineMargin, kOutlineMargin));
    // Thousands of shapes are drawn with the thin pen, which is many times faster.
    const bool isFine = shapes.size() < 300;
    painter.setRenderHint(QPainter::Antialiasing, isFine);
    for (const std::size_t i : shapeGrid().touching(area)) {
        if (liveShapes.contains(shapes[i].id) || !isVisible(shapes[i]))
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
        if ((areNamesShown || liveShapes.contains(shape.id)) && isVisible(shape))
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
    drawHandles(painter, viewport, preview.handles, color, preview.activeHandle, preview.chosenHandles);
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

void CanvasWidget::Private::paint(QPainter &painter, const QRegion &region)
{
    updateFrame(region.boundingRect() == q->rect() ? kFollowBudgetMs : 0); // a small repaint is not held up
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
    drawCrosshair(painter);
    drawRulers(painter);
    keyboard.draw(painter, viewport);
    if (isFocusShown) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(Theme::instance().accent(), 2));
        painter.drawRect(q->rect().adjusted(1, 1, -1, -1));
    }
}

} // namespace masque
