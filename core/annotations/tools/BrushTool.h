// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"
#include "core/annotations/tools/Stroke.h"

namespace masque {

/// Brush and eraser: press, drag, release is one stroke and one Edit. Ctrl at the press makes the one the other; Shift
/// draws a straight line from where the last stroke ended.
class BrushTool : public Tool {
public:
    explicit BrushTool(PaintFilter::Gesture gesture) : m_own(gesture) {}

    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult cancel() override;
    void leaveImage() override;
    bool isBusy() const override { return m_stroke.has_value(); }
    ToolPreview preview(const ToolContext &) const override;

protected:
    virtual bool mayBegin(const ToolContext &, PaintFilter::Gesture) const;
    /// What the finished stroke does.
    virtual std::optional<Edit> strokeEdit(const ToolContext &, const Mask &stroke) const;
    virtual Rect paintTo(const ToolContext &, const PointerEvent &); ///< returns what looks different
    bool isSwapped() const { return m_now != m_own; }                ///< the stroke was begun with Ctrl
    const std::optional<Stroke> &stroke() const { return m_stroke; }

private:
    const PaintFilter::Gesture m_own;
    PaintFilter::Gesture m_now = m_own;
    std::optional<Stroke> m_stroke;
    std::optional<PaintFilter> m_filter;
    Stroke::Dab m_last{};
    std::optional<Point> m_end;      ///< of the last stroke
    std::vector<Point> m_lineToHere; ///< what Shift+click would draw
};

} // namespace masque
