// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"
#include "core/annotations/tools/Stroke.h"

namespace masque {

/// Brush and eraser: press, drag, release is one stroke and one Edit. Ctrl at the press makes the one the other.
class BrushTool : public Tool {
public:
    enum class Mode { Paint, Erase };
    explicit BrushTool(Mode mode) : m_mode(mode) {}

    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult cancel() override;
    bool isBusy() const override { return m_stroke.has_value(); }
    ToolPreview preview(const ToolContext &) const override;

private:
    Mode m_mode;
    std::optional<Stroke> m_stroke;
    bool m_erases = false;
    Point m_last;
};

} // namespace masque
