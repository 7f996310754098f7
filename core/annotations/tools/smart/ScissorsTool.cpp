// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/smart/ScissorsTool.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/tools/painting.h"
#include "core/annotations/tools/tool_geometry.h"

#include <opencv2/imgproc/segmentation.hpp>

namespace masque {

namespace {

constexpr int kReachPx = 320; ///< of a map from its click, screen pixels (image pixels above 100 %)
constexpr std::size_t kFewestPoints = 3;

struct ScissorsOptions {
    double tolerancePx = 1;
    std::string result = "polygon";
};

const OptionTable<ScissorsOptions> &table()
{
    static const auto made = OptionTable<ScissorsOptions>()
                                 .add({.key = "tolerance_px",
                                       .label = "Simplify",
                                       .help = "How far the border may leave the edge to need fewer points.",
                                       .type = OptionType::Real,
                                       .minimum = 0,
                                       .maximum = 20,
                                       .unit = "px"},
                                      &ScissorsOptions::tolerancePx)
                                 .add({.key = "result",
                                       .label = "Result",
                                       .help = "A polygon that can be edited, or painted pixels.",
                                       .type = OptionType::Choice,
                                       .choices = {"polygon", "mask"}},
                                      &ScissorsOptions::result);
    return made;
}

std::vector<Point> simplified(const std::vector<Point> &line, double tolerancePx)
{
    if (line.size() < 3 || tolerancePx <= 0)
        return line;
    std::vector<cv::Point2f> in, out;
    for (const Point &p : line)
        in.emplace_back(static_cast<float>(p.x - line[0].x), static_cast<float>(p.y - line[0].y));
    cv::approxPolyDP(in, out, tolerancePx, false);
    std::vector<Point> points;
    for (const auto &p : out)
        points.push_back(line[0] + Point{double(p.x), double(p.y)});
    return points;
}

} // namespace

class EdgeMap {
public:
    /// Around from, a reduced copy when a screen pixel covers several image pixels.
    EdgeMap(const cv::Mat &rgb, Point from, double pixelStep) : m_step(std::max(1.0, pixelStep))
    {
        const int reach = static_cast<int>(kReachPx * m_step);
        const int x = static_cast<int>(from.x), y = static_cast<int>(from.y);
        m_area = Rect{x - reach, y - reach, 2 * reach + 1, 2 * reach + 1}.intersected({0, 0, rgb.cols, rgb.rows});
        const cv::Size size(std::max(1, static_cast<int>(m_area.width / m_step)),
                            std::max(1, static_cast<int>(m_area.height / m_step)));
        cv::Mat image;
        cv::resize(rgb(toCv(m_area)), image, size, 0, 0, cv::INTER_AREA);
        m_size = size;
        m_scissors.setEdgeFeatureCannyParameters(32, 100).setGradientMagnitudeMaxLimit(200).applyImage(image);
        m_scissors.buildMap(inCopy(from));
    }

    /// Image points along edges, from behind the map's start to target; the last part is straight where target lies out
    /// of reach.
    std::vector<Point> wayTo(Point target) const
    {
        std::vector<cv::Point> pixels;
        m_scissors.getContour(inCopy(target), pixels);
        std::vector<Point> way;
        const double sx = double(m_area.width) / m_size.width, sy = double(m_area.height) / m_size.height;
        for (const cv::Point &p : pixels)
            way.push_back({m_area.x + (p.x + 0.5) * sx, m_area.y + (p.y + 0.5) * sy});
        return way;
    }

private:
    cv::Point inCopy(Point p) const
    {
        const auto scaled = [](double v, int from, int whole, int copy) {
            return std::clamp(static_cast<int>((v - from) * copy / whole), 0, copy - 1);
        };
        return {scaled(p.x, m_area.x, m_area.width, m_size.width), scaled(p.y, m_area.y, m_area.height, m_size.height)};
    }

