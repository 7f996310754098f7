// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// Shapes drawn click by click. A double click, Enter or Space ends them; so does a click on a polygon's first vertex
/// (Alt: no snapping) and Ctrl+click in a line strip. Shift keeps to steps of 45 degrees. A point takes one click.
class PolygonTool : public Tool {
public:
    enum class Kind { Polygon, LineStrip, Point };
    explicit PolygonTool(Kind kind = Kind::Polygon) : m_kind(kind) {}

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
    Point placeOf(const ToolContext &, const PointerEvent &) const;
    std::size_t fewestPoints() const;
    Rect drawn() const;

    Kind m_kind;
    std::vector<Point> m_points;
    Point m_cursor;
    bool m_snapped = false;
    double m_marginPx = 1; ///< what handles and lines take around the points, image pixels
};

} // namespace masque
