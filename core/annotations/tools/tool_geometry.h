// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

#include <algorithm>
#include <cmath>
#include <vector>

/// Small geometry that the tools share.
namespace masque {

/// How near, in screen pixels, counts as on a vertex or an edge, as in labelme.
inline constexpr double kReachScreenPx = 10;
/// How far, in screen pixels, the pointer may tremble in a click.
inline constexpr double kTrembleScreenPx = 3;

inline double distance(Point a, Point b)
{
    return std::hypot(a.x - b.x, a.y - b.y);
}

/// How far to the right on the screen the pointer has gone since it was at from, in image pixels.
inline double wayToTheRight(Point from, const PointerEvent &event)
{
    const Point way = event.position - from;
    return way.x * event.rightOnScreen.x + way.y * event.rightOnScreen.y;
}

inline double distanceToSegment(Point p, Point a, Point b)
{
    const Point d = b - a;
    const double square = d.x * d.x + d.y * d.y;
    const double t = square > 0 ? std::clamp(((p.x - a.x) * d.x + (p.y - a.y) * d.y) / square, 0.0, 1.0) : 0;
    return distance(p, a + d * t);
}

/// The point nearest to `to` on the eight ways from `from`: level, upright, diagonal.
inline Point on45Degrees(Point from, Point to)
{
    const Point d = to - from;
    const double quarter = std::atan(1.0), angle = std::round(std::atan2(d.y, d.x) / quarter) * quarter;
    const Point way{std::cos(angle), std::sin(angle)};
    const double along = d.x * way.x + d.y * way.y;
    const auto exact = [](double v) { return std::abs(v) < 1e-9 ? 0.0 : v; };
    return from + Point{exact(way.x) * along, exact(way.y) * along};
}

/// The nearest point of the image, its right and bottom edges included.
inline Point intoImage(Point p, Size image)
{
    return {std::clamp(p.x, 0.0, double(image.width)), std::clamp(p.y, 0.0, double(image.height))};
}

/// A circle by its centre and a point on its rim, as a closed line.
inline std::vector<Point> circleLine(Point centre, Point rim)
{
    constexpr int kSides = 96;
    std::vector<Point> line;
    for (int i = 0; i < kSides; ++i) {
        const double angle = i * 8 * std::atan(1.0) / kSides, radius = distance(centre, rim);
        line.push_back(centre + Point{radius * std::cos(angle), radius * std::sin(angle)});
    }
    return line;
}

/// The pixel under p, if it is one of the image.
inline std::optional<cv::Point> pixelAt(Point p, Size image)
{
    if (!(p.x >= 0 && p.y >= 0 && p.x < image.width && p.y < image.height))
        return {};
    return cv::Point(static_cast<int>(p.x), static_cast<int>(p.y));
}

/// Pixels around points, marginPx wider on every side; marginPx covers what is drawn in screen pixels.
inline Rect rectAround(const std::vector<Point> &points, double marginPx)
{
    Rect out;
    for (const Point &p : points) {
        const auto low = [&](double v) { return static_cast<int>(std::floor(std::clamp(v - marginPx, -1e8, 1e8))); };
        const auto high = [&](double v) { return static_cast<int>(std::ceil(std::clamp(v + marginPx, -1e8, 1e8))); };
        out = out.united({low(p.x), low(p.y), high(p.x) - low(p.x) + 1, high(p.y) - low(p.y) + 1});
    }
    return out;
}

} // namespace masque
