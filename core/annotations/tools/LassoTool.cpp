// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/LassoTool.h"

#include "core/annotations/rasterise.h"
#include "core/annotations/tools/painting.h"
#include "core/annotations/tools/tool_geometry.h"

namespace masque {

using Gesture = PaintFilter::Gesture;

bool LassoTool::mayBegin(const ToolContext &context, Gesture gesture) const
{
    return gesture == Gesture::Erase || !context.label.empty();
}

std::optional<Edit> LassoTool::areaEdit(const ToolContext &context, const Mask &area) const
{
    return pixelEdit(context, area, m_now);
}

ToolResult LassoTool::press(const ToolContext &context, const PointerEvent &event)
{
    m_now = (m_own == Gesture::Paint) != event.control ? Gesture::Paint : Gesture::Erase;
    if (!mayBegin(context, m_now))
        return {.handled = false};
    m_line = {intoImage(event.position, context.imageSize)};
    return {.dirty = rectAround(m_line, 1)};
}

ToolResult LassoTool::move(const ToolContext &context, const PointerEvent &event, bool buttonDown)
{
    if (m_line.empty() || !buttonDown)
        return {};
    const Point next = intoImage(event.position, context.imageSize);
    if (next == m_line.back())
        return {};
    m_line.push_back(next);
    return {.dirty = rectAround({m_line.front(), m_line[m_line.size() - 2], next}, event.imagePixelsPerScreenPixel)};
}

ToolResult LassoTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (m_line.empty())
        return {.handled = false};
    move(context, event, true);
    ToolResult result{.dirty = rectAround(m_line, event.imagePixelsPerScreenPixel)};
    const Shape around{.points = std::exchange(m_line, {})};
    if (around.points.size() >= 3)
        result.edit = areaEdit(context, shapeMask(around, context.imageSize));
    return result;
}

ToolResult LassoTool::cancel()
{
    if (m_line.empty())
        return {.handled = false};
    return {.dirty = rectAround(std::exchange(m_line, {}), 1)};
}

ToolPreview LassoTool::preview(const ToolContext &) const
{
    return {.outline = m_line, .closed = true};
}

} // namespace masque
