// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// Cuts the selected shapes, or else the topmost one that it crosses, along a line dragged across them; Shift keeps the
/// line on 45 degrees.
class SplitTool : public Tool {
public:
    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult cancel() override;
    bool isBusy() const override { return m_from.has_value(); }
    ToolPreview preview(const ToolContext &) const override;

private:
    Rect drawn() const;

    std::optional<Point> m_from;
    Point m_to;
    double m_marginPx = 1;
};

} // namespace masque
