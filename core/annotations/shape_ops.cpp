// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/shape_ops.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/shape_replacement.h"

#include <algorithm>
#include <numeric>
#include <ranges>

namespace masque {

namespace {

bool isArea(const Shape &shape)
{
    return shape.type == ShapeType::Polygon || shape.type == ShapeType::Rectangle
           || shape.type == ShapeType::OrientedRectangle || shape.type == ShapeType::Circle
           || shape.type == ShapeType::Mask;
}

Mask pixelsOf(const Shape &shape, Size imageSize)
{
    return shape.type == ShapeType::Mask ? *shape.mask : shapeMask(shape, imageSize);
}

std::int64_t nextGroup(const Annotation &annotation)
{
    std::int64_t next = 1;
    for (const Shape &shape : annotation.shapes)
        if (shape.groupId)
            next = std::max(next, *shape.groupId + 1);
    return next;
}

/// The shape as a mask or polygon that its fields other than the outline stay with.
Shape asMask(Shape shape, Mask mask)
{
    shape.type = ShapeType::Mask;
    shape.points.clear();
    shape.mask = std::make_shared<const Mask>(std::move(mask));
    return shape;
}

Shape asPolygon(Shape shape, std::vector<Point> points)
{
    shape.type = ShapeType::Polygon;
    shape.mask.reset();
    shape.points = std::move(points);
    return shape;
}

std::vector<TracedRegion> regionsOf(const Mask &mask, double tolerancePx = 0, double minAreaPx = 0)
{
    return traceMask(mask.bits, {double(mask.box.x), double(mask.box.y)}, tolerancePx, minAreaPx);
}

std::vector<std::size_t> placesOf(const Annotation &annotation, const std::set<ShapeId> &ids)
{
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < annotation.shapes.size(); ++i)
        if (ids.contains(annotation.shapes[i].id))
            places.push_back(i);
    return places;
}

void giveGroup(std::vector<Shape> &parts, std::int64_t group)
{
    if (parts.size() > 1)
        for (Shape &part : parts)
            if (!part.groupId)
                part.groupId = group;
}

/// The shapes in the wanted order of their places, as moves of single ones: from the top where they go up, so that each
/// is moved once.
Edit arrangeShapes(const Annotation &annotation, const std::vector<std::size_t> &wanted, bool isUpwards,
                   std::string name)
{
    const std::size_t count = wanted.size();
    Edit edit{.name = std::move(name), .shapes = {}};
    std::vector<std::size_t> now(count);
    std::iota(now.begin(), now.end(), std::size_t{0});
    const auto moveTo = [&](std::size_t target) {
        const auto found = std::find(now.begin(), now.end(), wanted[target]);
        const auto from = static_cast<std::size_t>(found - now.begin());
        if (from == target)
            return;
        const Shape &shape = annotation.shapes[wanted[target]];
        edit.shapes.push_back({shape, shape, from, target});
        now.erase(found);
        now.insert(now.begin() + static_cast<std::ptrdiff_t>(target), wanted[target]);
    };
    for (std::size_t k = 0; k < count; ++k)
        moveTo(isUpwards ? count - 1 - k : k);
    return edit;
}

} // namespace

double maskIou(const Mask &a, const Mask &b)
{
    Agreement agreement;
    agreement.add(a, b);
    return agreement.iou();
}

std::string nameOfShapes(const Annotation &annotation, const std::set<ShapeId> &ids)
{
    const auto places = placesOf(annotation, ids);
    return places.size() == 1 ? annotation.shapes[places.front()].label : std::to_string(places.size()) + " shapes";
}

ShapeOperation combineShapes(const Annotation &annotation, const std::set<ShapeId> &ids, Boolean operation,
                             Size imageSize)
{
    auto places = placesOf(annotation, ids);
    std::erase_if(places, [&](std::size_t i) { return !isArea(annotation.shapes[i]); });
    if (places.size() < 2)
        return {};
    const Shape &base = annotation.shapes[places.front()];
    Mask result = pixelsOf(base, imageSize);
    bool isVector = base.type != ShapeType::Mask;
    std::size_t pointsBefore = base.points.size();
    for (const std::size_t place : places | std::views::drop(1)) {
        const Shape &shape = annotation.shapes[place];
        const Mask other = pixelsOf(shape, imageSize);
        isVector = isVector && shape.type != ShapeType::Mask;
        pointsBefore += shape.points.size();
        switch (operation) {
        case Boolean::Unite: result = united(result, other); break;
        case Boolean::Subtract: result = subtracted(result, other); break;
        case Boolean::Intersect: result = intersection(result, other); break;
        case Boolean::Exclude: result = united(subtracted(result, other), subtracted(other, result)); break;
        }
    }

    std::vector<Shape> parts;
    bool becameMask = false;
    if (!result.box.isEmpty()) {
        if (isVector) {
            Mask drawn;
            for (TracedRegion &region : regionsOf(result)) {
                parts.push_back(asPolygon(base, std::move(region.outer)));
                drawn = united(drawn, shapeMask(parts.back(), imageSize));
            }
            becameMask = !(drawn == result); // a hole, or hair lines that outlines cannot follow
        }
        if (!isVector || becameMask)
            parts = {asMask(base, std::move(result))};
        giveGroup(parts, nextGroup(annotation));
    }

    static constexpr const char *kVerbs[] = {"Unite ", "Subtract ", "Intersect ", "Exclude "};
    Replacement replacement(annotation);
    for (const std::size_t place : places | std::views::drop(1) | std::views::reverse)
        replacement.replace(place, {});
    replacement.replace(places.front(), std::move(parts));
    ShapeOperation out = std::move(replacement.operation());
    out.edit.name = kVerbs[static_cast<int>(operation)] + std::to_string(places.size()) + " shapes";
    out.becameMask = becameMask;
    out.pointsBefore = pointsBefore;
    for (const auto &change : out.edit.shapes)
        out.pointsAfter += change.after ? change.after->points.size() : 0;
    return out;
}

