// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/SelectTool.h"

#include "core/annotations/shape_ops.h"
#include "core/annotations/tools/shape_handles.h"
#include "core/annotations/tools/snap.h"
#include "core/annotations/tools/tool_geometry.h"

#include <algorithm>
#include <iterator>

namespace masque {

namespace {

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

std::string pointsName(const std::string &verb, const std::map<ShapeId, VertexChoice::Vertices> &chosen)
{
    std::size_t count = 0;
    for (const auto &[id, vertices] : chosen)
        count += vertices.size();
    return count == 1 ? verb + " point" : verb + " " + std::to_string(count) + " points";
}

/// A shape of the chosen vertices alone, for what asks where they lie.
Shape verticesAlone(const Shape &shape, const VertexChoice::Vertices &vertices)
{
    Shape alone{.id = shape.id, .type = ShapeType::LineStrip};
    for (const std::size_t vertex : vertices)
        alone.points.push_back(shape.points[vertex]);
    return alone;
}

std::string moveName(const std::vector<Shape> &shapes)
{
    return shapes.size() == 1 ? "Move " + shapes.front().label : "Move " + std::to_string(shapes.size()) + " shapes";
}

} // namespace

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
    std::set<ShapeId> moving; // what comes along is nothing to snap to
    for (const Shape &base : m_base)
        moving.insert(base.id);
    if (event.shift)
        return intoImage(on45Degrees(handlesOf(shape)[*m_handle], event.position), context.imageSize);
    if (!event.alt) {
        const auto others = snapTo(context, event.position, reachPx, moving);
        if (others)
            return others->point;
        // Its own vertices count as well, but for the two beside it, from which it must get away.
        const auto own = handlesOf(shape);
        const bool isAlone = shape.type == ShapeType::Polygon && m_withIt.empty();
        for (std::size_t i = 0; i < own.size() && isAlone; ++i) {
            const std::size_t apart = (i + own.size() - *m_handle) % own.size();
            if (apart > 1 && apart + 1 < own.size() && distance(own[i], event.position) <= reachPx)
                return own[i];
        }
    }
    return intoImage(event.position, context.imageSize);
}

ToolResult SelectTool::press(const ToolContext &context, const PointerEvent &event)
{
    drop();
    m_pressed = event.position;
    m_marginPx = kReachScreenPx * event.imagePixelsPerScreenPixel;
    if (event.control && !event.alt && toggleVertex(context, event))
        return {.dirty = rectAround({event.position}, 2 * m_marginPx)};
    if (event.alt || !event.control)
        if (auto result = pressVertex(context, event, m_marginPx); result.handled)
            return result;
    if (!event.alt)
        return pressShape(context, event, m_marginPx);
    m_isVertexBand = !event.shift && !context.selection.empty();
    if (m_isVertexBand)
        m_band = event.position;
    return {.handled = m_isVertexBand};
}

/// True if there is a vertex of a selected shape.
bool SelectTool::toggleVertex(const ToolContext &context, const PointerEvent &event)
{
    const auto grip = gripAt(context, event.position, m_marginPx);
    if (!grip || !context.selection.contains(grip->shape))
        return false;
    m_choice.toggle(*context.annotation.find(grip->shape), grip->handle);
    return true;
}

