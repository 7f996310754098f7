// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// Press, drag, release; or a click at one corner and a click at the other. Shift makes it a square.
class RectangleTool : public Tool {
public:
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

    std::optional<Point> m_start;
    Point m_end;
    double m_marginPx = 1;
};

} // namespace masque
