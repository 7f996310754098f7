// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/tools/Stroke.h"
#include "core/annotations/tools/smart/ProposalTool.h"

namespace masque {

/// Watershed from markers (cv::watershed): strokes of the active classes, with Ctrl of none, are spread over the region
/// around them up to the edges between them. The first Enter proposes, the second one takes it; a stroke after that
/// proposes anew. Backspace takes the last stroke back.
class WatershedTool : public ProposalTool {
public:
    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult finish(const ToolContext &) override;
    ToolResult back(const ToolContext &) override;
    bool isBusy() const override { return m_markers.has_value(); }
    ToolPreview preview(const ToolContext &) const override;

protected:
    ToolWork makeWork(const ToolContext &) override;
    Rect workDone(const ToolContext &, std::any &work) override;
    Rect drop() override;
    std::optional<Edit> takenEdit(const ToolContext &) const override;

private:
    Rect paintTo(const ToolContext &, const PointerEvent &);
    std::uint8_t valueOf(const std::string &label);

    std::vector<std::string> m_classes; ///< of the markers' values, from 1 on; empty: no class
    std::optional<Stroke> m_markers;
    std::vector<Mask> m_before; ///< the markers before each stroke
    Stroke::Dab m_last{};
    bool m_isPainting = false;
};

} // namespace masque
