// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/PolygonTool.h"

#include "core/annotations/tools/tool_geometry.h"

namespace masque {

bool PolygonTool::isAtStart(const PointerEvent &event) const
{
    return m_points.size() >= 3 && !event.alt
           && distance(event.position, m_points.front()) <= kReachScreenPx * event.imagePixelsPerScreenPixel;
}

Rect PolygonTool::drawn() const
{
    auto points = m_points;
    if (!points.empty())
        points.push_back(m_cursor);
    return rectAround(points, m_marginPx);
}

ToolResult PolygonTool::press(const ToolContext &context, const PointerEvent &event)
{
    if (context.label.empty() && !isBusy())
        return {.handled = false};
    m_marginPx = kReachScreenPx * event.imagePixelsPerScreenPixel;
    if (isBusy() && (event.doubleClick || isAtStart(event)))
        return finish(context);
    m_cursor = intoImage(event.position, context.imageSize);
    if (m_points.empty() || !(m_points.back() == m_cursor))
        m_points.push_back(m_cursor);
    m_snapped = false;
    return {.dirty = drawn()};
}

ToolResult PolygonTool::move(const ToolContext &context, const PointerEvent &event, bool)
{
    if (!isBusy())
        return {};
    const Rect before = drawn();
    m_marginPx = kReachScreenPx * event.imagePixelsPerScreenPixel;
    m_snapped = isAtStart(event);
    m_cursor = m_snapped ? m_points.front() : intoImage(event.position, context.imageSize);
    return {.dirty = before.united(drawn())};
}

ToolResult PolygonTool::release(const ToolContext &, const PointerEvent &)
{
    return {.handled = isBusy()};
}

ToolResult PolygonTool::finish(const ToolContext &context)
{
    if (m_points.size() < 3)
        return {.handled = isBusy()};
    ToolResult result{.dirty = drawn()};
    Shape shape{.label = context.label};
    shape.points = std::move(m_points);
    m_points.clear();
    result.edit = insertShapes(context.annotation, {std::move(shape)}, "Draw " + context.label);
    return result;
}

ToolResult PolygonTool::back(const ToolContext &)
{
    if (!isBusy())
        return {.handled = false};
    ToolResult result{.dirty = drawn()};
    m_points.pop_back();
    m_snapped = false;
    return result;
}

ToolResult PolygonTool::cancel()
{
    if (!isBusy())
        return {.handled = false};
    ToolResult result{.dirty = drawn()};
    m_points.clear();
    return result;
}

ToolPreview PolygonTool::preview(const ToolContext &) const
{
    if (!isBusy())
        return {};
    ToolPreview preview{.outline = m_points, .closed = m_snapped, .handles = m_points};
    if (m_snapped)
        preview.activeHandle = 0;
    else
        preview.outline.push_back(m_cursor);
    return preview;
}

} // namespace masque
