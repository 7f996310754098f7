// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/shape_handles.h"

#include "core/annotations/rasterise.h"
#include "core/annotations/tools/tool_geometry.h"

#include <array>

namespace masque {

namespace {

double dot(Point a, Point b)
{
    return a.x * b.x + a.y * b.y;
}

bool isClosed(const Shape &shape)
{
    return shape.type != ShapeType::Line && shape.type != ShapeType::LineStrip && shape.type != ShapeType::PointShape;
}

/// Moves corner k of an upright rectangle; the opposite corner stays.
void dragUprightCorner(std::array<Point, 4> &corners, std::size_t k, Point position)
{
    const Point old = corners[k];
    for (const std::size_t neighbour : {(k + 1) % 4, (k + 3) % 4}) {
        Point &corner = corners[neighbour];
        if (std::abs(corner.x - old.x) < std::abs(corner.y - old.y))
            corner.x = position.x;
        else
            corner.y = position.y;
    }
    corners[k] = position;
}

void dragOrientedCorner(std::vector<Point> &corners, std::size_t k, Point position)
{
    const Point fixed = corners[(k + 2) % 4], diagonal = position - fixed;
    for (const std::size_t neighbour : {(k + 1) % 4, (k + 3) % 4}) {
        const Point side = corners[neighbour] - fixed;
        if (const double square = dot(side, side); square > 0)
            corners[neighbour] = fixed + side * (dot(diagonal, side) / square);
    }
    corners[k] = position;
}

} // namespace

std::vector<Point> handlesOf(const Shape &shape)
{
    if (shape.type == ShapeType::Rectangle && shape.points.size() == 2) {
        const Point a = shape.points[0], b = shape.points[1];
        return {a, {b.x, a.y}, b, {a.x, b.y}};
    }
    return shape.points;
}

Shape withHandleAt(Shape shape, std::size_t handle, Point position)
{
    auto &points = shape.points;
    if (shape.type == ShapeType::Rectangle && points.size() == 2) {
        // Corners 0 and 2 are the points themselves, 1 has its x from the second and its y from the first.
        points[handle == 1 || handle == 2 ? 1 : 0].x = position.x;
        points[handle >= 2 ? 1 : 0].y = position.y;
    } else if (shape.type == ShapeType::Rectangle && points.size() == 4) {
        std::array<Point, 4> corners{points[0], points[1], points[2], points[3]};
        dragUprightCorner(corners, handle, position);
        points.assign(corners.begin(), corners.end());
    } else if (shape.type == ShapeType::OrientedRectangle && points.size() == 4) {
        dragOrientedCorner(points, handle, position);
    } else if (shape.type == ShapeType::Circle && handle == 0) {
        return movedBy(std::move(shape), position - shape.points[0]);
    } else if (handle < points.size()) {
        points[handle] = position;
    }
    return shape;
}

Shape movedBy(Shape shape, Point delta)
{
    for (Point &p : shape.points)
        p = p + delta;
    if (shape.mask) {
        Mask moved = *shape.mask;
        moved.box.x += static_cast<int>(std::lround(delta.x));
        moved.box.y += static_cast<int>(std::lround(delta.y));
        shape.mask = std::make_shared<const Mask>(std::move(moved));
    }
    return shape;
}

std::optional<std::size_t> edgeAt(const Shape &shape, Point position, double reachPx)
{
    if (shape.type != ShapeType::Polygon && shape.type != ShapeType::LineStrip)
        return {};
    std::optional<std::size_t> best;
    const std::size_t count = shape.points.size(), edges = isClosed(shape) ? count : count - 1;
    for (std::size_t i = 0; i < edges; ++i) {
        const double d = distanceToSegment(position, shape.points[i], shape.points[(i + 1) % count]);
        if (d <= reachPx) {
            best = i;
            reachPx = d;
        }
    }
    return best;
}

Shape withVertexAfter(Shape shape, std::size_t edge, Point position)
{
    shape.points.insert(shape.points.begin() + static_cast<std::ptrdiff_t>(edge) + 1, position);
    return shape;
}

std::optional<Shape> withoutVertices(Shape shape, const std::set<std::size_t> &vertices)
{
    const std::size_t fewest = shape.type == ShapeType::Polygon ? 3 : 2;
    if ((shape.type != ShapeType::Polygon && shape.type != ShapeType::LineStrip)
        || shape.points.size() < fewest + vertices.size())
        return {};
    for (auto vertex = vertices.rbegin(); vertex != vertices.rend(); ++vertex)
        shape.points.erase(shape.points.begin() + static_cast<std::ptrdiff_t>(*vertex));
    return shape;
}

Shape withVerticesMovedBy(Shape shape, const std::set<std::size_t> &vertices, Point delta)
{
    for (const std::size_t vertex : vertices)
        shape.points[vertex] = shape.points[vertex] + delta;
    return shape;
}

bool isHit(const Shape &shape, Point position, double reachPx)
{
    const bool isThin = !isClosed(shape) || shape.type == ShapeType::Other;
    if (isThin) {
        const std::size_t count = shape.points.size();
        for (std::size_t i = 0; i < count; ++i) {
            const bool last = i + 1 == count;
            const Point next = last && !isClosed(shape) ? shape.points[i] : shape.points[(i + 1) % count];
            if (distanceToSegment(position, shape.points[i], next) <= reachPx)
                return true;
        }
    }
    // One pixel painted by the rasteriser says what every other part of the program says.
    cv::Mat1b pixel(1, 1, std::uint8_t{0});
    paintShape(pixel, {std::floor(position.x), std::floor(position.y)}, shape, 1);
    return pixel(0, 0) != 0;
}

} // namespace masque
