// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/tools/smart/ProposalTool.h"

namespace masque {

/// Magic wand: a click proposes the pixels of a similar colour, a drag to the right or left changes the tolerance.
/// Shift adds to the proposal, Ctrl takes away from it.
class WandTool : public ProposalTool {
public:
    static const std::vector<OptionSpec> &options();

    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    bool isBusy() const override { return m_seed.has_value(); }

protected:
    ToolWork makeWork(const ToolContext &) override;
    Rect workDone(const ToolContext &, std::any &work) override;
    bool mayWish(const ToolContext &) override;
    Rect drop() override;

private:
    enum class Join { Replace, Add, Subtract };

    std::optional<cv::Point> m_seed;
    Join m_join = Join::Replace;
    Mask m_base; ///< the proposal before the press
    Point m_pressed;
    bool m_isDragging = false;
    int m_startTolerance = 0;
    std::optional<std::pair<int, bool>> m_used; ///< tolerance and contiguous of the last work
};

} // namespace masque
