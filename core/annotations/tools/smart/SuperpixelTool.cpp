// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/smart/SuperpixelTool.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/tools/painting.h"
#include "core/annotations/tools/tool_geometry.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/ximgproc/slic.hpp>

namespace masque {

using Gesture = PaintFilter::Gesture;

namespace {

constexpr int kIterations = 5;
constexpr int kSmallestCellPx = 256;
constexpr int kReducedSizePx = 24; ///< a superpixel's width in the copy, at most
constexpr std::size_t kMostKnown = 8;

struct SuperpixelOptions {
    int sizePx = 24;
    double compactness = 15;
};

const OptionTable<SuperpixelOptions> &table()
{
    static const auto made = OptionTable<SuperpixelOptions>()
                                 .add({.key = "size_px",
                                       .label = "Superpixel",
                                       .help = "About the width of a superpixel.",
                                       .type = OptionType::Int,
                                       .minimum = 6,
                                       .maximum = 256,
                                       .unit = "px"},
                                      &SuperpixelOptions::sizePx)
                                 .add({.key = "compactness",
                                       .label = "Compactness",
                                       .help = "Low: they follow edges closely; high: they are rounder.",
                                       .type = OptionType::Real,
                                       .minimum = 1,
                                       .maximum = 100},
                                      &SuperpixelOptions::compactness);
    return made;
}

/// The part of the image that is cut for a pixel: two cells of a grid wide, so that the pixel lies half a cell from its
/// sides, and the same for all pixels of a cell.
Rect areaFor(cv::Point pixel, int sizePx, Size image)
{
    const int cell = std::max(kSmallestCellPx, 10 * sizePx);
    const int x = pixel.x / cell * cell - cell / 2, y = pixel.y / cell * cell - cell / 2;
    return Rect{x, y, 2 * cell, 2 * cell}.intersected({0, 0, image.width, image.height});
}

} // namespace

Superpixels cutIntoSuperpixels(const cv::Mat &rgb, const Rect &area, int sizePx, double compactness)
{
    const double scale = std::min(1.0, double(kReducedSizePx) / sizePx);
    const cv::Size size(std::max(1, static_cast<int>(area.width * scale)),
                        std::max(1, static_cast<int>(area.height * scale)));
    cv::Mat lab;
    cv::resize(rgb(toCv(area)), lab, size, 0, 0, cv::INTER_AREA);
    cv::cvtColor(lab, lab, cv::COLOR_RGB2Lab);
    // SLIC wants parts that are larger than a superpixel.
    const int width =
        std::clamp(static_cast<int>(sizePx * scale), 2, std::max(2, std::min(size.width, size.height) / 2));
    Superpixels out{area, sizePx, cv::Mat1i(size, 0)};
    if (std::min(size.width, size.height) < 6)
        return out;
    const auto slic =
        cv::ximgproc::createSuperpixelSLIC(lab, cv::ximgproc::SLIC, width, static_cast<float>(compactness));
    slic->iterate(kIterations);
    slic->enforceLabelConnectivity(25);
    cv::Mat labels;
    slic->getLabels(labels);
    out.labels = labels;
    return out;
}

int Superpixels::labelAt(cv::Point pixel) const
{
    const int x = static_cast<int>(std::int64_t{pixel.x - area.x} * labels.cols / area.width);
    const int y = static_cast<int>(std::int64_t{pixel.y - area.y} * labels.rows / area.height);
    return labels(y, x);
}

Mask Superpixels::pixelsOf(int label) const
{
    const cv::Mat1b reduced = whereEqual(labels, label);
    const Rect box = contentBox(reduced);
    if (box.isEmpty())
        return {};
    // The image pixels whose place in the copy lies in the box, each looked up as labelAt does.
    const auto from = [](int v, int whole, int copy) {
        return static_cast<int>((std::int64_t{v} * whole + copy - 1) / copy);
    };
    const int left = from(box.x, area.width, labels.cols), right = from(box.right(), area.width, labels.cols);
    const int top = from(box.y, area.height, labels.rows), bottom = from(box.bottom(), area.height, labels.rows);
    Mask out{{area.x + left, area.y + top, right - left, bottom - top}, blankBits({right - left, bottom - top})};
    for (int y = 0; y < out.bits.rows; ++y)
        for (int x = 0; x < out.bits.cols; ++x)
            out.bits(y, x) = labelAt({out.box.x + x, out.box.y + y}) == label ? 1 : 0;
    return out;
}

const std::vector<OptionSpec> &SuperpixelTool::options()
{
    return table().specs();
}

SuperpixelTool::Known SuperpixelTool::find(const ToolContext &context, cv::Point pixel) const
{
    const int sizePx = optionsFrom(table(), context).sizePx;
    const Rect area = areaFor(pixel, sizePx, context.imageSize);
    for (const Known &known : m_known)
        if (known->area == area && known->sizePx == sizePx)
            return known;
    return {};
}

Rect SuperpixelTool::paintWay(const ToolContext &context)
{
    Rect dirty;
    while (!m_way.empty()) {
        const Known known = find(context, m_way.front());
        if (!known)
            break;
        const std::pair one(known, known->labelAt(m_way.front()));
        m_way.pop_front();
        if (one == m_painted)
            continue;
        m_painted = one;
        const Rect painted = m_stroke->add(known->pixelsOf(one.second));
        if (!m_filter->forbidsNothing() && !painted.isEmpty())
            m_stroke->takeAway(painted, m_filter->forbidden(context.annotation, painted));
        dirty = dirty.united(painted);
    }
    return dirty;
}

Rect SuperpixelTool::hover(const ToolContext &context)
{
    const Known known = m_at && !m_stroke ? find(context, *m_at) : nullptr;
    const std::pair<Known, int> one(known, known ? known->labelAt(*m_at) : -1);
    if (one == m_hoveredOne)
        return {};
    m_hoveredOne = one;
    Rect dirty = m_hovered ? m_hovered->box : Rect{};
    m_hovered =
        known ? allowedPixels(context, std::make_shared<const Mask>(known->pixelsOf(one.second)), m_gesture) : nullptr;
    return m_hovered ? dirty.united(m_hovered->box) : dirty;
}

ToolResult SuperpixelTool::press(const ToolContext &context, const PointerEvent &event)
{
    m_gesture = event.control ? Gesture::Erase : Gesture::Paint;
    m_at = pixelAt(event.position, context.imageSize);
    if (m_isReleased || !m_at || context.image.empty() || (m_gesture == Gesture::Paint && context.label.empty()))
        return {.handled = false};
    m_stroke.emplace(context);
    m_filter.emplace(context.annotation, context.rules(), m_gesture);
    m_way = {*m_at};
    m_painted = {};
    const Rect dirty = hover(context);
    return {.dirty = dirty.united(paintWay(context))};
}

ToolResult SuperpixelTool::move(const ToolContext &context, const PointerEvent &event, bool buttonDown)
{
    const auto before = m_at;
    m_at = pixelAt(event.position, context.imageSize);
    if (!m_stroke || m_isReleased || !buttonDown) {
        const Gesture gesture = event.control ? Gesture::Erase : Gesture::Paint;
        if (!m_stroke && gesture != m_gesture) {
            m_gesture = gesture;
            m_hoveredOne = {};
        }
        return {.dirty = hover(context)};
    }
    if (!m_at)
        return {};
    const cv::Point from = before.value_or(*m_at);
    const int steps = std::max({1, std::abs(m_at->x - from.x), std::abs(m_at->y - from.y)});
    for (int i = 1; i <= steps; ++i)
        m_way.emplace_back(from.x + (m_at->x - from.x) * i / steps, from.y + (m_at->y - from.y) * i / steps);
    return {.dirty = paintWay(context)};
}

ToolResult SuperpixelTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (!m_stroke || m_isReleased)
        return {.handled = isBusy()};
    ToolResult result = move(context, event, true);
    if (!m_way.empty()) {
        m_isReleased = true; // as soon as its superpixels are known
        return result;
    }
    const Rect dirty = result.dirty;
    result = commit(context);
    result.dirty = result.dirty.united(dirty);
    return result;
}

