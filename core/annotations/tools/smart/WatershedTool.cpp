// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/smart/WatershedTool.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/tools/painting.h"
#include "core/annotations/tools/smart/segmentation.h"

#include <algorithm>

namespace masque {

namespace {
constexpr std::size_t kMostClasses = 254;
} // namespace

std::uint8_t WatershedTool::valueOf(const std::string &label)
{
    auto found = std::find(m_classes.begin(), m_classes.end(), label);
    if (found == m_classes.end() && m_classes.size() < kMostClasses)
        found = m_classes.insert(m_classes.end(), label);
    return static_cast<std::uint8_t>(found - m_classes.begin() + (found == m_classes.end() ? 0 : 1));
}

Rect WatershedTool::paintTo(const ToolContext &context, const PointerEvent &event)
{
    const Stroke::Dab dab = brushDab(context, event);
    const Rect dirty = m_markers->paint(m_last, dab);
    m_last = dab;
    return dirty;
}

ToolResult WatershedTool::press(const ToolContext &context, const PointerEvent &event)
{
    if (context.image.empty() || (context.label.empty() && !event.control))
        return {.handled = isBusy()};
    if (!m_markers)
        m_markers.emplace(context);
    const auto before = m_markers->view();
    m_before.push_back(before->box.isEmpty() ? Mask{} : Mask{before->box, before->bits.clone()});
    m_markers->setTip(context.brushSquare ? Stroke::Tip::Square : Stroke::Tip::Round);
    m_markers->setValue(valueOf(event.control ? std::string() : context.label));
    m_last = brushDab(context, event);
    m_isPainting = true;
    const Rect shown = propose(context, {}); // the markers alone are shown while they are drawn
    return {.dirty = shown.united(paintTo(context, event))};
}

ToolResult WatershedTool::move(const ToolContext &context, const PointerEvent &event, bool buttonDown)
{
    return m_isPainting && buttonDown ? ToolResult{.dirty = paintTo(context, event)} : ToolResult{};
}

ToolResult WatershedTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (!std::exchange(m_isPainting, false))
        return {.handled = isBusy()};
    return {.dirty = paintTo(context, event)};
}

ToolResult WatershedTool::finish(const ToolContext &context)
{
    if (!isBusy() || m_isPainting)
        return {.handled = isBusy()};
    if (proposal() || isWorking())
        return ProposalTool::finish(context);
    wish();
    return {};
}

ToolResult WatershedTool::back(const ToolContext &context)
{
    if (!isBusy() || m_isPainting)
        return {.handled = isBusy()};
    if (m_before.size() == 1)
        return cancel();
    if (isWorking())
        wish(); // what is being worked on has the stroke in it
    const Rect dirty = m_markers->view()->box.united(propose(context, {}));
    const Mask before = std::move(m_before.back());
    m_before.pop_back();
    m_markers.emplace(context);
    for (std::size_t value = 1; value <= m_classes.size(); ++value) {
        m_markers->setValue(static_cast<std::uint8_t>(value));
        m_markers->add({before.box, whereEqual(before.bits, static_cast<int>(value))});
    }
    return {.dirty = dirty};
}

ToolWork WatershedTool::makeWork(const ToolContext &context)
{
    const auto markers = m_markers->view();
    return [image = context.image, own = Mask{markers->box, markers->bits.clone()}](const std::stop_token &) {
        return std::any(watershed(image, own));
    };
}

Rect WatershedTool::workDone(const ToolContext &context, std::any &work)
{
    if (m_isPainting)
        return {}; // a stroke has begun meanwhile, so that this is out of date
    Mask basins = std::any_cast<Mask>(std::move(work));
    for (std::size_t i = 0; i < m_classes.size(); ++i)
        if (m_classes[i].empty())
            basins.bits.setTo(0, whereEqual(basins.bits, static_cast<int>(i) + 1));
    return propose(context, cropped(basins));
}

std::optional<Edit> WatershedTool::takenEdit(const ToolContext &context) const
{
    if (!proposal())
        return {};
    EditChain chain(context.annotation);
    std::string name;
    for (std::size_t i = 0; i < m_classes.size(); ++i) {
        if (m_classes[i].empty())
            continue;
        cv::Mat1b bits = whereEqual(proposal()->bits, static_cast<int>(i) + 1);
        cv::min(bits, 1, bits);
        // The rules are about the annotation as it was, so that one basin cannot make another's pixels taken.
        const auto allowed = allowedPixels(context, std::make_shared<const Mask>(Mask{proposal()->box, bits}),
                                           PaintFilter::Gesture::Paint);
        Edit edit = paintEdit(chain.annotation(), *allowed, m_classes[i],
                              {.protectedShapes = context.protectedShapes,
                               .lockedClasses = context.lockedClasses,
                               .target = paintTarget(context)});
        if (edit.isEmpty())
            continue;
        name = name.empty() ? edit.name : "Watershed";
        chain.add(std::move(edit));
    }
    return unlessEmpty(chain.edit(name));
}

Rect WatershedTool::drop()
{
    const Rect dirty = m_markers ? m_markers->view()->box : Rect{};
    m_markers.reset();
    m_before.clear();
    m_classes.clear();
    m_isPainting = false;
    return dirty;
}

ToolPreview WatershedTool::preview(const ToolContext &context) const
{
    if (!m_markers)
        return {};
    ToolPreview preview = ProposalTool::preview(context);
    if (!preview.stroke)
        preview.stroke = m_markers->view();
    preview.strokeLabels = m_classes;
    return preview;
}

} // namespace masque
