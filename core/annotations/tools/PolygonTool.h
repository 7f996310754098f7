// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/tools/snap.h"

namespace masque {

/// Click by click; a click on the first vertex, a double click, Enter or Space closes it. Points snap to the vertices
/// and borders of other shapes (Alt: no snapping); two in a row on one shape's border take its vertices between them
/// along, so that neighbours leave no gap.
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
    void place(const ToolContext &, const PointerEvent &);
    Rect drawn() const;

    std::vector<Point> m_points;
    std::vector<std::optional<BorderPlace>> m_places; ///< of each point, where it snapped to
    std::vector<Point> m_along;                       ///< a neighbour's vertices from the last point to the cursor
    Point m_cursor;
    std::optional<BorderPlace> m_cursorPlace;
    bool m_snapped = false;
    double m_marginPx = 1; ///< what handles and lines take around the points, image pixels
};

} // namespace masque
