// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// The cheapest ways along edges from one pixel to all others around it.
class EdgeMap;

/// Intelligent scissors (Mortensen and Barrett 1995, cv::segmentation::IntelligentScissorsMB): the border follows the
/// image's edges from the last click to the pointer. Alt draws straight; Backspace takes the last click back; Enter, a
/// double click or a click on the first point closes the border.
class ScissorsTool : public Tool {
public:
    static const std::vector<OptionSpec> &options();

    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override { return {.handled = isBusy()}; }
    ToolResult finish(const ToolContext &) override;
    ToolResult back(const ToolContext &) override;
    ToolResult cancel() override;
    bool isBusy() const override { return !m_clicks.empty(); }
    ToolPreview preview(const ToolContext &) const override;
    ToolWork nextWork(const ToolContext &) override;
    ToolResult takeWork(const ToolContext &, std::any) override;

private:
    /// A click and the border that leads to it from the one before.
    struct Click {
        Point at;
        std::vector<Point> way;
    };
    std::vector<Point> wayTo(Point target) const;
    std::vector<Point> border() const;
    bool isAtStart(const PointerEvent &) const;

    std::vector<Click> m_clicks;
    std::vector<Point> m_live; ///< from the last click to the pointer, that included
    std::shared_ptr<const EdgeMap> m_map;
    std::optional<Point> m_mapFrom; ///< the click that the map is, or is being made, from
    double m_pixelStep = 1;         ///< image pixels a screen pixel
    bool m_isRunning = false, m_isStraight = false, m_isSnapped = false;
};

} // namespace masque
