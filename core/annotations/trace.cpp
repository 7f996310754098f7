// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>

namespace masque {

namespace {

/// How pixels hang together: a region also over corners, so its holes only over edges.
enum class Neighbours { Four = 4, Eight = 8 };

/// Walks clockwise around the one connected region of bits and notes where it turns. Moore's boundary tracing; unlike
/// cv::findContours it can follow a region that hangs together over edges only.
std::vector<cv::Point> followBorder(const cv::Mat1b &bits, Neighbours neighbours)
{
    static const cv::Point kSteps[] = {{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}};
    const int turn = neighbours == Neighbours::Eight ? 1 : 2;
    const auto next = [&](cv::Point at, int arrived) {
        for (int i = turn; i <= 8; i += turn) { // from the left side of the way back clockwise
            const int direction = (arrived + 4 + i) % 8;
            const cv::Point p = at + kSteps[direction];
            if (p.x >= 0 && p.y >= 0 && p.x < bits.cols && p.y < bits.rows && bits(p))
                return direction;
        }
        return -1;
    };
    const auto *first = std::find_if(bits[0], bits[0] + bits.cols, [](std::uint8_t bit) { return bit != 0; });
    const cv::Point start(static_cast<int>(first - bits[0]), 0);
    std::vector<cv::Point> turns{start};
    const int firstDirection = next(start, 0);
    if (firstDirection < 0)
        return turns;
    cv::Point at = start + kSteps[firstDirection];
    for (int direction = firstDirection;;) {
        const int following = next(at, direction);
        if (at == start && following == firstDirection)
            return turns;
        if (following != direction)
            turns.push_back(at);
        direction = following;
        at += kSteps[direction];
    }
}

/// The outline of one connected region (touching the top row) through its outermost pixels' centres, at least three
/// points.
std::vector<Point> outline(const cv::Mat1b &region, Neighbours neighbours, Point corner, double tolerancePx)
{
    auto turns = followBorder(region, neighbours);
    if (tolerancePx > 0) {
        std::vector<cv::Point> simple;
        cv::approxPolyDP(turns, simple, tolerancePx, true);
        if (simple.size() >= 3)
            turns = std::move(simple);
    }
    std::vector<Point> points;
    for (const auto &p : turns)
        points.push_back(corner + Point{p.x + 0.5, p.y + 0.5});
    while (points.size() < 3)
        points.push_back(points.back()); // a line or a dot: LabelMe's polygons have three points
    return points;
}

struct Component {
    Rect box;
    cv::Mat1b pixels;
};

/// The connected regions of at least minAreaPx pixels.
std::vector<Component> components(const cv::Mat1b &mask, Neighbours neighbours, double minAreaPx)
{
    cv::Mat labels, stats, centroids;
    const int count =
        cv::connectedComponentsWithStats(mask, labels, stats, centroids, static_cast<int>(neighbours), CV_32S);
    std::vector<Component> out;
    for (int i = 1; i < count; ++i) {
        if (stats.at<int>(i, cv::CC_STAT_AREA) < minAreaPx)
            continue;
        const Rect box{stats.at<int>(i, cv::CC_STAT_LEFT), stats.at<int>(i, cv::CC_STAT_TOP),
                       stats.at<int>(i, cv::CC_STAT_WIDTH), stats.at<int>(i, cv::CC_STAT_HEIGHT)};
        out.push_back({box, whereEqual(labels(toCv(box)), i)});
    }
    return out;
}

TracedRegion trace(const Component &component, Point origin, double tolerancePx)
{
    const Point corner = origin + Point{double(component.box.x), double(component.box.y)};
    TracedRegion region{outline(component.pixels, Neighbours::Eight, corner, tolerancePx), {}};

    // What the exact outline encloses and the region has not: its holes, whatever lies in them.
    Shape filled{.points = outline(component.pixels, Neighbours::Eight, {}, 0)};
    cv::Mat1b inside = blankBits(component.pixels.size());
    paintShape(inside, {}, filled, 255);
    inside.setTo(0, component.pixels);
    if (cv::countNonZero(inside) > 0)
        for (const Component &hole : components(inside, Neighbours::Four, 0))
            region.holes.push_back(outline(hole.pixels, Neighbours::Four,
                                           corner + Point{double(hole.box.x), double(hole.box.y)}, tolerancePx));
    return region;
}

std::vector<Component> componentsInBox(const cv::Mat1b &mask, double minAreaPx)
{
    const Rect used = contentBox(mask);
    if (used.isEmpty())
        return {};
    auto found = components(mask(toCv(used)), Neighbours::Eight, minAreaPx);
    for (Component &component : found) {
        component.box.x += used.x;
        component.box.y += used.y;
    }
    return found;
}

} // namespace

std::vector<TracedRegion> traceMask(const cv::Mat1b &mask, Point origin, double tolerancePx, double minAreaPx)
{
    std::vector<TracedRegion> regions;
    if (!mask.empty())
        for (const Component &component : componentsInBox(mask, minAreaPx))
            regions.push_back(trace(component, origin, tolerancePx));
    return regions;
}

std::vector<Shape> shapesFromLabelMap(const cv::Mat1b &ids, const LabelSet &labels, ShapeStyle style,
                                      double tolerancePx, double minAreaPx)
{
    std::array<Rect, 256> boxes{};
    for (int y = 0; y < ids.rows; ++y)
        for (int x = 0; x < ids.cols;) {
            const int start = x;
            const auto id = ids(y, x);
            while (x < ids.cols && ids(y, x) == id)
                ++x;
            boxes[id] = boxes[id].united({start, y, x - start, 1});
        }

    std::vector<Shape> shapes;
    const auto addMask = [&](const std::string &label, const Rect &box, const cv::Mat1b &pixels) {
        Shape shape{.label = label, .type = ShapeType::Mask};
        cv::Mat1b bits;
        cv::min(pixels, 1, bits);
        shape.mask = std::make_shared<const Mask>(Mask{box, bits});
        shapes.push_back(std::move(shape));
    };
    for (int id = labels.hasBackground() ? 1 : 0; id < labels.size(); ++id) {
        const Rect box = boxes[static_cast<std::size_t>(id)];
        if (box.isEmpty())
            continue;
        const std::string &label = labels[id].name;
        const cv::Mat1b pixels = whereEqual(ids(toCv(box)), id);
        if (style == ShapeStyle::Masks) {
            addMask(label, box, pixels);
            continue;
        }
        for (Component &component : componentsInBox(pixels, minAreaPx)) {
            component.box.x += box.x;
            component.box.y += box.y;
            auto region = trace(component, {}, tolerancePx);
            if (region.holes.empty())
                shapes.push_back({.label = label, .points = std::move(region.outer)});
            else
                addMask(label, component.box, component.pixels);
        }
    }
    return shapes;
}

} // namespace masque
