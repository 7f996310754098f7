// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/TwoPointTool.h"

#include "core/annotations/tools/tool_geometry.h"

namespace masque {

void TwoPointTool::follow(const ToolContext &context, const PointerEvent &event)
{
    m_marginPx = kReachScreenPx * event.imagePixelsPerScreenPixel;
    m_end = intoImage(event.position, context.imageSize);
    if (!event.shift || m_kind == Kind::Circle)
        return;
    if (m_kind == Kind::Line) {
        m_end = intoImage(on45Degrees(*m_start, m_end), context.imageSize);
        return;
    }
    const Point reach = m_end - *m_start;
    const double side = std::min(std::abs(reach.x), std::abs(reach.y)); // the shorter one, so that it stays inside
    m_end = *m_start + Point{std::copysign(side, reach.x), std::copysign(side, reach.y)};
}

Rect TwoPointTool::drawn() const
{
    if (!m_start)
        return {};
    if (m_kind == Kind::Circle)
        return rectAround({*m_start}, distance(*m_start, m_end) + m_marginPx);
    return rectAround({*m_start, m_end}, m_marginPx);
}

ToolResult TwoPointTool::press(const ToolContext &context, const PointerEvent &event)
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

ToolResult TwoPointTool::move(const ToolContext &context, const PointerEvent &event, bool)
{
    if (!m_start)
        return {};
    const Rect before = drawn();
    follow(context, event);
    return {.dirty = before.united(drawn())};
}

ToolResult TwoPointTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (!m_start)
        return {.handled = false};
    const Rect before = drawn();
    follow(context, event);
    if (distance(*m_start, m_end) <= kTrembleScreenPx * event.imagePixelsPerScreenPixel)
        return {.dirty = before.united(drawn())}; // a click: the next one sets the other point
    auto result = finish(context);
    result.dirty = result.dirty.united(before);
    return result;
}

ToolResult TwoPointTool::finish(const ToolContext &context)
{
    if (!m_start)
        return {.handled = false};
    ToolResult result{.dirty = drawn()};
    const bool isFlat = m_start->x == m_end.x || m_start->y == m_end.y;
    if (*m_start == m_end || (m_kind == Kind::Rectangle && isFlat))
        return result; // no size yet
    const ShapeType type = m_kind == Kind::Rectangle ? ShapeType::Rectangle
                           : m_kind == Kind::Circle  ? ShapeType::Circle
                                                     : ShapeType::Line;
    Shape shape{.label = context.label, .type = type, .points = {*m_start, m_end}};
    m_start.reset();
    Edit edit = drawEdit(context.annotation, std::move(shape), context.imageSize, context.rules());
    if (!edit.isEmpty())
        result.edit = std::move(edit);
    return result;
}

ToolResult TwoPointTool::cancel()
{
    if (!m_start)
        return {.handled = false};
    ToolResult result{.dirty = drawn()};
    m_start.reset();
    return result;
}

ToolPreview TwoPointTool::preview(const ToolContext &) const
{
    if (!m_start)
        return {};
    const Point a = *m_start, b = m_end;
    ToolPreview preview{.closed = m_kind != Kind::Line, .handles = {a, b}};
    if (m_kind == Kind::Rectangle) {
        preview.outline = {a, {b.x, a.y}, b, {a.x, b.y}};
    } else if (m_kind == Kind::Line) {
        preview.outline = {a, b};
    } else {
        preview.outline = circleLine(a, b);
    }
    return preview;
}

} // namespace masque
