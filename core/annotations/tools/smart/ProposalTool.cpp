// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/smart/ProposalTool.h"

#include "core/annotations/tools/painting.h"

namespace masque {

Rect ProposalTool::propose(const ToolContext &context, Mask pixels)
{
    Rect dirty = m_shown ? m_shown->box : Rect{};
    m_proposal = pixels.box.isEmpty() ? nullptr : std::make_shared<const Mask>(std::move(pixels));
    m_shown = allowedPixels(context, m_proposal, PaintFilter::Gesture::Paint);
    return m_shown ? dirty.united(m_shown->box) : dirty;
}

ToolResult ProposalTool::finish(const ToolContext &context)
{
    if (!isBusy())
        return {.handled = false};
    if (isWorking()) {
        m_isTaken = true; // as soon as it is there
        return {};
    }
    return taken(context);
}

ToolResult ProposalTool::taken(const ToolContext &context)
{
    auto edit = takenEdit(context);
    ToolResult result = cancel();
    result.edit = std::move(edit);
    result.handled = true;
    return result;
}

std::optional<Edit> ProposalTool::takenEdit(const ToolContext &context) const
{
    return m_proposal ? pixelEdit(context, *m_proposal, PaintFilter::Gesture::Paint) : std::nullopt;
}

ToolResult ProposalTool::cancel()
{
    if (!isBusy())
        return {.handled = false};
    Rect dirty = m_shown ? m_shown->box : Rect{};
    m_proposal.reset();
    m_shown.reset();
    m_isWished = m_isRunning = m_isTaken = false;
    return {.dirty = dirty.united(drop())};
}

ToolPreview ProposalTool::preview(const ToolContext &) const
{
    return {.stroke = m_shown};
}

ToolWork ProposalTool::nextWork(const ToolContext &context)
{
    if (m_isRunning || !isBusy() || !(m_isWished || mayWish(context)))
        return {};
    m_isWished = false;
    ToolWork work = makeWork(context);
    m_isRunning = work != nullptr;
    return work;
}

ToolResult ProposalTool::takeWork(const ToolContext &context, std::any work)
{
    m_isRunning = false;
    const Rect before = m_shown ? m_shown->box : Rect{};
    const Rect other = work.has_value() ? workDone(context, work) : Rect{};
    ToolResult result{.dirty = before.united(m_shown ? m_shown->box : Rect{}).united(other)};
    if (m_isTaken && !m_isWished && isBusy()) {
        const Rect dirty = result.dirty;
        result = taken(context);
        result.dirty = result.dirty.united(dirty);
    }
    return result;
}

} // namespace masque
