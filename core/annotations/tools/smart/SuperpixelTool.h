// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/tools/Stroke.h"

#include <deque>

namespace masque {

/// A part of the image cut into superpixels by SLIC (Achanta et al. 2012, cv::ximgproc), in a reduced copy when they
/// are large.
struct Superpixels {
    Rect area;        ///< image pixels
    int sizePx = 0;   ///< about a superpixel's width, image pixels
    cv::Mat1i labels; ///< of the copy's pixels
    int labelAt(cv::Point pixel) const;
    Mask pixelsOf(int label) const; ///< image pixels
};
Superpixels cutIntoSuperpixels(const cv::Mat &rgb, const Rect &area, int sizePx, double compactness);

/// Superpixel brush: the superpixel under the pointer is shown, a drag paints those that it touches; Ctrl takes them
/// away. They are computed around the pointer, where they are needed.
class SuperpixelTool : public Tool {
public:
    static const std::vector<OptionSpec> &options();

    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override;
    ToolResult cancel() override;
    void leaveImage() override;
    bool isBusy() const override { return m_stroke.has_value(); }
    ToolPreview preview(const ToolContext &) const override;
    ToolWork nextWork(const ToolContext &) override;
    ToolResult takeWork(const ToolContext &, std::any) override;

private:
    using Known = std::shared_ptr<const Superpixels>;
    Known find(const ToolContext &, cv::Point pixel) const;
    Rect paintWay(const ToolContext &); ///< as far as superpixels are known
    Rect hover(const ToolContext &);
    ToolResult commit(const ToolContext &);

    std::deque<Known> m_known; ///< last made at the front
    std::optional<Stroke> m_stroke;
    std::optional<PaintFilter> m_filter;
    PaintFilter::Gesture m_gesture = PaintFilter::Gesture::Paint;
    std::deque<cv::Point> m_way;   ///< pixels passed, still to be painted
    std::optional<cv::Point> m_at; ///< under the pointer
    std::shared_ptr<const Mask> m_hovered;
    std::pair<Known, int> m_painted, m_hoveredOne; ///< the last superpixel
    bool m_isRunning = false, m_isReleased = false;
};

} // namespace masque
