// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// Click by click; a click on the first vertex (Alt: no snapping), a double click, Enter or Space closes it.
class PolygonTool : public Tool {
public:
    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult finish(const ToolContext &) override;
    ToolResult back(const ToolContext &) override;
    ToolResult cancel() override;
    bool isBusy() const override { return !m_points.empty(); }
    ToolPreview preview(const ToolContext &) const override;

private:
    bool isAtStart(const PointerEvent &) const;
    Rect drawn() const;

    std::vector<Point> m_points;
    Point m_cursor;
    bool m_snapped = false;
    double m_marginPx = 1; ///< what handles and lines take around the points, image pixels
};

} // namespace masque
