// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

#include <map>

namespace masque {

/// Vertices that are chosen to be moved or taken out together, of one shape or of several. A shape's choice counts
/// while it is selected, not protected, and has as many vertices as when they were chosen.
class VertexChoice {
public:
    using Vertices = std::set<std::size_t>;

    void clear() { m_shapes.clear(); }
    bool isEmpty() const { return m_shapes.empty(); }
    void add(const Shape &, std::size_t vertex); ///< of a shape whose vertices move freely, else nothing
    void toggle(const Shape &, std::size_t vertex);

    /// What counts; empty if there is nothing.
    std::map<ShapeId, Vertices> of(const ToolContext &) const;
    bool contains(const ToolContext &, ShapeId shape, std::size_t vertex) const;

private:
    struct Chosen {
        std::size_t count = 0; ///< of all the shape's vertices
        Vertices vertices;
    };
    std::map<ShapeId, Chosen> m_shapes;
};

} // namespace masque
