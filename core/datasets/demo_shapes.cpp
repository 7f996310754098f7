// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/demo_shapes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masque {

namespace {

using Points = std::vector<Point>;

Point round2(Point p)
{
    return {std::round(p.x * 100) / 100, std::round(p.y * 100) / 100};
}

Points circle(double radius, int corners)
{
    Points points;
    for (int i = 0; i <= corners; ++i) {
        const double angle = 2 * std::numbers::pi * i / corners;
        points.push_back({radius * std::cos(angle), radius * std::sin(angle)});
    }
    return points;
}

Points ring(double inner)
{
    Points points = circle(1, 48);
    Points hole = circle(inner, 40);
    std::ranges::reverse(hole);
    points.insert(points.end(), hole.begin(), hole.end());
    return points;
}

/// A square of side 2 with cells x cells square holes; bar: a bar's width as a share of a hole's.
Points mesh(int cells, double bar)
{
    const double hole = 2 / (cells + bar * (cells + 1)), pitch = hole * (1 + bar);
    Points points = {{-1, -1}};
    for (int row = 0; row < cells; ++row) {
        const double top = -1 + hole * bar + row * pitch, bottom = top + hole;
        points.push_back({-1, top});
        for (int cell = 0; cell < cells; ++cell) { // along the upper edges to the last hole
            const double left = -1 + hole * bar + cell * pitch;
            points.push_back({left, top});
            points.push_back({left + hole, top});
        }
        for (int cell = cells; cell-- > 0;) { // and back around each
            const double left = -1 + hole * bar + cell * pitch;
            points.push_back({left + hole, top});
            points.push_back({left + hole, bottom});
            points.push_back({left, bottom});
            points.push_back({left, top});
        }
        points.push_back({-1, top});
    }
    points.insert(points.end(), {{-1, 1}, {1, 1}, {1, -1}});
    return points;
}

Points plus(double arm)
{
    return {{-arm, -1}, {arm, -1}, {arm, -arm}, {1, -arm}, {1, arm},   {arm, arm},
            {arm, 1},   {-arm, 1}, {-arm, arm}, {-1, arm}, {-1, -arm}, {-arm, -arm}};
}

Points rotated(Points points, double angle)
{
    for (Point &p : points)
        p = {p.x * std::cos(angle) - p.y * std::sin(angle), p.x * std::sin(angle) + p.y * std::cos(angle)};
    return points;
}

/// Scales and moves the points so that their box has this longer side and this centre.
Points fitted(Points points, Point centre, double sizePx)
{
    const auto [left, right] = std::ranges::minmax(points, {}, &Point::x);
    const auto [top, bottom] = std::ranges::minmax(points, {}, &Point::y);
    const double scale = sizePx / std::max(right.x - left.x, bottom.y - top.y);
    const Point middle{(left.x + right.x) / 2, (top.y + bottom.y) / 2};
    for (Point &p : points)
        p = round2(centre + (p - middle) * scale);
    return points;
}

} // namespace

Shape makeDemoShape(std::size_t kind, Point centre, double sizePx, Random &random)
{
    const double angle = random.uniform(0, 2 * std::numbers::pi), choice = random.uniform();
    const bool upright = random.chance(0.5);
    Shape shape;
    shape.label = std::string(kDemoKinds[kind]);
    switch (kind) {
    case 0:
        if (upright) {
            const Point half{sizePx / 2, sizePx / 2};
            shape.type = ShapeType::Rectangle;
            shape.points = {round2(centre - half), round2(centre + half)};
            return shape;
        }
        shape.points = rotated({{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}, angle);
        break;
    case 1:
        shape.type = ShapeType::Circle;
        shape.points = {round2(centre), round2(centre + Point{sizePx / 2, 0})};
        return shape;
    case 2: shape.points = rotated({{-0.87, 0.5}, {0.87, 0.5}, {0, -1}}, angle); break;
    case 3: shape.points = rotated(ring(0.5 + 0.12 * choice), angle); break;
    case 4: shape.points = rotated(mesh(sizePx < 36 ? 2 : 3, 0.5 + 0.15 * choice), upright ? 0 : angle); break;
    default: shape.points = rotated(plus(0.28 + 0.1 * choice), angle); break;
    }
    shape.points = fitted(std::move(shape.points), centre, sizePx);
    return shape;
}

} // namespace masque
