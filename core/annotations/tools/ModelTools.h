// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/tools/BrushTool.h"
#include "core/annotations/tools/LassoTool.h"

/// Tools that paint what a model says: the context's proposal, each pixel in its own class. With Ctrl they keep the
/// labels there instead (keepLabels). Without a proposal they do nothing.
namespace masque {

/// The options of all three: how certain the model must be, and whether of the active class alone.
const std::vector<OptionSpec> &modelToolOptions();

/// Paints the proposal under a brush.
class ModelBrushTool : public BrushTool {
public:
    ModelBrushTool() : BrushTool(PaintFilter::Gesture::Paint) {}
    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolPreview preview(const ToolContext &) const override;

protected:
    bool mayBegin(const ToolContext &, PaintFilter::Gesture) const override;
    std::optional<Edit> strokeEdit(const ToolContext &, const Mask &stroke) const override;
    Rect paintTo(const ToolContext &, const PointerEvent &) override;

private:
    std::optional<Stroke> m_shown; ///< the stroke's pixels in the proposal's classes
};

/// Takes the proposal where it was drawn around.
class ModelLassoTool : public LassoTool {
public:
    ModelLassoTool() : LassoTool(PaintFilter::Gesture::Paint) {}

protected:
    bool mayBegin(const ToolContext &, PaintFilter::Gesture) const override;
    std::optional<Edit> areaEdit(const ToolContext &, const Mask &area) const override;
};

/// Takes the connected region of the proposal's class under a click.
class ModelFillTool : public Tool {
public:
    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool) override { return {}; }
    ToolResult release(const ToolContext &, const PointerEvent &) override { return {}; }
    ToolResult cancel() override;
    bool isBusy() const override { return m_seed.has_value(); }
    ToolPreview preview(const ToolContext &) const override { return {}; }
    ToolWork nextWork(const ToolContext &) override;
    ToolResult takeWork(const ToolContext &, std::any) override;

private:
    std::optional<cv::Point> m_seed;
    bool m_isWaiting = false, m_isSwapped = false;
};

} // namespace masque