ShapeOperation shapesToPolygons(const Annotation &annotation, const std::set<ShapeId> &ids, Size imageSize,
                                double tolerancePx, double minAreaPx)
{
    Replacement replacement(annotation);
    ShapeOperation &out = replacement.operation();
    Agreement agreement;
    std::int64_t group = nextGroup(annotation);
    for (const std::size_t place : placesOf(annotation, ids) | std::views::reverse) {
        const Shape &shape = annotation.shapes[place];
        if (!isArea(shape) || shape.type == ShapeType::Polygon)
            continue;
        const Mask own = pixelsOf(shape, imageSize);
        auto regions = regionsOf(own, tolerancePx, minAreaPx);
        if (regions.empty()) // all of it is too small: better kept as it is
            continue;
        out.lostRegions += static_cast<int>(regionsOf(own).size() - regions.size());
        std::vector<Shape> parts;
        Mask after;
        for (TracedRegion &region : regions) {
            out.lostHoles += static_cast<int>(region.holes.size());
            out.pointsAfter += region.outer.size();
            parts.push_back(asPolygon(shape, std::move(region.outer)));
            after = united(after, shapeMask(parts.back(), imageSize));
        }
        agreement.add(own, after);
        if (parts.size() > 1 && !shape.groupId)
            giveGroup(parts, group++);
        replacement.replace(place, std::move(parts));
    }
    out.iou = agreement.iou();
    out.edit.name = "Make polygons of " + nameOfShapes(annotation, ids);
    return std::move(out);
}

ShapeOperation shapesToMasks(const Annotation &annotation, const std::set<ShapeId> &ids, Size imageSize)
{
    Replacement replacement(annotation);
    ShapeOperation &out = replacement.operation();
    for (const std::size_t place : placesOf(annotation, ids) | std::views::reverse) {
        const Shape &shape = annotation.shapes[place];
        if (shape.type == ShapeType::Mask || shape.type == ShapeType::Other)
            continue;
        Mask pixels = shapeMask(shape, imageSize);
        if (pixels.box.isEmpty())
            continue;
        out.pointsBefore += shape.points.size();
        replacement.replace(place, {asMask(shape, std::move(pixels))});
    }
    out.edit.name = "Make masks of " + nameOfShapes(annotation, ids);
    return std::move(out);
}

Edit reorderShapes(const Annotation &annotation, const std::set<ShapeId> &ids, Order order)
{
    const std::size_t count = annotation.shapes.size();
    std::vector<std::size_t> wanted(count);
    std::iota(wanted.begin(), wanted.end(), std::size_t{0});
    const auto isChosen = [&](std::size_t i) { return ids.contains(annotation.shapes[i].id); };
    switch (order) {
    case Order::ToFront:
        std::stable_partition(wanted.begin(), wanted.end(), [&](std::size_t i) { return !isChosen(i); });
        break;
    case Order::ToBack: std::stable_partition(wanted.begin(), wanted.end(), isChosen); break;
    case Order::Forward:
        for (std::size_t i = count; i-- > 1;)
            if (isChosen(wanted[i - 1]) && !isChosen(wanted[i]))
                std::swap(wanted[i - 1], wanted[i]);
        break;
    case Order::Backward:
        for (std::size_t i = 1; i < count; ++i)
            if (isChosen(wanted[i]) && !isChosen(wanted[i - 1]))
                std::swap(wanted[i], wanted[i - 1]);
        break;
    }
    static constexpr const char *kNames[] = {"Bring to front", "Bring forward", "Send backward", "Send to back"};
    const bool isUpwards = order == Order::ToFront || order == Order::Forward;
    return arrangeShapes(annotation, wanted, isUpwards, kNames[static_cast<int>(order)]);
}

Edit moveShapesUnder(const Annotation &annotation, const std::set<ShapeId> &ids, std::optional<ShapeId> upper)
{
    const std::size_t count = annotation.shapes.size();
    std::size_t place = count; // of the lowest shape that stays above
    if (const auto index = upper ? annotation.indexOf(*upper) : std::nullopt)
        place = *index;
    while (place < count && ids.contains(annotation.shapes[place].id))
        ++place;
    std::vector<std::size_t> below, moved, above;
    for (std::size_t i = 0; i < count; ++i)
        (ids.contains(annotation.shapes[i].id) ? moved : i < place ? below : above).push_back(i);
    const bool isUpwards = !moved.empty() && moved.front() < place;
    std::vector<std::size_t> wanted = std::move(below);
    wanted.insert(wanted.end(), moved.begin(), moved.end());
    wanted.insert(wanted.end(), above.begin(), above.end());
    return arrangeShapes(annotation, wanted, isUpwards, "Reorder " + nameOfShapes(annotation, ids));
}

Edit groupShapes(const Annotation &annotation, const std::set<ShapeId> &ids)
{
    const std::int64_t group = nextGroup(annotation);
    return changeShapes(annotation, ids, "Group " + nameOfShapes(annotation, ids),
                        [group](Shape &shape) { shape.groupId = group; });
}

Edit ungroupShapes(const Annotation &annotation, const std::set<ShapeId> &ids)
{
    return changeShapes(annotation, ids, "Ungroup " + nameOfShapes(annotation, ids),
                        [](Shape &shape) { shape.groupId.reset(); });
}

} // namespace masque
