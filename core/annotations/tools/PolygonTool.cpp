// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/PolygonTool.h"

#include "core/annotations/tools/tool_geometry.h"

namespace masque {

bool PolygonTool::isAtStart(const PointerEvent &event) const
{
    return m_kind == Kind::Polygon && m_points.size() >= 3 && !event.alt
           && distance(event.position, m_points.front()) <= kReachScreenPx * event.imagePixelsPerScreenPixel;
}

Point PolygonTool::placeOf(const ToolContext &context, const PointerEvent &event) const
{
    const bool isTurning = event.shift && !m_points.empty();
    return intoImage(isTurning ? on45Degrees(m_points.back(), event.position) : event.position, context.imageSize);
}

std::size_t PolygonTool::fewestPoints() const
{
    return m_kind == Kind::Polygon ? 3 : m_kind == Kind::LineStrip ? 2 : 1;
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
    m_cursor = placeOf(context, event);
    if (m_points.empty() || !(m_points.back() == m_cursor))
        m_points.push_back(m_cursor);
    m_snapped = false;
    if (m_kind == Kind::Point || (m_kind == Kind::LineStrip && event.control))
        return finish(context);
    return {.dirty = drawn()};
}

ToolResult PolygonTool::move(const ToolContext &context, const PointerEvent &event, bool)
{
    if (!isBusy())
        return {};
    const Rect before = drawn();
    m_marginPx = kReachScreenPx * event.imagePixelsPerScreenPixel;
    m_snapped = isAtStart(event);
    m_cursor = m_snapped ? m_points.front() : placeOf(context, event);
    return {.dirty = before.united(drawn())};
}

ToolResult PolygonTool::release(const ToolContext &, const PointerEvent &)
{
    return {.handled = isBusy()};
}

ToolResult PolygonTool::finish(const ToolContext &context)
{
    if (m_points.size() < fewestPoints())
        return {.handled = isBusy()};
    ToolResult result{.dirty = drawn()};
    Shape shape{.label = context.label,
                .type = m_kind == Kind::Polygon     ? ShapeType::Polygon
                        : m_kind == Kind::LineStrip ? ShapeType::LineStrip
                                                    : ShapeType::PointShape,
                .points = std::exchange(m_points, {})};
    Edit edit = drawEdit(context.annotation, std::move(shape), context.imageSize, context.rules());
    if (!edit.isEmpty())
        result.edit = std::move(edit);
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
