// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/BrushTool.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"

namespace masque {

namespace {

std::optional<ShapeId> onlySelected(const ToolContext &context)
{
    if (context.selection.size() != 1 || context.protectedShapes.contains(*context.selection.begin()))
        return {};
    return *context.selection.begin();
}

/// Erasing works on the selected shape alone if it lies under the stroke, else on everything there.
Edit eraseUnder(const ToolContext &context, const Mask &stroke)
{
    if (const auto target = onlySelected(context)) {
        auto edit = eraseEdit(context.annotation, stroke, context.imageSize, context.rules(target));
        if (!edit.isEmpty())
            return edit;
    }
    return eraseEdit(context.annotation, stroke, context.imageSize, context.rules());
}

} // namespace

ToolResult BrushTool::press(const ToolContext &context, const PointerEvent &event)
{
    m_erases = (m_mode == Mode::Erase) != event.control;
    if (!m_erases && context.label.empty())
        return {.handled = false};
    m_stroke.emplace(context.imageSize, context.brushRadiusPx,
                     context.brushSquare ? Stroke::Tip::Square : Stroke::Tip::Round);
    m_last = event.position;
    return {.dirty = m_stroke->paint(m_last, m_last)};
}

ToolResult BrushTool::move(const ToolContext &, const PointerEvent &event, bool buttonDown)
{
    if (!m_stroke || !buttonDown)
        return {};
    const Rect dirty = m_stroke->paint(m_last, event.position);
    m_last = event.position;
    return {.dirty = dirty};
}

ToolResult BrushTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (!m_stroke)
        return {.handled = false};
    m_stroke->paint(m_last, event.position);
    const Mask stroke = *m_stroke->view();
    m_stroke.reset();
    ToolResult result{.dirty = stroke.box};
    Edit edit = m_erases ? eraseUnder(context, stroke)
                         : paintEdit(context.annotation, stroke, context.label, context.rules(onlySelected(context)));
    if (!edit.isEmpty())
        result.edit = std::move(edit);
    return result;
}

ToolResult BrushTool::cancel()
{
    if (!m_stroke)
        return {.handled = false};
    const Rect dirty = m_stroke->view()->box;
    m_stroke.reset();
    return {.dirty = dirty};
}

ToolPreview BrushTool::preview(const ToolContext &) const
{
    if (!m_stroke)
        return {};
    return {.stroke = m_stroke->view(), .strokeErases = m_erases};
}

} // namespace masque
