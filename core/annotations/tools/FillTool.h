// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// A click gives the context's class to the connected pixels that have the same class as the one under the pointer, or
/// none as that one; Ctrl takes their labels away.
class FillTool : public Tool {
public:
    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool) override { return {}; }
    ToolResult release(const ToolContext &, const PointerEvent &) override { return {.handled = isBusy()}; }
    ToolResult cancel() override;
    bool isBusy() const override { return m_seed.has_value(); }
    ToolPreview preview(const ToolContext &) const override { return {}; }
    ToolWork nextWork(const ToolContext &) override;
    ToolResult takeWork(const ToolContext &, std::any) override;

private:
    std::optional<cv::Point> m_seed;
    PaintFilter::Gesture m_gesture = PaintFilter::Gesture::Paint;
    bool m_isWaiting = false; ///< for its work
};

} // namespace masque
