// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/SplitTool.h"

#include "core/annotations/shape_ops.h"
#include "core/annotations/tools/tool_geometry.h"

#include <ranges>

namespace masque {

Rect SplitTool::drawn() const
{
    return m_from ? rectAround({*m_from, m_to}, m_marginPx) : Rect{};
}

ToolResult SplitTool::press(const ToolContext &, const PointerEvent &event)
{
    m_marginPx = kReachScreenPx * event.imagePixelsPerScreenPixel;
    m_from = m_to = event.position;
    return {.dirty = drawn()};
}

ToolResult SplitTool::move(const ToolContext &, const PointerEvent &event, bool buttonDown)
{
    if (!m_from || !buttonDown)
        return {};
    const Rect before = drawn();
    m_to = event.shift ? on45Degrees(*m_from, event.position) : event.position;
    return {.dirty = before.united(drawn())};
}

ToolResult SplitTool::release(const ToolContext &context, const PointerEvent &)
{
    if (!m_from)
        return {.handled = false};
    ToolResult result{.dirty = drawn()};
    const Point from = *std::exchange(m_from, std::nullopt);
    std::set<ShapeId> ids = context.selection;
    std::erase_if(ids, [&](ShapeId id) { return context.protectedShapes.contains(id); });
    ShapeOperation split;
    if (!context.selection.empty()) {
        split = splitShapes(context.annotation, ids, from, m_to);
    } else {
        for (const Shape &shape : context.annotation.shapes | std::views::reverse) {
            if (context.protectedShapes.contains(shape.id))
                continue;
            split = splitShapes(context.annotation, {shape.id}, from, m_to);
            if (!split.edit.isEmpty())
                break;
        }
    }
    if (!split.edit.isEmpty())
        result.edit = std::move(split.edit);
    return result;
}

ToolResult SplitTool::cancel()
{
    ToolResult result{.dirty = drawn(), .handled = isBusy()};
    m_from.reset();
    return result;
}

ToolPreview SplitTool::preview(const ToolContext &) const
{
    return m_from ? ToolPreview{.outline = {*m_from, m_to}} : ToolPreview{};
}

} // namespace masque
