// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

#include <optional>
#include <set>
#include <vector>

/// How shapes are taken hold of and changed by the pointer. Positions and distances are in image pixels.
namespace masque {

/// The points that can be dragged: the vertices, or the four corners of a rectangle; none of a mask.
std::vector<Point> handlesOf(const Shape &);
/// Rectangles stay rectangles, an oriented one keeps its angle, a circle moves with its centre.
Shape withHandleAt(Shape, std::size_t handle, Point position);
/// The same shape elsewhere; masks move by whole pixels.
Shape movedBy(Shape, Point delta);

/// The edge (number of its first vertex) within reach where a vertex can be put in: polygons and line strips.
std::optional<std::size_t> edgeAt(const Shape &, Point position, double reachPx);
Shape withVertexAfter(Shape, std::size_t edge, Point position);
/// Nothing if too few vertices would remain or the shape has none of its own.
std::optional<Shape> withoutVertices(Shape, const std::set<std::size_t> &vertices);
Shape withVerticesMovedBy(Shape, const std::set<std::size_t> &vertices, Point delta);

/// True on the shape's pixels; thin shapes also within reach.
bool isHit(const Shape &, Point position, double reachPx);

} // namespace masque
