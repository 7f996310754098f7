// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/canvas/CanvasInput.h"
#include "studio/canvas/Viewport.h"

#include <QRect>

#include <optional>

class QKeyEvent;
class QPainter;

namespace masque {

/// The keyboard's own pointer on the canvas, so that every tool works without a mouse: arrows move it, Space is its
/// button, and a CanvasInput gets the same events as from the mouse. It owns its place alone and is gone as soon as the
/// mouse moves.
class KeyboardPointer {
public:
    /// Image point; nothing while the mouse has the say.
    std::optional<QPointF> position() const { return m_position; }
    bool isDown() const { return m_isDown; }

    /// One step of an arrow key from where it is, else from start: ten screen pixels, fifty with Shift, one image pixel
    /// with Ctrl; never out of the image. False if the key is no arrow.
    bool step(const QKeyEvent &event, QPointF start, const Viewport &viewport, CanvasInput &input);
    /// The button; a second press while it is down means nothing.
    void press(Qt::KeyboardModifiers keys, const Viewport &viewport, CanvasInput &input);
    void release(Qt::KeyboardModifiers keys, const Viewport &viewport, CanvasInput &input);
    /// Lets go of the button and goes; for the mouse, another image and lost focus.
    void leave(const Viewport &viewport, CanvasInput *input);

    /// Widget pixels that a drawn pointer covers; empty while there is none.
    QRect area(const Viewport &viewport) const;
    void draw(QPainter &painter, const Viewport &viewport) const;

private:
    PointerEvent event(Qt::KeyboardModifiers keys, const Viewport &viewport) const;

    std::optional<QPointF> m_position;
    bool m_isDown = false;
};

} // namespace masque
