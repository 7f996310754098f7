// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/snap.h"

#include "core/annotations/tools/pick.h"
#include "core/annotations/tools/shape_handles.h"
#include "core/annotations/tools/tool_geometry.h"

namespace masque {

namespace {

bool hasBorder(const Shape &shape)
{
    return shape.type == ShapeType::Polygon || shape.type == ShapeType::Rectangle
           || shape.type == ShapeType::OrientedRectangle || shape.type == ShapeType::LineStrip
           || shape.type == ShapeType::Line;
}

bool isClosed(const Shape &shape)
{
    return shape.type != ShapeType::LineStrip && shape.type != ShapeType::Line;
}

} // namespace

std::optional<BorderPlace> snapTo(const ToolContext &context, Point position, double reachPx,
                                  const std::set<ShapeId> &leaveOut)
{
    std::optional<BorderPlace> vertex, border;
    double vertexReach = reachPx, borderReach = reachPx;
    for (const std::size_t index : shapesNear(context, position, reachPx)) {
        const Shape &shape = context.annotation.shapes[index];
        if (leaveOut.contains(shape.id) || !hasBorder(shape))
            continue;
        const auto points = handlesOf(shape);
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (const double d = distance(points[i], position); d <= vertexReach) {
                vertex = BorderPlace{shape.id, double(i), points[i]};
                vertexReach = d;
            }
            if (vertex || (i + 1 == points.size() && !isClosed(shape)))
                continue;
            const Point a = points[i], b = points[(i + 1) % points.size()];
            if (distanceToSegment(position, a, b) > borderReach)
                continue;
            const Point d = b - a;
            const double square = d.x * d.x + d.y * d.y;
            const double t =
                square > 0 ? std::clamp(((position.x - a.x) * d.x + (position.y - a.y) * d.y) / square, 0.0, 1.0) : 0;
            border = BorderPlace{shape.id, double(i) + t, a + d * t};
            borderReach = distance(position, border->point);
        }
    }
    return vertex ? vertex : border;
}

std::vector<Point> borderBetween(const Shape &shape, double from, double to)
{
    const auto points = handlesOf(shape);
    const auto count = static_cast<double>(points.size());
    const auto walk = [&](double start, double end) { // upwards, over the end of the list if need be
        std::vector<Point> way;
        if (end < start)
            end += count;
        for (double i = std::floor(start) + 1; i < end; ++i)
            way.push_back(points[static_cast<std::size_t>(std::fmod(i, count))]);
        return way;
    };
    const auto at = [&](double along) {
        const auto i = static_cast<std::size_t>(std::fmod(along, count));
        const Point a = points[i], b = points[(i + 1) % points.size()];
        return a + (b - a) * (along - std::floor(along));
    };
    const auto length = [&](const std::vector<Point> &way, double first, double last) {
        double sum = 0;
        Point before = at(first);
        for (const Point &p : way)
            sum += distance(before, std::exchange(before, p));
        return sum + distance(before, at(last));
    };
    auto forth = walk(from, to);
    if (!isClosed(shape)) {
        if (from <= to)
            return forth;
        auto back = walk(to, from);
        return {back.rbegin(), back.rend()};
    }
    auto back = walk(to, from);
    std::reverse(back.begin(), back.end());
    return length(forth, from, to) <= length(back, from, to) ? forth : back;
}

} // namespace masque
