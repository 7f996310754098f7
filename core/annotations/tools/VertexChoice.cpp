// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/VertexChoice.h"

namespace masque {

void VertexChoice::add(const Shape &shape, std::size_t vertex)
{
    const bool areFree =
        shape.type == ShapeType::Polygon || shape.type == ShapeType::LineStrip || shape.type == ShapeType::Line;
    if (!areFree || vertex >= shape.points.size())
        return;
    Chosen &chosen = m_shapes[shape.id];
    if (std::exchange(chosen.count, shape.points.size()) != shape.points.size())
        chosen.vertices.clear();
    chosen.vertices.insert(vertex);
}

void VertexChoice::toggle(const Shape &shape, std::size_t vertex)
{
    const auto found = m_shapes.find(shape.id);
    const bool isKnown = found != m_shapes.end() && found->second.count == shape.points.size();
    if (!isKnown || found->second.vertices.erase(vertex) == 0)
        add(shape, vertex);
    else if (found->second.vertices.empty())
        m_shapes.erase(found);
}

std::map<ShapeId, VertexChoice::Vertices> VertexChoice::of(const ToolContext &context) const
{
    std::map<ShapeId, Vertices> out;
    for (const auto &[id, chosen] : m_shapes) {
        if (!context.selection.contains(id) || context.protectedShapes.contains(id))
            continue;
        const Shape *shape = context.annotation.find(id);
        if (shape && shape->points.size() == chosen.count)
            out.emplace(id, chosen.vertices);
    }
    return out;
}

bool VertexChoice::contains(const ToolContext &context, ShapeId shape, std::size_t vertex) const
{
    const auto chosen = of(context);
    const auto found = chosen.find(shape);
    return found != chosen.end() && found->second.contains(vertex);
}

} // namespace masque
