// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/old_labelme.h"

#include "core/annotations/rasterise.h"

#include <algorithm>

namespace masque {

namespace {

/// The tracer gives three points to single pixels and lines too.
bool hasFewPoints(std::vector<Point> points)
{
    std::sort(points.begin(), points.end(), [](Point a, Point b) { return a.x < b.x || (a.x == b.x && a.y < b.y); });
    return std::unique(points.begin(), points.end()) - points.begin() < 3;
}

} // namespace

MaskLoss &MaskLoss::operator+=(const MaskLoss &other)
{
    masks += other.masks;
    holes += other.holes;
    regions += other.regions;
    return *this;
}

std::string describe(const MaskLoss &loss)
{
    const auto count = [](int n, const char *one, const char *many) {
        return std::to_string(n) + (n == 1 ? one : many);
    };
    std::string text;
    if (loss.holes > 0)
        text = count(loss.holes, " hole is filled", " holes are filled");
    if (loss.regions > 0)
        text += (text.empty() ? "" : " and ")
                + count(loss.regions, " region of fewer than 3 points is left out",
                        " regions of fewer than 3 points are left out");
    return text;
}

Annotation masksAsPolygons(const Annotation &annotation, MaskLoss &loss)
{
    std::int64_t lastGroup = 0;
    for (const Shape &shape : annotation.shapes)
        lastGroup = std::max(lastGroup, shape.groupId.value_or(0));
    Annotation out = annotation;
    out.shapes.clear();
    for (const Shape &shape : annotation.shapes) {
        if (shape.type != ShapeType::Mask || !shape.mask) {
            out.shapes.push_back(shape);
            continue;
        }
        ++loss.masks;
        auto regions = traceMask(shape.mask->bits, {double(shape.mask->box.x), double(shape.mask->box.y)});
        std::erase_if(regions, [&](const TracedRegion &region) {
            const bool isTooSmall = hasFewPoints(region.outer);
            loss.regions += isTooSmall;
            return isTooSmall;
        });
        Shape polygon = shape;
        polygon.type = ShapeType::Polygon;
        polygon.mask.reset();
        polygon.source.reset(); // what it says of a mask would be wrong
        if (regions.size() > 1 && !polygon.groupId)
            polygon.groupId = ++lastGroup;
        for (TracedRegion &region : regions) {
            loss.holes += static_cast<int>(region.holes.size());
            polygon.points = std::move(region.outer);
            out.shapes.push_back(polygon);
        }
    }
    return out;
}

} // namespace masque
