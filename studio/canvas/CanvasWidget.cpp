// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/CanvasWidget.h"

#include "studio/canvas/CanvasPrivate.h"
#include "studio/canvas/shape_painter.h"
#include "studio/theme/Theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QTabletEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace masque {

CanvasWidget::CanvasWidget(Document &document, QWidget *parent)
    : QWidget(parent), d(std::make_unique<Private>(this, document))
{
    setObjectName(QStringLiteral("canvas"));
    setAccessibleName(tr("Canvas"));
    setAttribute(Qt::WA_OpaquePaintEvent);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setMinimumSize(160, 160);
    d->refine.setSingleShot(true);
    d->refine.setInterval(0);
    connect(&d->refine, &QTimer::timeout, this, [this] { d->refineSlice(); });
    d->setColors();
    connect(&document, &Document::changed, this, &CanvasWidget::takeChange);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        d->setColors();
        d->invalidateAll();
    });
    if (document.isLoaded()) {
        takeChange({ChangeEvent::ImageLoaded});
        d->updateLiveShapes();
    }
}

CanvasWidget::~CanvasWidget() = default;

void CanvasWidget::takeChange(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
    case ChangeEvent::CurrentItem:
        d->keyboard.leave(d->viewport, nullptr);
        d->liveShapes.clear();
        d->changing.clear();
        d->grid.reset();
        d->gridDirty = Rect{};
        d->preview = {};
        if (d->document.currentIndex() < 0)
            d->invalidateAll();
        break; // the old picture stays until the new one is there, which does not flicker
    case ChangeEvent::ImageLoaded: {
        const Size size = d->document.imageSize();
        const bool isOtherSize = size != d->viewport.imageSize();
        d->viewport.setImageSize(size);
        if (isOtherSize)
            d->viewport.fit();
        d->labels.reset({}); // nothing of the last image's
        d->labels.reset(size);
        d->liveShapes.clear();
        d->grid.reset();
        d->gridDirty = Rect{};
        d->invalidateAll();
        Q_EMIT viewportChanged(d->viewport.state());
        break;
    }
    case ChangeEvent::AnnotationChanged:
        d->gridDirty = d->gridDirty.value_or(Rect{}).united(event.dirty);
        d->updateLiveShapes();
        d->invalidate(event.dirty);
        break;
    case ChangeEvent::SelectionChanged:
        d->updateLiveShapes();
        update();
        break;
    case ChangeEvent::LabelsChanged:
    case ChangeEvent::VisibilityChanged:
        d->setColors();
        d->labels.reset(d->labels.imageSize());
        d->invalidateLooks();
        break;
    default: break;
    }
}

void CanvasWidget::setInput(CanvasInput *input)
{
    d->input = input;
}

void CanvasWidget::setPreview(ToolPreview preview, Rect dirty)
{
    const bool isStroke = preview.stroke || d->preview.stroke;
    const bool isSame = !isStroke && preview.outline == d->preview.outline && preview.closed == d->preview.closed
                        && preview.handles == d->preview.handles && preview.activeHandle == d->preview.activeHandle
                        && !preview.shape && !d->preview.shape;
    if (isSame)
        return;
    const bool hasLines = !preview.outline.empty() || !d->preview.outline.empty();
    d->setChanging(preview);
    d->preview = std::move(preview);
    d->updateLiveShapes();
    if (isStroke)
        d->invalidateFrame(dirty);
    if (!isStroke || hasLines)
        update();
}

void CanvasWidget::setBrushCursor(std::optional<BrushCursor> brush)
{
    if (brush == d->brush)
        return;
    d->brush = brush;
    d->updateCursorShape();
    update();
}

void CanvasWidget::setToolCursor(Qt::CursorShape shape)
{
    d->toolCursor = shape;
    d->updateCursorShape();
}

void CanvasWidget::Private::updateCursorShape()
{
    const bool isBrushVisible = brush && brush->radiusPx * viewport.scale() >= 3;
    q->setCursor(panFrom          ? Qt::ClosedHandCursor
                 : isSpaceDown    ? Qt::OpenHandCursor
                 : isBrushVisible ? Qt::BlankCursor
                 : brush          ? Qt::CrossCursor
                                  : toolCursor);
}

const Viewport &CanvasWidget::viewport() const
{
    return d->viewport;
}
double CanvasWidget::overlayOpacity() const
{
    return d->opacity;
}
bool CanvasWidget::areShapesShown() const
{
    return d->areShapesShown;
}
bool CanvasWidget::areNamesShown() const
{
    return d->areNamesShown;
}

