// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/FillTool.h"

#include "core/annotations/tools/painting.h"
#include "core/annotations/tools/regions.h"
#include "core/annotations/tools/tool_geometry.h"

namespace masque {

using Gesture = PaintFilter::Gesture;

ToolResult FillTool::press(const ToolContext &context, const PointerEvent &event)
{
    const auto seed = pixelAt(event.position, context.imageSize);
    m_gesture = event.control ? Gesture::Erase : Gesture::Paint;
    if (!seed || (m_gesture == Gesture::Paint && context.label.empty()))
        return {.handled = false};
    m_seed = seed;
    m_isWaiting = true;
    return {};
}

ToolResult FillTool::cancel()
{
    m_isWaiting = false;
    return {.handled = std::exchange(m_seed, {}).has_value()};
}

ToolWork FillTool::nextWork(const ToolContext &context)
{
    if (!std::exchange(m_isWaiting, false))
        return {};
    return [annotation = context.annotation, size = context.imageSize, seed = *m_seed](const std::stop_token &stop) {
        return std::any(classRegion(annotation, size, seed, stop));
    };
}

ToolResult FillTool::takeWork(const ToolContext &context, std::any work)
{
    m_seed.reset();
    const auto *region = std::any_cast<ClassRegion>(&work);
    if (!region || (m_gesture == Gesture::Paint && region->label == context.label))
        return {};
    return {.dirty = region->pixels.box, .edit = pixelEdit(context, region->pixels, m_gesture)};
}

} // namespace masque
