// SPDX-License-Identifier: GPL-3.0-or-later
// Operations that change outlines: split, simplify, smooth.
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/shape_replacement.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <ranges>

namespace masque {

namespace {

double side(Point a, Point b, Point p)
{
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

/// The corners of what is cut as a polygon; nothing for other shapes.
std::vector<Point> cornersOf(const Shape &shape)
{
    if (shape.type == ShapeType::Rectangle && shape.points.size() == 2) {
        const Point a = shape.points[0], b = shape.points[1];
        return {a, {b.x, a.y}, b, {a.x, b.y}};
    }
    const bool isOutline = shape.type == ShapeType::Polygon || shape.type == ShapeType::Rectangle
                           || shape.type == ShapeType::OrientedRectangle;
    return isOutline ? shape.points : std::vector<Point>();
}

/// Walks around the outline and, at each crossing, along the cut to the crossing at its other end.
std::vector<std::vector<Point>> splitOutline(const std::vector<Point> &points, Point a, Point b)
{
    struct Crossing {
        double along; ///< on the cut, 0 at a and 1 at b
        std::size_t edge;
        Point at;
    };
    std::vector<Crossing> crossings;
    const Point cut = b - a;
    const double square = cut.x * cut.x + cut.y * cut.y;
    if (square == 0)
        return {points};
    for (std::size_t i = 0; i < points.size(); ++i) {
        const Point p = points[i], q = points[(i + 1) % points.size()];
        const double sp = side(a, b, p), sq = side(a, b, q);
        if ((sp >= 0) == (sq >= 0))
            continue;
        const Point at = p + (q - p) * (sp / (sp - sq));
        crossings.push_back({((at.x - a.x) * cut.x + (at.y - a.y) * cut.y) / square, i, at});
    }
    std::ranges::sort(crossings, {}, &Crossing::along);

    // Between crossings 2k and 2k + 1 the cut runs inside; it counts where it was drawn from border to border.
    struct Node {
        Point at;
        std::size_t partner;
        bool isCrossing;
    };
    struct Placed {
        std::size_t edge;
        double fromStart;
        Point at;
        std::size_t pair;
    };
    std::vector<Placed> placed;
    for (std::size_t k = 0; k + 1 < crossings.size(); k += 2) {
        if (crossings[k].along < 0 || crossings[k + 1].along > 1)
            continue;
        for (const std::size_t i : {k, k + 1}) {
            const Point way = crossings[i].at - points[crossings[i].edge];
            placed.push_back({crossings[i].edge, way.x * way.x + way.y * way.y, crossings[i].at, k});
        }
    }
    if (placed.empty())
        return {points};
    std::ranges::sort(placed, [](const Placed &x, const Placed &y) {
        return x.edge != y.edge ? x.edge < y.edge : x.fromStart < y.fromStart;
    });
    std::vector<Node> loop;
    std::vector<std::size_t> firstOfPair(crossings.size(), SIZE_MAX);
    auto next = placed.begin();
    for (std::size_t i = 0; i < points.size(); ++i) {
        loop.push_back({points[i], 0, false});
        for (; next != placed.end() && next->edge == i; ++next) {
            std::size_t &first = firstOfPair[next->pair];
            loop.push_back({next->at, first, true});
            if (first == SIZE_MAX)
                first = loop.size() - 1;
            else
                loop[first].partner = loop.size() - 1;
        }
    }
    std::vector<bool> visited(loop.size(), false); // by the node that a piece of outline starts from
    std::vector<std::vector<Point>> parts;
    for (std::size_t start = 0; start < loop.size(); ++start) {
        if (visited[start])
            continue;
        std::vector<Point> part;
        for (std::size_t at = start; !visited[at];) {
            visited[at] = true;
            part.push_back(loop[at].at);
            at = (at + 1) % loop.size();
            if (loop[at].isCrossing) {
                part.push_back(loop[at].at);
                at = loop[at].partner;
            }
        }
        const auto doubles = std::unique(part.begin(), part.end());
        part.erase(doubles, part.end());
        if (part.size() > 1 && part.front() == part.back())
            part.pop_back();
        if (part.size() >= 3)
            parts.push_back(std::move(part));
    }
    return parts;
}

std::vector<Mask> splitMask(const Mask &mask, Point a, Point b)
{
    Mask left{mask.box, mask.bits.clone()}, right{mask.box, mask.bits.clone()};
    for (int y = 0; y < mask.bits.rows; ++y)
        for (int x = 0; x < mask.bits.cols; ++x)
            (side(a, b, {mask.box.x + x + 0.5, mask.box.y + y + 0.5}) >= 0 ? right : left).bits(y, x) = 0;
    left = cropped(left);
    right = cropped(right);
    // A line that ends inside, or runs beside the pixels, cuts nothing.
    const auto isInside = [&](Point p) {
        const int x = static_cast<int>(std::floor(p.x)), y = static_cast<int>(std::floor(p.y));
        return mask.box.contains(x, y) && mask.bits(y - mask.box.y, x - mask.box.x);
    };
    bool isCrossed = false;
    const double length = std::max(std::abs(b.x - a.x), std::abs(b.y - a.y));
    for (double step = 0; step <= length && !isCrossed; step += 0.5)
        isCrossed = isInside(a + (b - a) * (step / length));
    if (left.box.isEmpty() || right.box.isEmpty() || !isCrossed || isInside(a) || isInside(b))
        return {mask};
    return {std::move(left), std::move(right)};
}

/// Those of points that approxPolyDP keeps, unchanged.
std::vector<Point> simplified(const std::vector<Point> &points, double tolerancePx, bool isClosed)
{
    std::vector<cv::Point2f> curve, kept;
    for (const Point &p : points)
        curve.emplace_back(static_cast<float>(p.x), static_cast<float>(p.y));
    cv::approxPolyDP(curve, kept, tolerancePx, isClosed);
    const auto less = [](const cv::Point2f &p, const cv::Point2f &q) { return p.x != q.x ? p.x < q.x : p.y < q.y; };
    const std::set<cv::Point2f, decltype(less)> known(kept.begin(), kept.end(), less);
    std::vector<Point> out;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (known.contains(curve[i]))
            out.push_back(points[i]);
    return out.size() >= (isClosed ? 3u : 2u) ? out : points;
}

std::vector<Point> smoothed(std::vector<Point> points, int strength, bool isClosed)
{
    for (int round = 0; round < strength && points.size() < 20000; ++round) {
        std::vector<Point> cut;
        const std::size_t count = points.size(), edges = isClosed ? count : count - 1;
        if (!isClosed)
            cut.push_back(points.front());
        for (std::size_t i = 0; i < edges; ++i) {
            const Point p = points[i], q = points[(i + 1) % count];
            cut.push_back(p * 0.75 + q * 0.25);
            cut.push_back(p * 0.25 + q * 0.75);
        }
        if (!isClosed)
            cut.push_back(points.back());
        points = std::move(cut);
    }
    return simplified(points, 0.1, isClosed); // corners of straight runs are no use
}

Mask smoothed(const Mask &mask, int strength)
{
    // Columns and rows of zeros around it, so that the border of the box is no border of the picture.
    const int margin = strength + 1, kernel = 2 * strength + 1;
    cv::Mat1b wide;
    cv::copyMakeBorder(mask.bits, wide, margin, margin, margin, margin, cv::BORDER_CONSTANT, 0);
    cv::threshold(wide, wide, 0, 255, cv::THRESH_BINARY);
    cv::medianBlur(wide, wide, kernel);
    cv::threshold(wide, wide, 127, 1, cv::THRESH_BINARY);
    return cropped({{mask.box.x - margin, mask.box.y - margin, wide.cols, wide.rows}, wide});
}

/// Runs change on each shape's outline and tells what became of points and pixels.
template <typename Change>
ShapeOperation changeOutlines(const Annotation &annotation, const std::set<ShapeId> &ids, std::string name,
                              Size imageSize, Change change)
{
    ShapeOperation out;
    out.edit = changeShapes(annotation, ids, std::move(name), [&](Shape &shape) {
        out.pointsBefore += shape.points.size();
        change(shape);
        out.pointsAfter += shape.points.size();
    });
    Agreement agreement;
    const auto pixels = [&](const Shape &shape) { return shape.mask ? *shape.mask : shapeMask(shape, imageSize); };
    for (const auto &changed : out.edit.shapes) {
        out.made.insert(changed.after->id);
        agreement.add(pixels(*changed.before), pixels(*changed.after));
    }
    out.iou = agreement.iou();
    return out;
}

} // namespace

ShapeOperation splitShapes(const Annotation &annotation, const std::set<ShapeId> &ids, Point a, Point b)
{
    Replacement replacement(annotation);
    for (std::size_t i = annotation.shapes.size(); i-- > 0;) {
        const Shape &shape = annotation.shapes[i];
        if (!ids.contains(shape.id))
            continue;
        std::vector<Shape> parts;
        if (shape.type == ShapeType::Mask) {
            for (Mask &mask : splitMask(*shape.mask, a, b)) {
                parts.push_back(shape);
                parts.back().mask = std::make_shared<const Mask>(std::move(mask));
            }
        } else if (const auto corners = cornersOf(shape); corners.size() >= 3) {
            for (auto &outline : splitOutline(corners, a, b)) {
                parts.push_back(shape);
                parts.back().type = ShapeType::Polygon;
                parts.back().points = std::move(outline);
            }
        }
        if (parts.size() >= 2)
            replacement.replace(i, std::move(parts));
    }
    replacement.operation().edit.name = "Split " + nameOfShapes(annotation, ids);
    return std::move(replacement.operation());
}

ShapeOperation simplifyShapes(const Annotation &annotation, const std::set<ShapeId> &ids, double tolerancePx,
                              Size imageSize)
{
    return changeOutlines(annotation, ids, "Simplify " + nameOfShapes(annotation, ids), imageSize, [&](Shape &shape) {
        if ((shape.type == ShapeType::Polygon || shape.type == ShapeType::LineStrip) && shape.points.size() > 2)
            shape.points = simplified(shape.points, tolerancePx, shape.type == ShapeType::Polygon);
    });
}

ShapeOperation smoothShapes(const Annotation &annotation, const std::set<ShapeId> &ids, int strength, Size imageSize)
{
    return changeOutlines(annotation, ids, "Smooth " + nameOfShapes(annotation, ids), imageSize, [&](Shape &shape) {
        if (strength <= 0)
            return;
        if (shape.type == ShapeType::Mask) {
            Mask mask = smoothed(*shape.mask, strength);
            if (!mask.box.isEmpty()) // a speck that would vanish stays
                shape.mask = std::make_shared<const Mask>(std::move(mask));
        } else if ((shape.type == ShapeType::Polygon || shape.type == ShapeType::LineStrip)
                   && shape.points.size() > 2) {
            shape.points = smoothed(shape.points, strength, shape.type == ShapeType::Polygon);
        }
    });
}

} // namespace masque
