// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

/// Snapping to vertices and borders of shapes, so that neighbours share them without a gap.
namespace masque {

/// A place on a shape's outline.
struct BorderPlace {
    ShapeId shape = 0;
    double along = 0; ///< number of the vertex before it, plus the fraction of the way to the next
    Point point = {};
};

/// The nearest vertex of the visible shapes within reach, else the nearest place on a border within reach; nothing if
/// there is neither. Polygons, rectangles and line strips have borders. Shapes in leaveOut are passed over.
std::optional<BorderPlace> snapTo(const ToolContext &, Point position, double reachPx,
                                  const std::set<ShapeId> &leaveOut = {});

/// The vertices of the shape's outline strictly between two places on it, in order, along the shorter way.
std::vector<Point> borderBetween(const Shape &, double from, double to);

} // namespace masque
