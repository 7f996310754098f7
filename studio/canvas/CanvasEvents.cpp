// SPDX-License-Identifier: GPL-3.0-or-later
// CanvasWidget's events: painting and moving around here, everything else on to the tool.
#include "studio/canvas/CanvasPrivate.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QTabletEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace masque {

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
    const QPointF right = Viewport::turned({1, 0}, -viewport.quarterTurns());
    const Qt::KeyboardModifiers keys = event.modifiers();
    return {.position = {image.x(), image.y()},
            .imagePixelsPerScreenPixel = 1 / viewport.scale(),
            .rightOnScreen = {right.x(), right.y()},
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
