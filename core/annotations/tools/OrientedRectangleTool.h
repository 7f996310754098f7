// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// A rectangle at any angle: one side by two clicks or a drag (Shift: in steps of 45 degrees), then a click for the
/// width.
class OrientedRectangleTool : public Tool {
public:
    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult finish(const ToolContext &) override;
    ToolResult back(const ToolContext &) override;
    ToolResult cancel() override;
    bool isBusy() const override { return m_first.has_value(); }
    ToolPreview preview(const ToolContext &) const override;

private:
    Point sideEnd(const ToolContext &, const PointerEvent &) const;
    std::vector<Point> corners() const; ///< one, two or four
    Rect drawn() const { return m_drawn; }
    ToolResult redrawn(const PointerEvent &);

    std::optional<Point> m_first, m_second; ///< ends of the first side
    Point m_cursor;
    Rect m_drawn;
};

} // namespace masque
