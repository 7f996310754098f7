// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

enum class CanvasCommand { Finish, Back, Cancel };

/// Who gets what the canvas does not use itself for moving around. Positions are image coordinates.
class CanvasInput {
public:
    virtual ~CanvasInput() = default;
    virtual void press(const PointerEvent &event) = 0;
    virtual void move(const PointerEvent &event, bool buttonDown) = 0;
    virtual void release(const PointerEvent &event) = 0;
    virtual bool command(CanvasCommand command) = 0; ///< true if it meant something
    /// False while arrow keys mean something else than moving the keyboard's pointer, as nudging selected shapes.
    virtual bool takesKeyboardPointer() const { return true; }
};

} // namespace masque
