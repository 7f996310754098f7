// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/tools/Stroke.h"
#include "core/annotations/tools/smart/ProposalTool.h"

namespace masque {

/// GrabCut (Rother et al. 2004, cv::grabCut): a box around an object, brush strokes on it, or a click on a region of a
/// model's proposal propose its pixels; further strokes say what belongs to it, with Ctrl what does not. Where the
/// model is certain, its word holds as a stroke's would; elsewhere the colours decide.
class GrabCutTool : public ProposalTool {
public:
    static const std::vector<OptionSpec> &options();

    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    bool isBusy() const override { return m_corner || m_canvas; }
    ToolPreview preview(const ToolContext &) const override;

protected:
    ToolWork makeWork(const ToolContext &) override;
    Rect workDone(const ToolContext &, std::any &work) override;
    Rect drop() override;

private:
    /// What a work found.
    struct Cut {
        Mask object;
        Rect box;
        Mask certain; ///< to the model: 2 belongs, 3 does not
    };
    static Cut fromModel(const Proposal &, cv::Point seed, const std::stop_token &);
    Rect paintTo(const ToolContext &, const PointerEvent &);

    std::optional<Point> m_corner; ///< of a box being drawn
    Point m_end;
    std::optional<cv::Point> m_seed; ///< a click on the proposal that no work has looked at yet
    Rect m_box;                      ///< empty: there are strokes only
    Mask m_certain;
    std::optional<Stroke> m_canvas;  ///< what is shown: proposal and strokes
    std::optional<Stroke> m_strokes; ///< 2 belongs, 3 does not
    Stroke::Dab m_last{};
    std::uint8_t m_value = 2; ///< of the stroke being painted
    bool m_isPainting = false;
};

} // namespace masque
