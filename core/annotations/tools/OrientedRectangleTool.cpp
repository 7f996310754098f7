// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/OrientedRectangleTool.h"

#include "core/annotations/tools/tool_geometry.h"

namespace masque {

Point OrientedRectangleTool::sideEnd(const ToolContext &context, const PointerEvent &event) const
{
    return intoImage(event.shift ? on45Degrees(*m_first, event.position) : event.position, context.imageSize);
}

std::vector<Point> OrientedRectangleTool::corners() const
{
    if (!m_first)
        return {};
    if (!m_second)
        return {*m_first, m_cursor};
    const Point side = *m_second - *m_first;
    const double length = distance(*m_first, *m_second);
    const Point across{-side.y / length, side.x / length};
    const Point reach = m_cursor - *m_first;
    const Point width = across * (reach.x * across.x + reach.y * across.y);
    return {*m_first, *m_second, *m_second + width, *m_first + width};
}

ToolResult OrientedRectangleTool::redrawn(const PointerEvent &event)
{
    const Rect before = m_drawn;
    m_drawn = rectAround(corners(), kReachScreenPx * event.imagePixelsPerScreenPixel);
    return {.dirty = before.united(m_drawn)};
}

ToolResult OrientedRectangleTool::press(const ToolContext &context, const PointerEvent &event)
{
    if (m_second) {
        m_cursor = event.position;
        return finish(context);
    }
    if (m_first) {
        m_cursor = sideEnd(context, event);
        if (!(m_cursor == *m_first))
            m_second = m_cursor;
        return redrawn(event);
    }
    if (context.label.empty())
        return {.handled = false};
    m_first = m_cursor = intoImage(event.position, context.imageSize);
    return redrawn(event);
}

ToolResult OrientedRectangleTool::move(const ToolContext &context, const PointerEvent &event, bool)
{
    if (!m_first)
        return {};
    m_cursor = m_second ? event.position : sideEnd(context, event);
    return redrawn(event);
}

ToolResult OrientedRectangleTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (!m_first)
        return {.handled = false};
    if (!m_second) { // a drag has drawn the side; a click waits for the next one
        m_cursor = sideEnd(context, event);
        if (distance(*m_first, m_cursor) > kTrembleScreenPx * event.imagePixelsPerScreenPixel)
            m_second = m_cursor;
    }
    return redrawn(event);
}

ToolResult OrientedRectangleTool::finish(const ToolContext &context)
{
    if (!m_first)
        return {.handled = false};
    auto points = corners();
    ToolResult result{.dirty = drawn()};
    if (points.size() < 4 || distance(points[1], points[2]) < 1e-9)
        return result; // no width yet
    Shape shape{.label = context.label, .type = ShapeType::OrientedRectangle, .points = std::move(points)};
    Edit edit = drawEdit(context.annotation, std::move(shape), context.imageSize, context.rules());
    if (!edit.isEmpty())
        result.edit = std::move(edit);
    cancel();
    return result;
}

ToolResult OrientedRectangleTool::back(const ToolContext &)
{
    if (!m_second)
        return cancel();
    m_second.reset();
    return {.dirty = drawn()};
}

ToolResult OrientedRectangleTool::cancel()
{
    if (!m_first)
        return {.handled = false};
    m_first.reset();
    m_second.reset();
    return {.dirty = std::exchange(m_drawn, {})};
}

ToolPreview OrientedRectangleTool::preview(const ToolContext &) const
{
    if (!m_first)
        return {};
    const auto points = corners();
    return {.outline = points, .closed = m_second.has_value(), .handles = points};
}

} // namespace masque
