// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

/// What lies under the pointer or in a box, of the shapes that a tool may touch.
namespace masque {

/// Positions, ascending, of the shapes whose bounds are within reach; of all shapes where the context has no grid.
std::vector<std::size_t> shapesNear(const ToolContext &, Point position, double reachPx);

/// A vertex (or handle) of a shape, or the edge that begins there.
struct Grip {
    ShapeId shape = 0;
    std::size_t handle = 0;
    friend bool operator==(const Grip &, const Grip &) = default;
};
/// The nearest handle within reach, one of a selected shape if there is any.
std::optional<Grip> gripAt(const ToolContext &, Point position, double reachPx);
/// An edge within reach where a vertex can be put in: of the selected shapes first, then of the topmost.
std::optional<Grip> edgeUnder(const ToolContext &, Point position, double reachPx);
/// The topmost shape; null if there is none.
const Shape *shapeUnder(const ToolContext &, Point position, double reachPx);

/// An upright box by two opposite corners, its border included.
struct PickBox {
    PickBox(Point a, Point b);
    bool holds(Point p) const { return p.x >= low.x && p.y >= low.y && p.x <= high.x && p.y <= high.y; }
    bool holds(const Shape &) const; ///< all of it

    Point low, high;
};

} // namespace masque