    double m_step;
    Rect m_area;
    cv::Size m_size;
    cv::segmentation::IntelligentScissorsMB m_scissors;
};

const std::vector<OptionSpec> &ScissorsTool::options()
{
    return table().specs();
}

std::vector<Point> ScissorsTool::wayTo(Point target) const
{
    std::vector<Point> way;
    if (m_map && m_mapFrom == m_clicks.back().at && !m_isStraight) {
        way = m_map->wayTo(target);
        if (!way.empty())
            way.erase(way.begin()); // the click itself
        if (!way.empty() && distance(way.back(), target) < 2 * m_pixelStep)
            way.pop_back(); // the pointer's pixel
    }
    way.push_back(target);
    return way;
}

std::vector<Point> ScissorsTool::border() const
{
    std::vector<Point> out;
    for (const Click &click : m_clicks)
        out.insert(out.end(), click.way.begin(), click.way.end());
    return out;
}

bool ScissorsTool::isAtStart(const PointerEvent &event) const
{
    return m_clicks.size() >= 2 && border().size() >= kFewestPoints
           && distance(event.position, m_clicks.front().at) <= kReachScreenPx * event.imagePixelsPerScreenPixel;
}

ToolResult ScissorsTool::press(const ToolContext &context, const PointerEvent &event)
{
    if (context.image.empty() || (context.label.empty() && !isBusy()))
        return {.handled = isBusy()};
    m_pixelStep = event.imagePixelsPerScreenPixel;
    m_isStraight = event.alt;
    const Point at = intoImage(event.position, context.imageSize);
    if (!isBusy()) {
        m_clicks.push_back({at, {at}});
        m_live.clear();
        return {};
    }
    if (isAtStart(event))
        return finish(context);
    if (event.doubleClick) // its first press has set the point
        return finish(context);
    if (!(at == m_clicks.back().at))
        m_clicks.push_back({at, simplified(wayTo(at), optionsFrom(table(), context).tolerancePx)});
    m_live.clear();
    return {};
}

ToolResult ScissorsTool::move(const ToolContext &context, const PointerEvent &event, bool)
{
    if (!isBusy())
        return {};
    m_pixelStep = event.imagePixelsPerScreenPixel;
    m_isStraight = event.alt;
    m_isSnapped = isAtStart(event);
    m_live = wayTo(m_isSnapped ? m_clicks.front().at : intoImage(event.position, context.imageSize));
    return {};
}

ToolResult ScissorsTool::finish(const ToolContext &context)
{
    if (!isBusy())
        return {.handled = false};
    const ScissorsOptions options = optionsFrom(table(), context);
    auto points = border();
    if (m_clicks.size() >= 2) { // the way home follows the edges too
        auto home = simplified(wayTo(m_clicks.front().at), options.tolerancePx);
        home.pop_back();
        points.insert(points.end(), home.begin(), home.end());
    }
    if (points.size() < kFewestPoints)
        return {};
    cancel();
    Shape shape{.label = context.label, .points = std::move(points)};
    if (options.result == "mask")
        return {.edit = pixelEdit(context, shapeMask(shape, context.imageSize), PaintFilter::Gesture::Paint)};
    return {.edit = unlessEmpty(drawEdit(context.annotation, std::move(shape), context.imageSize, context.rules()))};
}

ToolResult ScissorsTool::back(const ToolContext &)
{
    if (!isBusy())
        return {.handled = false};
    m_clicks.pop_back();
    m_live.clear();
    if (m_clicks.empty())
        cancel();
    return {};
}

ToolResult ScissorsTool::cancel()
{
    const bool wasBusy = isBusy();
    m_clicks.clear();
    m_live.clear();
    m_map.reset();
    m_mapFrom.reset();
    m_isRunning = m_isSnapped = false;
    return {.handled = wasBusy};
}

ToolWork ScissorsTool::nextWork(const ToolContext &context)
{
    if (m_isRunning || !isBusy() || m_mapFrom == m_clicks.back().at || context.image.empty())
        return {};
    m_isRunning = true;
    m_map.reset();
    m_mapFrom = m_clicks.back().at;
    return [image = context.image, from = *m_mapFrom, step = m_pixelStep](const std::stop_token &) {
        return std::any(std::make_shared<const EdgeMap>(image, from, step));
    };
}

ToolResult ScissorsTool::takeWork(const ToolContext &, std::any work)
{
    m_isRunning = false;
    if (work.has_value())
        m_map = std::any_cast<std::shared_ptr<const EdgeMap>>(std::move(work));
    if (!m_live.empty())
        m_live = wayTo(m_live.back());
    return {};
}

ToolPreview ScissorsTool::preview(const ToolContext &) const
{
    if (!isBusy())
        return {};
    ToolPreview preview{.outline = border(), .closed = false};
    preview.outline.insert(preview.outline.end(), m_live.begin(), m_live.end());
    for (const Click &click : m_clicks)
        preview.handles.push_back(click.at);
    if (m_isSnapped)
        preview.activeHandle = 0;
    return preview;
}

} // namespace masque