ToolResult SelectTool::pressVertex(const ToolContext &context, const PointerEvent &event, double reachPx)
{
    ToolResult result{.handled = false};
    const auto grip = gripAt(context, event.position, reachPx);
    if (event.alt && event.shift) {
        if (grip)
            if (auto less = withoutVertices(*context.annotation.find(grip->shape), {grip->handle})) {
                result.dirty = rectAround(context.annotation.find(grip->shape)->points, reachPx);
                result.edit = replaceShape(context.annotation, std::move(*less), "Remove point");
                result.handled = true;
            }
        return result;
    }
    if (event.alt) {
        if (const auto edge = edgeUnder(context, event.position, reachPx)) {
            const Shape &shape = *context.annotation.find(edge->shape);
            m_handle = edge->handle + 1;
            m_base = {withVertexAfter(shape, edge->handle, intoImage(event.position, context.imageSize))};
            m_now = m_base;
            m_name = "Add point";
        }
    } else if (grip) {
        m_handle = grip->handle;
        m_base = {*context.annotation.find(grip->shape)};
        m_name = "Move point";
        if (m_choice.contains(context, grip->shape, grip->handle)) {
            m_withIt = m_choice.of(context);
            m_name = pointsName("Move", m_withIt);
            for (const auto &[id, vertices] : m_withIt)
                if (id != grip->shape)
                    m_base.push_back(*context.annotation.find(id));
        } else if (!event.shift) {
            m_choice.clear();
        }
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
    const Shape *hit = shapeUnder(context, event.position, reachPx);
    ToolResult result;
    auto selection = context.selection;
    if (!hit) {
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
    if (!m_withIt.empty()) {
        std::vector<Shape> moving;
        for (const Shape &shape : m_base)
            moving.push_back(verticesAlone(shape, m_withIt.at(shape.id)));
        const Point way = dragged(context, event, m_marginPx) - m_base.front().points[*m_handle];
        const Point delta = keepInside(moving, way, context.imageSize);
        m_now.clear();
        for (const Shape &shape : m_base)
            m_now.push_back(withVerticesMovedBy(shape, m_withIt.at(shape.id), delta));
    } else if (m_handle) {
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

void SelectTool::chooseVertices(const ToolContext &context, const PickBox &box)
{
    for (const Shape &shape : context.annotation.shapes) {
        if (!context.selection.contains(shape.id) || context.protectedShapes.contains(shape.id))
            continue;
        for (std::size_t i = 0; i < shape.points.size(); ++i)
            if (box.holds(shape.points[i]))
                m_choice.add(shape, i);
    }
}

ToolResult SelectTool::releaseBand(const ToolContext &context, const PointerEvent &event)
{
    ToolResult result{.dirty = drawn()};
    const PickBox box(*m_band, m_pressed);
    const bool isClick = distance(*m_band, m_pressed) < kTrembleScreenPx * event.imagePixelsPerScreenPixel;
    std::set<ShapeId> inside;
    for (const Shape &shape : context.annotation.shapes)
        if (!isClick && !m_isVertexBand && !context.protectedShapes.contains(shape.id) && box.holds(shape))
            inside.insert(shape.id);
    if (!event.control)
        m_choice.clear();
    if (inside.empty() && !isClick)
        chooseVertices(context, box);
    const bool isKept = event.control || m_isVertexBand || (inside.empty() && !m_choice.of(context).empty());
    if (isKept)
        inside.insert(context.selection.begin(), context.selection.end());
    if (inside != context.selection)
        result.selection = std::move(inside);
    drop();
    return result;
}

ToolResult SelectTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (m_band)
        return releaseBand(context, event);
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
    } else if (m_handle && event.shift && !event.alt) { // a click, not a drag
        m_choice.toggle(m_base.front(), *m_handle);
    } else if (!m_handle) {
        m_choice.clear();
        if (m_clicked && context.selection.size() > 1)
            result.selection = std::set<ShapeId>{*m_clicked};
    }
    drop();
    return result;
}

void SelectTool::drop()
{
    m_band.reset();
    m_isVertexBand = false;
    m_base.clear();
    m_now.clear();
    m_handle.reset();
    m_withIt.clear();
    m_clicked.reset();
}

/// First the gesture, then the choice.
ToolResult SelectTool::cancel()
{
    ToolResult result{.dirty = drawn(), .handled = isBusy() || !m_choice.isEmpty()};
    if (!isBusy())
        m_choice.clear();
    drop();
    return result;
}

void SelectTool::leaveImage()
{
    drop();
    m_choice.clear();
}

ToolResult SelectTool::nudge(const ToolContext &context, Point delta)
{
    const auto chosen = m_choice.of(context);
    std::set<ShapeId> ids;
    if (chosen.empty())
        std::ranges::set_difference(context.selection, context.protectedShapes, std::inserter(ids, ids.end()));
    for (const auto &[id, vertices] : chosen)
        ids.insert(id);
    if (ids.empty())
        return {.handled = false};
    const std::string name =
        chosen.empty() ? "Move " + nameOfShapes(context.annotation, ids) : pointsName("Move", chosen);
    return {.edit = changeShapes(context.annotation, ids, name, [&](Shape &shape) {
                shape = chosen.empty() ? movedBy(shape, delta) : withVerticesMovedBy(shape, chosen.at(shape.id), delta);
            })};
}

ToolResult SelectTool::removeChosen(const ToolContext &context)
{
    const auto chosen = m_choice.of(context);
    if (chosen.empty())
        return {.handled = false};
    std::set<ShapeId> ids;
    for (const auto &[id, vertices] : chosen)
        ids.insert(id);
    Edit edit = changeShapes(context.annotation, ids, pointsName("Remove", chosen), [&](Shape &shape) {
        if (auto less = withoutVertices(shape, chosen.at(shape.id)))
            shape = std::move(*less);
    });
    if (edit.isEmpty())
        return {}; // too few would be left
    m_choice.clear();
    return {.edit = std::move(edit)};
}

ToolPreview SelectTool::preview(const ToolContext &context) const
{
    ToolPreview preview;
    const auto chosen = m_choice.of(context);
    const auto addHandles = [&](const Shape &shape, std::optional<std::size_t> active) {
        const auto handles = handlesOf(shape);
        if (active && *active < handles.size())
            preview.activeHandle = preview.handles.size() + *active;
        if (const auto vertices = chosen.find(shape.id); vertices != chosen.end())
            for (const std::size_t vertex : vertices->second)
                preview.chosenHandles.push_back(preview.handles.size() + vertex);
        preview.handles.insert(preview.handles.end(), handles.begin(), handles.end());
    };
    if (!m_now.empty()) {
        preview.shape = m_now.front();
        preview.moreShapes.assign(m_now.begin() + 1, m_now.end());
        for (const Shape &shape : m_now)
            addHandles(shape, shape.id == m_now.front().id ? m_handle : std::nullopt);
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
