// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/Stroke.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/tools/tool_geometry.h"

#include <cstring>

namespace masque {

namespace {

constexpr double kSmallestRadiusPx = 0.5; // one pixel

/// A closed interval of x; empty at first.
struct Interval {
    double low = 1e30, high = -1e30;
    void include(double x)
    {
        low = std::min(low, x);
        high = std::max(high, x);
    }
};

/// Where row y crosses the convex hull of corners.
void includeHull(Interval &row, const std::vector<Point> &corners, double y)
{
    for (std::size_t i = 0; i < corners.size(); ++i)
        for (std::size_t j = i + 1; j < corners.size(); ++j) {
            const Point a = corners[i], b = corners[j];
            if (std::min(a.y, b.y) > y || std::max(a.y, b.y) < y)
                continue;
            if (a.y == b.y) {
                row.include(a.x);
                row.include(b.x);
            } else {
                row.include(a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y));
            }
        }
}

void includeDisc(Interval &row, Point centre, double radius, double y)
{
    const double dy = y - centre.y;
    if (std::abs(dy) > radius)
        return;
    const double half = std::sqrt(radius * radius - dy * dy);
    row.include(centre.x - half);
    row.include(centre.x + half);
}

std::vector<Point> hullCorners(Point from, Point to, double radius, Stroke::Tip tip)
{
    if (tip == Stroke::Tip::Square) {
        const double r = radius;
        return {from + Point{-r, -r}, from + Point{r, -r}, from + Point{r, r}, from + Point{-r, r},
                to + Point{-r, -r},   to + Point{r, -r},   to + Point{r, r},   to + Point{-r, r}};
    }
    const double length = distance(from, to);
    if (length == 0)
        return {};
    const Point side{(to.y - from.y) / length * radius, (from.x - to.x) / length * radius};
    return {from + side, from - side, to + side, to - side};
}

} // namespace

Stroke::Stroke(Size imageSize, double radiusPx, Tip tip)
    : m_image{0, 0, imageSize.width, imageSize.height}, m_radius(std::max(radiusPx, kSmallestRadiusPx)), m_tip(tip)
{
}

Rect Stroke::paint(Point from, Point to)
{
    const Rect touched = rectAround({from, to}, m_radius).intersected(m_image);
    if (touched.isEmpty())
        return {};
    makeRoom(touched);
    m_used = m_used.united(touched);

    const auto corners = hullCorners(from, to, m_radius, m_tip);
    for (int y = touched.y; y < touched.bottom(); ++y) {
        Interval row;
        includeHull(row, corners, y + 0.5);
        if (m_tip == Tip::Round) {
            includeDisc(row, from, m_radius, y + 0.5);
            includeDisc(row, to, m_radius, y + 0.5);
        }
        const double first = std::max(std::ceil(row.low - 0.5), double(touched.x));
        const double last = std::min(std::floor(row.high - 0.5), touched.right() - 1.0);
        if (first <= last)
            std::memset(&m_room.bits(y - m_room.box.y, static_cast<int>(first) - m_room.box.x), 1,
                        static_cast<std::size_t>(last - first) + 1);
    }
    for (const Point &p : {from, to}) { // the pixel under the pointer, however small the tip
        const int x = static_cast<int>(std::floor(p.x)), y = static_cast<int>(std::floor(p.y));
        if (touched.contains(x, y))
            m_room.bits(y - m_room.box.y, x - m_room.box.x) = 1;
    }
    return touched;
}

void Stroke::makeRoom(const Rect &needed)
{
    if (m_room.box.united(needed) == m_room.box)
        return;
    const Rect all = m_used.united(needed);
    const int dx = std::max(64, all.width / 2), dy = std::max(64, all.height / 2);
    const Rect box = Rect{all.x - dx, all.y - dy, all.width + 2 * dx, all.height + 2 * dy}.intersected(m_image);
    Mask room{box, blankBits({box.width, box.height})};
    if (!m_used.isEmpty())
        part(m_room, m_used).bits.copyTo(part(room, m_used).bits);
    m_room = std::move(room);
}

std::shared_ptr<const Mask> Stroke::view() const
{
    return std::make_shared<const Mask>(part(m_room, m_used));
}

} // namespace masque
