// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// Shapes of two points: press, drag, release; or a click at each. Shift makes the rectangle a square and turns the
/// line in steps of 45 degrees.
class TwoPointTool : public Tool {
public:
    enum class Kind { Rectangle, Circle, Line };
    explicit TwoPointTool(Kind kind) : m_kind(kind) {}

    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult finish(const ToolContext &) override;
    ToolResult cancel() override;
    bool isBusy() const override { return m_start.has_value(); }
    ToolPreview preview(const ToolContext &) const override;

private:
    void follow(const ToolContext &, const PointerEvent &);
    Rect drawn() const;

    Kind m_kind;
    std::optional<Point> m_start;
    Point m_end;
    double m_marginPx = 1;
};

} // namespace masque
