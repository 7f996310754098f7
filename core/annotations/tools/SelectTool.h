// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/tools/VertexChoice.h"
#include "core/annotations/tools/pick.h"

namespace masque {

/// Selects and edits: a click selects, Ctrl+click adds or takes away, a drag from an empty place selects what lies
/// wholly in its box (Ctrl: adds it), a drag moves the selected shapes or one vertex, Alt+click on an edge puts a
/// vertex in (and drags it), Alt+Shift+click takes one out. A dragged vertex snaps to vertices and borders (Alt: not);
/// Shift keeps a drag on 45 degrees. Several vertices of selected shapes are chosen by Ctrl+click or Shift+click, or by
/// a box that holds no whole shape (Alt: that begins anywhere); they are dragged, nudged and removed together.
class SelectTool : public Tool {
public:
    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult back(const ToolContext &context) override { return removeChosen(context); }
    ToolResult cancel() override;
    void leaveImage() override;
    ToolResult nudge(const ToolContext &, Point delta) override;
    ToolResult removeChosen(const ToolContext &) override;
    bool isBusy() const override { return !m_base.empty() || m_band; }
    ToolPreview preview(const ToolContext &) const override;

private:
    ToolResult pressVertex(const ToolContext &, const PointerEvent &, double reachPx);
    ToolResult pressShape(const ToolContext &, const PointerEvent &, double reachPx);
    bool toggleVertex(const ToolContext &, const PointerEvent &);
    ToolResult releaseBand(const ToolContext &, const PointerEvent &);
    void chooseVertices(const ToolContext &, const PickBox &box);
    void drop(); ///< the gesture
    Point dragged(const ToolContext &, const PointerEvent &, double reachPx) const;
    std::vector<Point> bandCorners() const;
    Rect drawn() const;

    std::vector<Shape> m_base;                          ///< what is dragged, as it was at the press
    std::vector<Shape> m_now;                           ///< the same at the pointer; empty until the drag begins
    std::optional<std::size_t> m_handle;                ///< the vertex dragged, of m_base.front(); none: whole shapes
    std::map<ShapeId, VertexChoice::Vertices> m_withIt; ///< the chosen ones that it is one of, if there are more
    VertexChoice m_choice;
    std::string m_name;
    Point m_pressed;
    std::optional<Point> m_band;      ///< the corner opposite to m_pressed while a box is dragged
    bool m_isVertexBand = false;      ///< it is for vertices alone
    std::optional<ShapeId> m_clicked; ///< becomes the only selected one if the press turns out to be a click
    std::optional<Grip> m_hovered;
    double m_marginPx = 1;
};

} // namespace masque