ToolResult SuperpixelTool::commit(const ToolContext &context)
{
    const Mask stroke = *m_stroke->view();
    m_stroke.reset();
    m_isReleased = false;
    m_hoveredOne = {};
    if (stroke.box.isEmpty())
        return {};
    return {.dirty = stroke.box.united(hover(context)), .edit = pixelEdit(context, stroke, m_gesture)};
}

ToolResult SuperpixelTool::cancel()
{
    m_isRunning = false;
    const Rect hovered = m_hovered ? m_hovered->box : Rect{};
    m_hovered.reset();
    m_hoveredOne = {};
    if (!m_stroke)
        return {.dirty = hovered, .handled = false};
    const Rect dirty = m_stroke->view()->box.united(hovered);
    m_stroke.reset();
    m_way.clear();
    m_isReleased = false;
    return {.dirty = dirty};
}

void SuperpixelTool::leaveImage()
{
    cancel();
    m_known.clear();
    m_at.reset();
    m_painted = {};
}

ToolWork SuperpixelTool::nextWork(const ToolContext &context)
{
    const auto wanted = !m_way.empty() ? std::optional(m_way.front()) : m_at;
    if (m_isRunning || !wanted || context.image.empty() || find(context, *wanted))
        return {};
    m_isRunning = true;
    const SuperpixelOptions options = optionsFrom(table(), context);
    return [image = context.image, options,
            area = areaFor(*wanted, options.sizePx, context.imageSize)](const std::stop_token &) {
        return std::any(
            std::make_shared<const Superpixels>(cutIntoSuperpixels(image, area, options.sizePx, options.compactness)));
    };
}

ToolResult SuperpixelTool::takeWork(const ToolContext &context, std::any work)
{
    m_isRunning = false;
    if (!work.has_value()) {
        m_at.reset(); // or it would be tried again and again
        return cancel();
    }
    m_known.push_front(std::any_cast<Known>(std::move(work)));
    if (m_known.size() > kMostKnown)
        m_known.pop_back();
    if (!m_stroke)
        return {.dirty = hover(context)};
    const Rect dirty = paintWay(context);
    if (!m_isReleased || !m_way.empty())
        return {.dirty = dirty};
    ToolResult result = commit(context);
    result.dirty = result.dirty.united(dirty);
    return result;
}

ToolPreview SuperpixelTool::preview(const ToolContext &) const
{
    return {.stroke = m_stroke ? m_stroke->view() : m_hovered, .strokeErases = m_gesture == Gesture::Erase};
}

} // namespace masque