void CanvasWidget::Private::viewportMoved()
{
    q->update(); // the frame follows then
    updateCursorShape();
    Q_EMIT q->viewportChanged(viewport.state());
}

void CanvasWidget::setViewport(const ViewportState &state)
{
    d->viewport.setState(state);
    d->viewportMoved();
}

void CanvasWidget::fit()
{
    d->viewport.fit();
    d->viewportMoved();
}

void CanvasWidget::fitWidth()
{
    d->viewport.fitWidth();
    d->viewportMoved();
}

void CanvasWidget::turn(int quarterTurns)
{
    d->viewport.turn(quarterTurns);
    d->viewportMoved();
}

void CanvasWidget::zoomTo(double scale)
{
    d->viewport.zoomTo(scale, QRectF(rect()).center());
    d->viewportMoved();
}

void CanvasWidget::zoomBy(double factor)
{
    zoomTo(d->viewport.scale() * factor);
}

void CanvasWidget::panBy(QPointF widgetDelta)
{
    d->scrollBy(widgetDelta);
}

void CanvasWidget::showShape(const Shape &shape)
{
    const QRectF bounds = toQRectF(shape.bounds());
    if (QRectF(rect()).intersects(d->viewport.widgetFromImage(bounds)))
        return;
    d->viewport.centreOn(bounds.center());
    d->viewportMoved();
}

void CanvasWidget::setOverlayOpacity(double opacity)
{
    d->opacity = opacity;
    d->invalidateLooks();
}

ShapeStyleOnCanvas CanvasWidget::shapeStyle() const
{
    return d->style;
}

void CanvasWidget::setShapeStyle(ShapeStyleOnCanvas style)
{
    d->style = style;
    d->invalidateLooks();
}

bool CanvasWidget::hasCrosshair() const
{
    return d->hasCrosshair;
}

void CanvasWidget::setCrosshair(bool shown)
{
    d->hasCrosshair = shown;
    update();
}

bool CanvasWidget::hasRulers() const
{
    return d->hasRulers;
}

void CanvasWidget::setRulers(bool shown)
{
    d->hasRulers = shown;
    d->invalidateLooks();
}

bool CanvasWidget::isSettled() const
{
    return d->dirty.isEmpty() && d->stale.isEmpty() && d->frameViewport.state() == d->viewport.state()
           && d->labels.isClean(d->viewport.imagePixels(rect()));
}

const ShapeGrid &CanvasWidget::shapeGrid() const
{
    return d->shapeGrid();
}

void CanvasWidget::setShapesShown(bool shown)
{
    d->areShapesShown = shown;
    d->labels.reset(d->labels.imageSize());
    d->invalidateLooks();
}

void CanvasWidget::setNamesShown(bool shown)
{
    d->areNamesShown = shown;
    update();
}

void CanvasWidget::setEmptyText(const QString &text)
{
    d->emptyText = text;
    update();
}

QString CanvasWidget::labelAt(QPointF imagePosition) const
{
    const int x = static_cast<int>(std::floor(imagePosition.x())), y = static_cast<int>(std::floor(imagePosition.y()));
    const Size size = d->labels.imageSize();
    if (d->labels.levelCount() == 0 || !Rect{0, 0, size.width, size.height}.contains(x, y))
        return {};
    const std::uint8_t value = d->labels.level(0)(y, x);
    if (value == kIgnoreId)
        return QString::fromLatin1(kIgnoreName.data(), static_cast<qsizetype>(kIgnoreName.size()));
    for (const LabelClass &label : d->document.labels().classes())
        if (value != 0 && LabelLayer::valueOf(d->document.labels(), *d->document.labels().idOf(label.name)) == value)
            return QString::fromStdString(label.name);
    return {};
}

void CanvasWidget::paintEvent(QPaintEvent *event)
{
    QPainter painter(this);
    d->paint(painter, event->region());
}

void CanvasWidget::resizeEvent(QResizeEvent *event)
{
    d->viewport.setWidgetSize(event->size());
    d->viewportMoved();
}

void CanvasWidget::Private::scrollBy(QPointF delta)
{
    const double ratio = q->devicePixelRatioF(); // by whole device pixels, so that the frame's pixels can be kept
    viewport.scrollBy(QPointF((delta * ratio).toPoint()) / ratio);
    viewportMoved();
}

