// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/SelectTool.h"

#include "core/annotations/tools/shape_handles.h"
#include "core/annotations/tools/snap.h"
#include "core/annotations/tools/tool_geometry.h"

#include <numeric>
#include <ranges>

namespace masque {

namespace {

/// Positions of the shapes within reach, ascending.
std::vector<std::size_t> shapesNear(const ToolContext &context, Point position, double reachPx)
{
    if (context.grid && context.grid->size() == context.annotation.shapes.size())
        return context.grid->touching(rectAround({position}, reachPx + 1));
    std::vector<std::size_t> all(context.annotation.shapes.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

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

/// The part of delta that keeps shapes which lie inside the image inside.
Point keepInside(const std::vector<Shape> &shapes, Point delta, Size image)
{
    Point low{1e30, 1e30}, high{-1e30, -1e30};
    const auto include = [&](Point p) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    };
    for (const Shape &shape : shapes) {
        std::ranges::for_each(shape.points, include);
        if (shape.mask) {
            include({double(shape.mask->box.x), double(shape.mask->box.y)});
            include({double(shape.mask->box.right()), double(shape.mask->box.bottom())});
        }
    }
    const auto limit = [](double d, double from, double to, double side) {
        return std::clamp(d, std::min(-from, 0.0), std::max(side - to, 0.0));
    };
    return {limit(delta.x, low.x, high.x, image.width), limit(delta.y, low.y, high.y, image.height)};
}

/// True if the box holds all of the shape.
bool isInside(const Shape &shape, Point low, Point high)
{
    const auto holds = [&](Point p) { return p.x >= low.x && p.y >= low.y && p.x <= high.x && p.y <= high.y; };
    if (shape.mask) {
        const Rect &box = shape.mask->box;
        return holds({double(box.x), double(box.y)}) && holds({double(box.right()), double(box.bottom())});
    }
    if (shape.type == ShapeType::Circle && shape.points.size() == 2) {
        const double radius = distance(shape.points[0], shape.points[1]);
        return holds(shape.points[0] - Point{radius, radius}) && holds(shape.points[0] + Point{radius, radius});
    }
    return !shape.points.empty() && std::ranges::all_of(shape.points, holds);
}

std::string moveName(const std::vector<Shape> &shapes)
{
    return shapes.size() == 1 ? "Move " + shapes.front().label : "Move " + std::to_string(shapes.size()) + " shapes";
}

} // namespace

std::optional<SelectTool::Grip> SelectTool::gripAt(const ToolContext &context, Point position, double reachPx)
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

Rect SelectTool::drawn() const
{
    Rect out = m_band ? rectAround(bandCorners(), m_marginPx) : Rect{};
    for (const auto *shapes : {&m_base, &m_now})
        for (const Shape &shape : *shapes)
            out = out.united(shape.bounds()).united(rectAround(shape.points, m_marginPx));
    return out;
}

std::vector<Point> SelectTool::bandCorners() const
{
    return {m_pressed, {m_band->x, m_pressed.y}, *m_band, {m_pressed.x, m_band->y}};
}

/// Where the dragged vertex goes.
Point SelectTool::dragged(const ToolContext &context, const PointerEvent &event, double reachPx) const
{
    const Shape &shape = m_base.front();
    if (event.shift)
        return intoImage(on45Degrees(handlesOf(shape)[*m_handle], event.position), context.imageSize);
    if (!event.alt) {
        const auto others = snapTo(context, event.position, reachPx, {shape.id});
        if (others)
            return others->point;
        // Its own vertices count as well, but for the two beside it, from which it must get away.
        const auto own = handlesOf(shape);
        for (std::size_t i = 0; i < own.size() && shape.type == ShapeType::Polygon; ++i) {
            const std::size_t apart = (i + own.size() - *m_handle) % own.size();
            if (apart > 1 && apart + 1 < own.size() && distance(own[i], event.position) <= reachPx)
                return own[i];
        }
    }
    return intoImage(event.position, context.imageSize);
}

ToolResult SelectTool::press(const ToolContext &context, const PointerEvent &event)
{
    cancel();
    m_pressed = event.position;
    m_marginPx = kReachScreenPx * event.imagePixelsPerScreenPixel;
    if (event.alt || !event.control)
        if (auto result = pressVertex(context, event, m_marginPx); result.handled)
            return result;
    return event.alt ? ToolResult{.handled = false} : pressShape(context, event, m_marginPx);
}

ToolResult SelectTool::pressVertex(const ToolContext &context, const PointerEvent &event, double reachPx)
{
    ToolResult result{.handled = false};
    const auto grip = gripAt(context, event.position, reachPx);
    if (event.alt && event.shift) {
        if (grip)
            if (auto less = withoutVertex(*context.annotation.find(grip->shape), grip->handle)) {
                result.dirty = rectAround(context.annotation.find(grip->shape)->points, reachPx);
                result.edit = replaceShape(context.annotation, std::move(*less), "Remove point");
                result.handled = true;
            }
        return result;
    }
    if (event.alt) {
        visitTopmostFirst(context, event.position, reachPx, [&](const Shape &shape) {
            const auto edge = edgeAt(shape, event.position, reachPx);
            if (!edge)
                return false;
            m_handle = *edge + 1;
            m_base = {withVertexAfter(shape, *edge, intoImage(event.position, context.imageSize))};
            m_now = m_base;
            m_name = "Add point";
            return true;
        });
    } else if (grip) {
        m_handle = grip->handle;
        m_base = {*context.annotation.find(grip->shape)};
        m_name = "Move point";
    }
    if (!m_base.empty()) {
        result.handled = true;
        result.dirty = drawn();
        if (!context.selection.contains(m_base.front().id))
            result.selection = std::set<ShapeId>{m_base.front().id};
    }
    return result;
}

ToolResult SelectTool::pressShape(const ToolContext &context, const PointerEvent &event, double reachPx)
{
    const Shape *hit = nullptr;
    for (const std::size_t i : shapesNear(context, event.position, reachPx) | std::views::reverse) {
        const Shape &shape = context.annotation.shapes[i];
        if (!context.protectedShapes.contains(shape.id) && isHit(shape, event.position, reachPx)) {
            hit = &shape;
            break;
        }
    }
    ToolResult result;
    auto selection = context.selection;
    if (!hit) {
        if (!event.control)
            selection.clear();
        m_band = event.position;
    } else if (event.control) {
        if (selection.erase(hit->id) == 0)
            selection.insert(hit->id);
    } else {
        if (selection.contains(hit->id))
            m_clicked = hit->id;
        else
            selection = {hit->id};
        for (const Shape &shape : context.annotation.shapes)
            if (selection.contains(shape.id) && !context.protectedShapes.contains(shape.id))
                m_base.push_back(shape);
        m_name = moveName(m_base);
    }
    if (selection != context.selection)
        result.selection = std::move(selection);
    return result;
}

ToolResult SelectTool::move(const ToolContext &context, const PointerEvent &event, bool buttonDown)
{
    m_marginPx = kReachScreenPx * event.imagePixelsPerScreenPixel;
    if (m_band && buttonDown) {
        const Rect before = drawn();
        m_band = event.position;
        return {.dirty = before.united(drawn())};
    }
    if (m_base.empty() || !buttonDown) {
        const auto grip = gripAt(context, event.position, m_marginPx);
        const bool changed = grip != m_hovered;
        m_hovered = grip;
        return {.dirty = changed ? rectAround({event.position}, 2 * m_marginPx) : Rect{}};
    }
    if (m_now.empty() && distance(event.position, m_pressed) < kTrembleScreenPx * event.imagePixelsPerScreenPixel)
        return {};
    const Rect before = drawn();
    if (m_handle) {
        m_now = {withHandleAt(m_base.front(), *m_handle, dragged(context, event, m_marginPx))};
    } else {
        const Point to = event.shift ? on45Degrees(m_pressed, event.position) : event.position;
        const Point delta = keepInside(m_base, to - m_pressed, context.imageSize);
        m_now.clear();
        for (const Shape &shape : m_base)
            m_now.push_back(movedBy(shape, delta));
    }
    return {.dirty = before.united(drawn())};
}

ToolResult SelectTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (m_band) {
        ToolResult result{.dirty = drawn()};
        if (distance(*m_band, m_pressed) >= kTrembleScreenPx * event.imagePixelsPerScreenPixel) {
            const Point low{std::min(m_band->x, m_pressed.x), std::min(m_band->y, m_pressed.y)};
            const Point high{std::max(m_band->x, m_pressed.x), std::max(m_band->y, m_pressed.y)};
            auto selection = event.control ? context.selection : std::set<ShapeId>();
            for (const Shape &shape : context.annotation.shapes)
                if (!context.protectedShapes.contains(shape.id) && isInside(shape, low, high))
                    selection.insert(shape.id);
            if (selection != context.selection)
                result.selection = std::move(selection);
        }
        cancel();
        return result;
    }
    if (m_base.empty())
        return {.handled = false};
    ToolResult result{.dirty = drawn()};
    if (!m_now.empty()) {
        Edit edit{.name = m_name, .shapes = {}};
        for (Shape &shape : m_now) {
            const Shape *old = context.annotation.find(shape.id);
            if (old && !sameContent(*old, shape))
                std::ranges::move(replaceShape(context.annotation, std::move(shape), {}).shapes,
                                  std::back_inserter(edit.shapes));
        }
        if (!edit.isEmpty())
            result.edit = std::move(edit);
    } else if (m_clicked && context.selection.size() > 1) {
        result.selection = std::set<ShapeId>{*m_clicked};
    }
    cancel();
    return result;
}

ToolResult SelectTool::cancel()
{
    ToolResult result{.dirty = drawn(), .handled = isBusy()};
    m_band.reset();
    m_base.clear();
    m_now.clear();
    m_handle.reset();
    m_clicked.reset();
    return result;
}

ToolPreview SelectTool::preview(const ToolContext &context) const
{
    ToolPreview preview;
    const auto addHandles = [&](const Shape &shape, std::optional<std::size_t> active) {
        const auto handles = handlesOf(shape);
        if (active && *active < handles.size())
            preview.activeHandle = preview.handles.size() + *active;
        preview.handles.insert(preview.handles.end(), handles.begin(), handles.end());
    };
    if (!m_now.empty()) {
        preview.shape = m_now.front();
        preview.moreShapes.assign(m_now.begin() + 1, m_now.end());
        for (const Shape &shape : m_now)
            addHandles(shape, m_handle);
        return preview;
    }
    if (m_band) {
        preview.outline = bandCorners();
        preview.closed = true;
        return preview;
    }
    for (const Shape &shape : context.annotation.shapes) {
        const bool hovered = m_hovered && m_hovered->shape == shape.id;
        if ((hovered || context.selection.contains(shape.id)) && !context.protectedShapes.contains(shape.id))
            addHandles(shape, hovered ? std::optional(m_hovered->handle) : std::nullopt);
    }
    return preview;
}

} // namespace masque
