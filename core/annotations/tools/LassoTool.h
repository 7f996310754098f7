// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// A line drawn around pixels paints them, or takes them away; Ctrl at the press makes the one the other.
class LassoTool : public Tool {
public:
    explicit LassoTool(PaintFilter::Gesture gesture) : m_own(gesture) {}

    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult cancel() override;
    bool isBusy() const override { return !m_line.empty(); }
    ToolPreview preview(const ToolContext &) const override;

protected:
    virtual bool mayBegin(const ToolContext &, PaintFilter::Gesture) const;
    /// What is done to the pixels that were drawn around.
    virtual std::optional<Edit> areaEdit(const ToolContext &, const Mask &area) const;
    bool isSwapped() const { return m_now != m_own; } ///< the line was begun with Ctrl

private:
    const PaintFilter::Gesture m_own;
    PaintFilter::Gesture m_now = m_own;
    std::vector<Point> m_line;
};

} // namespace masque
