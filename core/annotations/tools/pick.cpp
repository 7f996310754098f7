// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/pick.h"

#include "core/annotations/tools/shape_handles.h"
#include "core/annotations/tools/tool_geometry.h"

#include <numeric>
#include <ranges>

namespace masque {

std::vector<std::size_t> shapesNear(const ToolContext &context, Point position, double reachPx)
{
    if (context.grid && context.grid->size() == context.annotation.shapes.size())
        return context.grid->touching(rectAround({position}, reachPx + 1));
    std::vector<std::size_t> all(context.annotation.shapes.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

namespace {

/// Visits what the pointer may touch: selected shapes first, then the others, topmost first. Stops at true.
template <typename Visit>
void visitTopmostFirst(const ToolContext &context, Point position, double reachPx, Visit visit)
{
    const std::vector<std::size_t> near = shapesNear(context, position, reachPx);
    for (const bool selected : {true, false})
        for (const std::size_t i : near | std::views::reverse) {
            const Shape &shape = context.annotation.shapes[i];
            if (context.selection.contains(shape.id) == selected && !context.protectedShapes.contains(shape.id)
                && visit(shape))
                return;
        }
}

} // namespace

std::optional<Grip> gripAt(const ToolContext &context, Point position, double reachPx)
{
    std::optional<Grip> best;
    bool bestIsSelected = false;
    visitTopmostFirst(context, position, reachPx, [&](const Shape &shape) {
        const bool selected = context.selection.contains(shape.id);
        if (best && bestIsSelected && !selected)
            return true;
        const auto handles = handlesOf(shape);
        for (std::size_t i = 0; i < handles.size(); ++i)
            if (const double d = distance(handles[i], position); d <= reachPx && !(best && d == reachPx)) {
                best = Grip{shape.id, i};
                bestIsSelected = selected;
                reachPx = d;
            }
        return false;
    });
    return best;
}

std::optional<Grip> edgeUnder(const ToolContext &context, Point position, double reachPx)
{
    std::optional<Grip> found;
    visitTopmostFirst(context, position, reachPx, [&](const Shape &shape) {
        if (const auto edge = edgeAt(shape, position, reachPx))
            found = Grip{shape.id, *edge};
        return found.has_value();
    });
    return found;
}

const Shape *shapeUnder(const ToolContext &context, Point position, double reachPx)
{
    for (const std::size_t i : shapesNear(context, position, reachPx) | std::views::reverse) {
        const Shape &shape = context.annotation.shapes[i];
        if (!context.protectedShapes.contains(shape.id) && isHit(shape, position, reachPx))
            return &shape;
    }
    return nullptr;
}

PickBox::PickBox(Point a, Point b)
    : low{std::min(a.x, b.x), std::min(a.y, b.y)}, high{std::max(a.x, b.x), std::max(a.y, b.y)}
{
}

bool PickBox::holds(const Shape &shape) const
{
    if (shape.mask) {
        const Rect &box = shape.mask->box;
        return holds(Point{double(box.x), double(box.y)}) && holds(Point{double(box.right()), double(box.bottom())});
    }
    if (shape.type == ShapeType::Circle && shape.points.size() == 2) {
        const double radius = distance(shape.points[0], shape.points[1]);
        return holds(shape.points[0] - Point{radius, radius}) && holds(shape.points[0] + Point{radius, radius});
    }
    return !shape.points.empty() && std::ranges::all_of(shape.points, [this](Point p) { return holds(p); });
}

} // namespace masque
