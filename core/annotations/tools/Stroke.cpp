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

/// Corners of what the tip covers between two dabs; the discs at a round tip's ends not included.
std::vector<Point> hullCorners(Stroke::Dab from, Stroke::Dab to, Stroke::Tip tip)
{
    std::vector<Point> corners;
    if (tip == Stroke::Tip::Square) {
        for (const auto &[at, r] : {from, to})
            for (const Point corner : {Point{-r, -r}, Point{r, -r}, Point{r, r}, Point{-r, r}})
                corners.push_back(at + corner);
        return corners;
    }
    const double length = distance(from.at, to.at);
    if (length <= std::abs(from.radiusPx - to.radiusPx))
        return {}; // one disc lies in the other
    // Where the common tangents touch: at the angle whose cosine is the difference of the radii over the way.
    const Point along = (to.at - from.at) * (1 / length);
    const double cosine = (from.radiusPx - to.radiusPx) / length, sine = std::sqrt(1 - cosine * cosine);
    for (const double side : {sine, -sine}) {
        const Point normal{along.x * cosine - along.y * side, along.y * cosine + along.x * side};
        corners.push_back(from.at + normal * from.radiusPx);
        corners.push_back(to.at + normal * to.radiusPx);
    }
    return corners;
}

} // namespace

Stroke::Stroke(Size imageSize, double radiusPx, Tip tip)
    : m_image{0, 0, imageSize.width, imageSize.height}, m_radius(std::max(radiusPx, kSmallestRadiusPx)), m_tip(tip)
{
}

Stroke::Stroke(const ToolContext &context)
    : Stroke(context.imageSize, context.brushRadiusPx, context.brushSquare ? Tip::Square : Tip::Round)
{
}

Rect Stroke::paint(Dab from, Dab to)
{
    const Rect touched =
        rectAround({from.at}, from.radiusPx).united(rectAround({to.at}, to.radiusPx)).intersected(m_image);
    if (touched.isEmpty())
        return {};
    makeRoom(touched);
    m_used = m_used.united(touched);

    const auto corners = hullCorners(from, to, m_tip);
    for (int y = touched.y; y < touched.bottom(); ++y) {
        Interval row;
        includeHull(row, corners, y + 0.5);
        if (m_tip == Tip::Round) {
            includeDisc(row, from.at, from.radiusPx, y + 0.5);
            includeDisc(row, to.at, to.radiusPx, y + 0.5);
        }
        const double first = std::max(std::ceil(row.low - 0.5), double(touched.x));
        const double last = std::min(std::floor(row.high - 0.5), touched.right() - 1.0);
        if (first <= last)
            std::memset(&m_room.bits(y - m_room.box.y, static_cast<int>(first) - m_room.box.x), m_value,
                        static_cast<std::size_t>(last - first) + 1);
    }
    for (const Point &p : {from.at, to.at}) { // the pixel under the pointer, however small the tip
        const int x = static_cast<int>(std::floor(p.x)), y = static_cast<int>(std::floor(p.y));
        if (touched.contains(x, y))
            m_room.bits(y - m_room.box.y, x - m_room.box.x) = m_value;
    }
    return touched;
}

Rect Stroke::add(const Mask &mask)
{
    const Mask seen = part(mask, m_image);
    if (seen.box.isEmpty())
        return {};
    makeRoom(seen.box);
    m_used = m_used.united(seen.box);
    part(m_room, seen.box).bits.setTo(m_value, seen.bits);
    return seen.box;
}

void Stroke::takeAway(const Rect &area, const cv::Mat1b &forbidden)
{
    const Mask seen = part(m_room, area);
    if (seen.box == area)
        cv::Mat1b(seen.bits).setTo(0, forbidden);
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

Stroke::Dab brushDab(const ToolContext &context, const PointerEvent &event)
{
    return {event.position, std::max(context.brushRadiusPx * std::clamp(event.pressure, 0.0, 1.0), kSmallestRadiusPx)};
}

} // namespace masque
