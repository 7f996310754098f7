// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/ModelTools.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/tools/painting.h"
#include "core/annotations/tools/regions.h"
#include "core/annotations/tools/tool_geometry.h"

namespace masque {

namespace {

using Gesture = PaintFilter::Gesture;

struct ModelToolOptions {
    std::string classes = "all";
    double confidence = 0;
};

const OptionTable<ModelToolOptions> &table()
{
    static const auto made = OptionTable<ModelToolOptions>()
                                 .add({.key = "classes",
                                       .label = "Classes",
                                       .help = "Take all that the model says, or the active class alone.",
                                       .type = OptionType::Choice,
                                       .choices = {"all", "active"}},
                                      &ModelToolOptions::classes)
                                 .add({.key = "confidence",
                                       .label = "Confidence",
                                       .help = "Pixels of which the model is less certain stay as they are.",
                                       .type = OptionType::Real,
                                       .minimum = 0,
                                       .maximum = 1},
                                      &ModelToolOptions::confidence);
    return made;
}

TakeOptions taking(const ToolContext &context)
{
    const ModelToolOptions options = optionsFrom(table(), context);
    TakeOptions out = context.taking;
    out.minConfidence = options.confidence;
    if (options.classes == "active")
        out.onlyClass = context.label;
    return out;
}

std::optional<Edit> taken(const ToolContext &context, const Mask &area, bool isSwapped)
{
    if (!context.proposal)
        return {};
    return unlessEmpty(
        isSwapped ? keepLabels(context.annotation, area)
                  : takeProposal(context.annotation, *context.proposal, area, context.rules(), taking(context)));
}

} // namespace

const std::vector<OptionSpec> &modelToolOptions()
{
    return table().specs();
}

bool ModelBrushTool::mayBegin(const ToolContext &context, Gesture) const
{
    return context.proposal != nullptr;
}

std::optional<Edit> ModelBrushTool::strokeEdit(const ToolContext &context, const Mask &stroke) const
{
    return taken(context, stroke, isSwapped());
}

ToolResult ModelBrushTool::press(const ToolContext &context, const PointerEvent &event)
{
    m_shown.emplace(context);
    return BrushTool::press(context, event);
}

Rect ModelBrushTool::paintTo(const ToolContext &context, const PointerEvent &event)
{
    const Rect dirty = BrushTool::paintTo(context, event);
    if (dirty.isEmpty() || isSwapped() || !context.proposal)
        return dirty;
    const Mask codes = proposedPixels(*context.proposal, part(*stroke()->view(), dirty), taking(context));
    for (std::size_t id = 0; id < context.proposal->classes.size(); ++id) {
        const cv::Mat1b here = whereEqual(codes.bits, static_cast<int>(id) + 1);
        if (here.empty() || cv::countNonZero(here) == 0)
            continue;
        m_shown->setValue(static_cast<std::uint8_t>(id + 1));
        m_shown->add({codes.box, here});
    }
    return dirty;
}

ToolPreview ModelBrushTool::preview(const ToolContext &context) const
{
    if (!isBusy() || isSwapped() || !context.proposal) {
        ToolPreview preview = BrushTool::preview(context);
        if (preview.stroke) // kept: a mark of no class
            preview.strokeLabels = {""};
        return preview;
    }
    ToolPreview preview{.stroke = m_shown->view(), .strokeLabels = context.proposal->classes};
    for (std::string &label : preview.strokeLabels)
        if (label == kBackgroundName)
            label.clear();
    return preview;
}

bool ModelLassoTool::mayBegin(const ToolContext &context, Gesture) const
{
    return context.proposal != nullptr;
}

std::optional<Edit> ModelLassoTool::areaEdit(const ToolContext &context, const Mask &area) const
{
    return taken(context, area, isSwapped());
}

ToolResult ModelFillTool::press(const ToolContext &context, const PointerEvent &event)
{
    m_seed = context.proposal ? pixelAt(event.position, context.imageSize) : std::nullopt;
    m_isWaiting = m_seed.has_value();
    m_isSwapped = event.control;
    return {.handled = m_isWaiting};
}

ToolResult ModelFillTool::cancel()
{
    m_isWaiting = false;
    return {.handled = std::exchange(m_seed, {}).has_value()};
}

ToolWork ModelFillTool::nextWork(const ToolContext &context)
{
    if (!std::exchange(m_isWaiting, false) || !context.proposal)
        return {};
    return [proposal = context.proposal, seed = *m_seed](const std::stop_token &stop) {
        const int id = proposal->ids(seed);
        return std::any(connectedRegion(
            proposal->size(), seed, [&](const Rect &area) { return whereEqual(proposal->ids(toCv(area)), id); }, stop));
    };
}

ToolResult ModelFillTool::takeWork(const ToolContext &context, std::any work)
{
    m_seed.reset();
    const auto *region = std::any_cast<Mask>(&work);
    if (!region || region->box.isEmpty())
        return {};
    return {.dirty = region->box, .edit = taken(context, *region, m_isSwapped)};
}

} // namespace masque
