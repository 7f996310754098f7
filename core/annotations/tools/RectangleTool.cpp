// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/RectangleTool.h"

#include "core/annotations/tools/tool_geometry.h"

namespace masque {

void RectangleTool::follow(const ToolContext &context, const PointerEvent &event)
{
    m_marginPx = kReachScreenPx * event.imagePixelsPerScreenPixel;
    m_end = intoImage(event.position, context.imageSize);
    if (!event.shift)
        return;
    const Point reach = m_end - *m_start;
    const double side = std::min(std::abs(reach.x), std::abs(reach.y)); // the shorter one, so that it stays inside
    m_end = *m_start + Point{std::copysign(side, reach.x), std::copysign(side, reach.y)};
}

Rect RectangleTool::drawn() const
{
    return m_start ? rectAround({*m_start, m_end}, m_marginPx) : Rect{};
}

ToolResult RectangleTool::press(const ToolContext &context, const PointerEvent &event)
{
    if (m_start) {
        follow(context, event);
        return finish(context);
    }
    if (context.label.empty())
        return {.handled = false};
    m_start = intoImage(event.position, context.imageSize);
    follow(context, event);
    return {.dirty = drawn()};
}

ToolResult RectangleTool::move(const ToolContext &context, const PointerEvent &event, bool)
{
    if (!m_start)
        return {};
    const Rect before = drawn();
    follow(context, event);
    return {.dirty = before.united(drawn())};
}

ToolResult RectangleTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (!m_start)
        return {.handled = false};
    const Rect before = drawn();
    follow(context, event);
    if (distance(*m_start, m_end) <= kTrembleScreenPx * event.imagePixelsPerScreenPixel)
        return {.dirty = before.united(drawn())}; // a click: the next one sets the other corner
    auto result = finish(context);
    result.dirty = result.dirty.united(before);
    return result;
}

ToolResult RectangleTool::finish(const ToolContext &context)
{
    if (!m_start)
        return {.handled = false};
    ToolResult result{.dirty = drawn()};
    if (m_start->x == m_end.x || m_start->y == m_end.y)
        return result; // no area yet
    Shape shape{.label = context.label, .type = ShapeType::Rectangle, .points = {*m_start, m_end}};
    m_start.reset();
    result.edit = insertShapes(context.annotation, {std::move(shape)}, "Draw " + context.label);
    return result;
}

ToolResult RectangleTool::cancel()
{
    if (!m_start)
        return {.handled = false};
    ToolResult result{.dirty = drawn()};
    m_start.reset();
    return result;
}

ToolPreview RectangleTool::preview(const ToolContext &) const
{
    if (!m_start)
        return {};
    const Point a = *m_start, b = m_end;
    return {.outline = {a, {b.x, a.y}, b, {a.x, b.y}}, .closed = true, .handles = {a, b}};
}

} // namespace masque