void CanvasWidget::wheelEvent(QWheelEvent *event)
{
    event->accept();
    if (event->modifiers() & Qt::ControlModifier) {
        d->viewport.zoomTo(d->viewport.scale() * std::pow(1.1, event->angleDelta().y() / 120.0), event->position());
        d->viewportMoved();
        return;
    }
    // Qt turns Alt+wheel sideways; Shift is ours to turn.
    QPointF delta = event->pixelDelta().isNull() ? QPointF(event->angleDelta()) * 0.5 : QPointF(event->pixelDelta());
    if (event->modifiers() & Qt::ShiftModifier)
        delta = {delta.x() + delta.y(), 0};
    d->scrollBy(delta);
}

PointerEvent CanvasWidget::Private::pointerEvent(const QSinglePointEvent &event) const
{
    const QPointF image = viewport.imageFromWidget(event.position());
    const Qt::KeyboardModifiers keys = event.modifiers();
    return {.position = {image.x(), image.y()},
            .imagePixelsPerScreenPixel = 1 / viewport.scale(),
            .shift = keys.testFlag(Qt::ShiftModifier),
            .control = keys.testFlag(Qt::ControlModifier),
            .alt = keys.testFlag(Qt::AltModifier),
            .doubleClick = event.type() == QEvent::MouseButtonDblClick};
}

void CanvasWidget::mousePressEvent(QMouseEvent *event)
{
    d->leaveKeyboard();
    if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && d->isSpaceDown)) {
        d->panFrom = event->position();
        d->hasSpacePanned = d->isSpaceDown;
        d->updateCursorShape();
        update();
    } else if (event->button() == Qt::LeftButton && d->input && d->document.isLoaded()) {
        d->isButtonDown = true;
        d->input->press(d->pointerEvent(*event));
    } else {
        event->ignore();
    }
}

void CanvasWidget::mouseDoubleClickEvent(QMouseEvent *event)
{
    mousePressEvent(event);
}

void CanvasWidget::mouseMoveEvent(QMouseEvent *event)
{
    d->leaveKeyboard();
    if (d->panFrom) {
        const QPoint delta = (event->position() - *d->panFrom).toPoint();
        d->panFrom = *d->panFrom + QPointF(delta);
        d->scrollBy(delta);
    }
    d->moveCursor(event->position());
    if (!d->panFrom && d->input && d->document.isLoaded())
        d->input->move(d->pointerEvent(*event), d->isButtonDown);
}

void CanvasWidget::Private::moveCursor(QPointF position)
{
    const QRect before = brushRect();
    const QRegion crossBefore = crosshairRegion();
    cursor = position;
    if (brush)
        q->update(before.united(brushRect()));
    if (hasCrosshair)
        q->update(crossBefore + crosshairRegion());
    Q_EMIT q->cursorMoved(viewport.imageFromWidget(position));
}

/// A pen that draws is taken with its pressure; what it does else (its buttons, panning) Qt hands on as a mouse's.
void CanvasWidget::tabletEvent(QTabletEvent *event)
{
    const bool isPress = event->type() == QEvent::TabletPress, isRelease = event->type() == QEvent::TabletRelease;
    const bool isTip = event->button() == Qt::LeftButton || (event->type() == QEvent::TabletMove && d->isButtonDown);
    if (!isTip || d->panFrom || d->isSpaceDown || !d->input || !d->document.isLoaded()) {
        event->ignore();
        return;
    }
    event->accept();
    PointerEvent pointer = d->pointerEvent(*event);
    pointer.pressure = event->pressure();
    d->moveCursor(event->position());
    if (isPress) {
        d->isButtonDown = true;
        d->input->press(pointer);
    } else if (isRelease) {
        if (std::exchange(d->isButtonDown, false))
            d->input->release(pointer);
    } else {
        d->input->move(pointer, true);
    }
}

void CanvasWidget::mouseReleaseEvent(QMouseEvent *event)
{
    if (d->panFrom && (event->button() == Qt::MiddleButton || event->button() == Qt::LeftButton)) {
        d->panFrom.reset();
        d->updateCursorShape();
        update();
    } else if (event->button() == Qt::LeftButton && d->isButtonDown) {
        d->isButtonDown = false;
        if (d->input && d->document.isLoaded())
            d->input->release(d->pointerEvent(*event));
    }
}

