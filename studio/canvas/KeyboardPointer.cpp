// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/KeyboardPointer.h"

#include <QKeyEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr double kStepScreenPx = 10, kLongStepScreenPx = 50;
constexpr int kArmPx = 14, kGapPx = 4;

std::optional<QPointF> directionOf(int key)
{
    switch (key) {
    case Qt::Key_Left: return QPointF(-1, 0);
    case Qt::Key_Right: return QPointF(1, 0);
    case Qt::Key_Up: return QPointF(0, -1);
    case Qt::Key_Down: return QPointF(0, 1);
    default: return {};
    }
}

} // namespace

PointerEvent KeyboardPointer::event(Qt::KeyboardModifiers keys, const Viewport &viewport) const
{
    const QPointF right = Viewport::turned({1, 0}, -viewport.quarterTurns());
    return {.position = {m_position->x(), m_position->y()},
            .imagePixelsPerScreenPixel = 1 / viewport.scale(),
            .rightOnScreen = {right.x(), right.y()},
            .shift = keys.testFlag(Qt::ShiftModifier),
            .control = keys.testFlag(Qt::ControlModifier),
            .alt = keys.testFlag(Qt::AltModifier)};
}

bool KeyboardPointer::step(const QKeyEvent &key, QPointF start, const Viewport &viewport, CanvasInput &input)
{
    const auto direction = directionOf(key.key());
    if (!direction)
        return false;
    const Size size = viewport.imageSize();
    if (!m_position) // the middle of a pixel, and whole pixels from there on
        m_position = QPointF(std::floor(start.x()) + 0.5, std::floor(start.y()) + 0.5);
    const double screen = key.modifiers().testFlag(Qt::ShiftModifier) ? kLongStepScreenPx : kStepScreenPx;
    const double length =
        key.modifiers().testFlag(Qt::ControlModifier) ? 1 : std::max(1.0, std::round(screen / viewport.scale()));
    const QPointF wanted = *m_position + Viewport::turned(*direction, -viewport.quarterTurns()) * length;
    m_position = QPointF(std::clamp(wanted.x(), 0.5, std::max(0.5, size.width - 0.5)),
                         std::clamp(wanted.y(), 0.5, std::max(0.5, size.height - 0.5)));
    // Shift and Ctrl chose the step here; to a tool they would mean something else.
    input.move(event({}, viewport), m_isDown);
    return true;
}

void KeyboardPointer::press(Qt::KeyboardModifiers keys, const Viewport &viewport, CanvasInput &input)
{
    if (!m_position || m_isDown)
        return;
    m_isDown = true;
    input.press(event(keys, viewport));
}

void KeyboardPointer::release(Qt::KeyboardModifiers keys, const Viewport &viewport, CanvasInput &input)
{
    if (!m_position || !m_isDown)
        return;
    m_isDown = false;
    input.release(event(keys, viewport));
}

void KeyboardPointer::leave(const Viewport &viewport, CanvasInput *input)
{
    if (input)
        release({}, viewport, *input);
    m_position.reset();
    m_isDown = false;
}

QRect KeyboardPointer::area(const Viewport &viewport) const
{
    if (!m_position)
        return {};
    const int reach = kArmPx + 3;
    return QRectF(viewport.widgetFromImage(*m_position), QSizeF(0, 0))
        .toAlignedRect()
        .adjusted(-reach, -reach, reach, reach);
}

void KeyboardPointer::draw(QPainter &painter, const Viewport &viewport) const
{
    if (!m_position)
        return;
    const QPointF at = viewport.widgetFromImage(*m_position);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setBrush(Qt::NoBrush);
    // Dark under light, so that it is seen on any picture.
    for (const QPen &pen : {QPen(Qt::black, 5), QPen(m_isDown ? QColor(255, 200, 0) : QColor(Qt::white), 2)}) {
        painter.setPen(pen);
        for (const QPointF arm : {QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)})
            painter.drawLine(at + arm * kGapPx, at + arm * kArmPx);
    }
    painter.restore();
}

} // namespace masque
