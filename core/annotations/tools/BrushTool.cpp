// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/BrushTool.h"

#include "core/annotations/tools/painting.h"
#include "core/annotations/tools/tool_geometry.h"

namespace masque {

using Gesture = PaintFilter::Gesture;

Rect BrushTool::paintTo(const ToolContext &context, const PointerEvent &event)
{
    const Stroke::Dab dab = brushDab(context, event);
    const Rect dirty = m_stroke->paint(m_last, dab);
    m_last = dab;
    if (!m_filter->forbidsNothing() && !dirty.isEmpty())
        m_stroke->takeAway(dirty, m_filter->forbidden(context.annotation, dirty));
    return dirty;
}

bool BrushTool::mayBegin(const ToolContext &context, Gesture gesture) const
{
    return gesture == Gesture::Erase || !context.label.empty();
}

std::optional<Edit> BrushTool::strokeEdit(const ToolContext &context, const Mask &stroke) const
{
    return pixelEdit(context, stroke, m_now);
}

ToolResult BrushTool::press(const ToolContext &context, const PointerEvent &event)
{
    m_now = (m_own == Gesture::Paint) != event.control ? Gesture::Paint : Gesture::Erase;
    if (!mayBegin(context, m_now))
        return {.handled = false};
    m_lineToHere.clear();
    m_stroke.emplace(context);
    m_filter.emplace(context.annotation, context.rules(), m_now);
    m_last = brushDab(context, event);
    if (event.shift && m_end)
        m_last.at = *m_end;
    return {.dirty = paintTo(context, event)};
}

ToolResult BrushTool::move(const ToolContext &context, const PointerEvent &event, bool buttonDown)
{
    if (m_stroke)
        return buttonDown ? ToolResult{.dirty = paintTo(context, event)} : ToolResult{};
    m_lineToHere.clear();
    if (event.shift && m_end)
        m_lineToHere = {*m_end, event.position};
    return {};
}

ToolResult BrushTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (!m_stroke)
        return {.handled = false};
    PointerEvent last = event;
    last.pressure = std::min(event.pressure, context.brushRadiusPx > 0 ? m_last.radiusPx / context.brushRadiusPx : 1);
    paintTo(context, last); // a pen that is lifted has no pressure any more
    const Mask stroke = *m_stroke->view();
    m_stroke.reset();
    m_end = event.position;
    return {.dirty = stroke.box, .edit = strokeEdit(context, stroke)};
}

ToolResult BrushTool::cancel()
{
    if (!m_stroke)
        return {.handled = false};
    const Rect dirty = m_stroke->view()->box;
    m_stroke.reset();
    return {.dirty = dirty};
}

void BrushTool::leaveImage()
{
    cancel();
    m_end.reset();
    m_lineToHere.clear();
}

ToolPreview BrushTool::preview(const ToolContext &) const
{
    if (!m_stroke)
        return {.outline = m_lineToHere};
    return {.stroke = m_stroke->view(), .strokeErases = m_now == Gesture::Erase};
}

} // namespace masque