/// Arrows and, once they have brought the keyboard's pointer, Space.
bool CanvasWidget::Private::pointByKey(const QKeyEvent &event)
{
    if (!input || !document.isLoaded())
        return false;
    const QRect before = keyboard.area(viewport) | brushRect();
    if (event.key() == Qt::Key_Space) {
        if (!keyboard.position())
            return false;
        if (!event.isAutoRepeat())
            keyboard.press(event.modifiers(), viewport, *input);
        q->update(before);
        return true;
    }
    if (event.modifiers() & (Qt::AltModifier | Qt::MetaModifier)
        || (!keyboard.isDown() && !input->takesKeyboardPointer()))
        return false;
    const QRectF widget = q->rect();
    const QPointF start = cursor && widget.contains(*cursor) ? *cursor : widget.center();
    if (!keyboard.step(event, viewport.imageFromWidget(start), viewport, *input))
        return false;
    // The view follows before the pointer comes to its edge.
    constexpr double kMarginPx = 32;
    const QRectF room = widget.adjusted(kMarginPx, kMarginPx, -kMarginPx, -kMarginPx);
    const QPointF at = viewport.widgetFromImage(*keyboard.position());
    const QPointF inside(std::clamp(at.x(), room.left(), room.right()), std::clamp(at.y(), room.top(), room.bottom()));
    if (inside != at)
        scrollBy(inside - at);
    const QRegion crossBefore = crosshairRegion();
    cursor = viewport.widgetFromImage(*keyboard.position());
    q->update(crossBefore + crosshairRegion());
    q->update(before | keyboard.area(viewport) | brushRect());
    Q_EMIT q->cursorMoved(keyboard.position());
    return true;
}

void CanvasWidget::Private::leaveKeyboard()
{
    if (!keyboard.position())
        return;
    q->update(keyboard.area(viewport));
    keyboard.leave(viewport, input);
}

void CanvasWidget::keyPressEvent(QKeyEvent *event)
{
    if (d->pointByKey(*event))
        return;
    const auto command = [&](CanvasCommand what) { return d->input && d->input->command(what); };
    bool isTaken = true;
    switch (event->key()) {
    case Qt::Key_Space:
        if (!event->isAutoRepeat()) {
            d->isSpaceDown = true;
            d->hasSpacePanned = false;
            d->updateCursorShape();
            update();
        }
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        isTaken = command(CanvasCommand::Finish);
        if (!isTaken && d->keyboard.position() && !event->isAutoRepeat()) { // nothing to finish: a click
            d->keyboard.press(event->modifiers(), d->viewport, *d->input);
            d->keyboard.release(event->modifiers(), d->viewport, *d->input);
            isTaken = true;
        }
        break;
    case Qt::Key_Backspace: isTaken = command(CanvasCommand::Back); break;
    case Qt::Key_Escape:
        isTaken = command(CanvasCommand::Cancel);
        if (!isTaken && d->keyboard.position()) {
            d->leaveKeyboard();
            isTaken = true;
        }
        break;
    default: QWidget::keyPressEvent(event); return;
    }
    event->setAccepted(isTaken);
}

void CanvasWidget::keyReleaseEvent(QKeyEvent *event)
{
    if (event->key() != Qt::Key_Space || event->isAutoRepeat())
        return QWidget::keyReleaseEvent(event);
    if (d->keyboard.isDown() && d->input) {
        d->keyboard.release(event->modifiers(), d->viewport, *d->input);
        update(d->keyboard.area(d->viewport));
        return;
    }
    if (!d->isSpaceDown)
        return;
    d->isSpaceDown = false;
    d->updateCursorShape();
    update();
    if (!d->hasSpacePanned && d->input) // tapped, not held
        d->input->command(CanvasCommand::Finish);
}

void CanvasWidget::focusInEvent(QFocusEvent *event)
{
    d->isFocusShown = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason
                      || event->reason() == Qt::ShortcutFocusReason;
    update();
    QWidget::focusInEvent(event);
}

void CanvasWidget::focusOutEvent(QFocusEvent *event)
{
    d->isSpaceDown = false;
    d->panFrom.reset();
    d->isFocusShown = false;
    if (event->reason() != Qt::PopupFocusReason)
        d->leaveKeyboard();
    d->updateCursorShape();
    update();
    QWidget::focusOutEvent(event);
}

void CanvasWidget::leaveEvent(QEvent *event)
{
    update(d->crosshairRegion() + d->brushRect());
    d->cursor.reset();
    Q_EMIT cursorMoved(std::nullopt);
    QWidget::leaveEvent(event);
}

} // namespace masque
