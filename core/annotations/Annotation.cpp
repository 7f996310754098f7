// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Annotation.h"

#include "core/annotations/mask_ops.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace masque {

namespace {

/// Far enough for any image and near enough that sums of two never overflow an int.
constexpr double kFar = 1 << 29;

int pixel(double coordinate)
{
    return static_cast<int>(std::floor(std::clamp(coordinate, -kFar, kFar)));
}

Rect pixelsBetween(double left, double top, double right, double bottom)
{
    const int x = pixel(left), y = pixel(top);
    return {x, y, pixel(right) - x + 1, pixel(bottom) - y + 1};
}

} // namespace

bool operator==(const Mask &a, const Mask &b)
{
    if (!(a.box == b.box) || a.bits.size() != b.bits.size())
        return false;
    for (int y = 0; y < a.bits.rows; ++y)
        if (!std::equal(a.bits[y], a.bits[y] + a.bits.cols, b.bits[y]))
            return false;
    return true;
}

bool sameMask(const std::shared_ptr<const Mask> &a, const std::shared_ptr<const Mask> &b)
{
    return a == b || (a && b && *a == *b);
}

ShapeId nextShapeId()
{
    static std::atomic<ShapeId> last{0};
    return ++last;
}

Rect Shape::bounds() const
{
    if (type == ShapeType::Mask)
        return mask ? mask->box : Rect{};
    if (points.empty())
        return {};
    auto [left, right] = std::minmax_element(points.begin(), points.end(), [](auto a, auto b) { return a.x < b.x; });
    auto [top, bottom] = std::minmax_element(points.begin(), points.end(), [](auto a, auto b) { return a.y < b.y; });
    double margin = 1; // truncation towards zero may paint one pixel beyond a negative coordinate
    if (type == ShapeType::Line || type == ShapeType::LineStrip || type == ShapeType::PointShape)
        margin = 6;
    if (type == ShapeType::Circle && points.size() >= 2) {
        const double radius = std::hypot(points[1].x - points[0].x, points[1].y - points[0].y) + margin;
        return pixelsBetween(points[0].x - radius, points[0].y - radius, points[0].x + radius, points[0].y + radius);
    }
    return pixelsBetween(left->x - margin, top->y - margin, right->x + margin, bottom->y + margin);
}

bool sameContent(const Shape &a, const Shape &b)
{
    return a.label == b.label && a.type == b.type && a.points == b.points && a.groupId == b.groupId
           && a.description == b.description && a.flags == b.flags && sameMask(a.mask, b.mask);
}

const Shape *Annotation::find(ShapeId id) const
{
    const auto index = indexOf(id);
    return index ? &shapes[*index] : nullptr;
}

std::optional<std::size_t> Annotation::indexOf(ShapeId id) const
{
    const auto found = std::find_if(shapes.begin(), shapes.end(), [&](const Shape &shape) { return shape.id == id; });
    if (found == shapes.end())
        return {};
    return static_cast<std::size_t>(found - shapes.begin());
}

bool sameContent(const Annotation &a, const Annotation &b)
{
    return a.flags == b.flags && a.imagePath == b.imagePath && a.imageSize == b.imageSize && a.checked == b.checked
           && a.votes == b.votes && sameMask(a.kept, b.kept)
           && std::equal(a.shapes.begin(), a.shapes.end(), b.shapes.begin(), b.shapes.end(),
                         [](const Shape &x, const Shape &y) { return sameContent(x, y); });
}

} // namespace masque
