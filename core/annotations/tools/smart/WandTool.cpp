// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/smart/WandTool.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/tools/regions.h"
#include "core/annotations/tools/tool_geometry.h"

namespace masque {

namespace {

constexpr double kScreenPxPerStep = 3;

struct WandOptions {
    int tolerance = 20;
    bool contiguous = true;
};

constexpr int kMaxTolerance = 255;

const OptionTable<WandOptions> &table()
{
    static const auto made = OptionTable<WandOptions>()
                                 .add({.key = "tolerance",
                                       .label = "Tolerance",
                                       .help = "How far colours may differ (Lab, 0 to 255); drag on the canvas.",
                                       .type = OptionType::Int,
                                       .minimum = 0,
                                       .maximum = kMaxTolerance},
                                      &WandOptions::tolerance)
                                 .add({.key = "contiguous",
                                       .label = "Contiguous",
                                       .help = "Only pixels that hang together with the clicked one.",
                                       .type = OptionType::Bool},
                                      &WandOptions::contiguous);
    return made;
}

} // namespace

const std::vector<OptionSpec> &WandTool::options()
{
    return table().specs();
}

ToolResult WandTool::press(const ToolContext &context, const PointerEvent &event)
{
    const auto seed = pixelAt(event.position, context.imageSize);
    if (!seed || context.label.empty() || context.image.empty())
        return {.handled = isBusy()};
    m_join = event.shift ? Join::Add : event.control ? Join::Subtract : Join::Replace;
    m_base = m_join != Join::Replace && proposal() ? *proposal() : Mask{};
    m_seed = seed;
    m_pressed = event.position;
    m_isDragging = true;
    m_startTolerance = optionsFrom(table(), context).tolerance;
    wish();
    return {};
}

ToolResult WandTool::move(const ToolContext &context, const PointerEvent &event, bool buttonDown)
{
    if (!m_isDragging || !buttonDown)
        return {};
    const double steps = wayToTheRight(m_pressed, event) / event.imagePixelsPerScreenPixel / kScreenPxPerStep;
    const int tolerance = std::clamp(m_startTolerance + static_cast<int>(steps), 0, kMaxTolerance);
    if (tolerance == optionsFrom(table(), context).tolerance)
        return {};
    ToolResult result;
    result.options = Json::object();
    result.options->set("tolerance", Json(tolerance));
    return result; // the changed option makes the wish
}

ToolResult WandTool::release(const ToolContext &, const PointerEvent &)
{
    m_isDragging = false;
    return {.handled = isBusy()};
}

bool WandTool::mayWish(const ToolContext &context)
{
    const WandOptions now = optionsFrom(table(), context);
    return m_used && *m_used != std::pair(now.tolerance, now.contiguous);
}

ToolWork WandTool::makeWork(const ToolContext &context)
{
    const WandOptions options = optionsFrom(table(), context);
    m_used = {options.tolerance, options.contiguous};
    return [image = context.image, seed = *m_seed, options, base = m_base, join = m_join](const std::stop_token &stop) {
        const Mask found = similarPixels(image, seed, options.tolerance,
                                         options.contiguous ? Spread::Connected : Spread::WholeImage, stop);
        return std::any(join == Join::Add        ? united(base, found)
                        : join == Join::Subtract ? subtracted(base, found)
                                                 : found);
    };
}

Rect WandTool::workDone(const ToolContext &context, std::any &work)
{
    return propose(context, std::any_cast<Mask>(std::move(work)));
}

Rect WandTool::drop()
{
    m_seed.reset();
    m_base = {};
    m_used.reset();
    m_isDragging = false;
    return {};
}

} // namespace masque
