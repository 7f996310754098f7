// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// What the tools share that propose pixels before they paint them: the proposal is shown, Enter takes it (as soon as
/// the work on it is done), Esc drops it.
class ProposalTool : public Tool {
public:
    ToolResult finish(const ToolContext &) override;
    ToolResult cancel() final;
    ToolPreview preview(const ToolContext &) const override;
    ToolWork nextWork(const ToolContext &) final;
    ToolResult takeWork(const ToolContext &, std::any) final;

protected:
    void wish() { m_isWished = true; } ///< the proposal is out of date
    bool isWorking() const { return m_isWished || m_isRunning; }
    const std::shared_ptr<const Mask> &proposal() const { return m_proposal; }
    /// Shows another proposal, without what the rules forbid; returns what looks different.
    Rect propose(const ToolContext &, Mask pixels);

    virtual ToolWork makeWork(const ToolContext &) = 0; ///< for the newest wish
    /// Calls propose(); returns what else looks different.
    virtual Rect workDone(const ToolContext &, std::any &work) = 0;
    virtual bool mayWish(const ToolContext &) { return false; }       ///< true if options changed under the proposal
    virtual Rect drop() = 0;                                          ///< what is known of the gesture
    virtual std::optional<Edit> takenEdit(const ToolContext &) const; ///< paints the proposal

private:
    ToolResult taken(const ToolContext &);

    std::shared_ptr<const Mask> m_proposal, m_shown;
    bool m_isWished = false, m_isRunning = false, m_isTaken = false;
};

} // namespace masque
