// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Edit.h"

/// Operations on chosen shapes. Each reads the annotation as it is and returns one Edit for it with what the operation
/// costs; an empty edit if there is nothing to do. Ids that the annotation has not are skipped.
namespace masque {

struct ShapeOperation {
    Edit edit = {.name = {}, .shapes = {}};
    std::set<ShapeId> made = {}; ///< the shapes that hold the result
    int lostHoles = 0;           ///< holes that polygons cannot have and that were filled
    int lostRegions = 0;         ///< regions too small to be kept
    bool becameMask = false;     ///< only vector shapes went in and a mask came out
    std::size_t pointsBefore = 0, pointsAfter = 0;
    double iou = 1; ///< of the pixels before and after, where they should be the same
};

enum class Boolean { Unite, Subtract, Intersect, Exclude };

/// Combines two or more shapes pixel by pixel into the lowest of them, which keeps class, group and flags; Subtract
/// takes the others away from it. Polygons give polygons (several parts share a group), unless a hole comes out, which
/// needs a mask.
ShapeOperation combineShapes(const Annotation &, const std::set<ShapeId> &ids, Boolean operation, Size imageSize);

/// Cuts polygons, rectangles and masks along the line from a to b where it runs across them; both parts of a polygon
/// share the cut's points, so that nothing lies between them.
ShapeOperation splitShapes(const Annotation &, const std::set<ShapeId> &ids, Point a, Point b);

/// Masks (and other areas) become one polygon a region, outlines simplified by tolerancePx (0: exact). Holes are
/// filled, regions under minAreaPx dropped; both are counted.
ShapeOperation shapesToPolygons(const Annotation &, const std::set<ShapeId> &ids, Size imageSize,
                                double tolerancePx = 0, double minAreaPx = 4);
/// Vector shapes become masks of exactly their pixels inside the image.
ShapeOperation shapesToMasks(const Annotation &, const std::set<ShapeId> &ids, Size imageSize);

/// Leaves out vertices of polygons and line strips that lie within tolerancePx of the simpler line (Douglas and
/// Peucker 1973). Kept vertices stay where they are.
ShapeOperation simplifyShapes(const Annotation &, const std::set<ShapeId> &ids, double tolerancePx, Size imageSize);
/// Rounds polygons and line strips (Chaikin 1974, strength times) and masks (median of 2 strength + 1 pixels).
ShapeOperation smoothShapes(const Annotation &, const std::set<ShapeId> &ids, int strength, Size imageSize);

enum class Order { ToFront, Forward, Backward, ToBack };
/// Changes the paint order; several shapes keep theirs among themselves.
Edit reorderShapes(const Annotation &, const std::set<ShapeId> &ids, Order order);
/// Puts the shapes together right under another one (none: on top of all); they keep their order among themselves.
Edit moveShapesUnder(const Annotation &, const std::set<ShapeId> &ids, std::optional<ShapeId> upper);
/// Gives the shapes a group id that no other shape has.
Edit groupShapes(const Annotation &, const std::set<ShapeId> &ids);
Edit ungroupShapes(const Annotation &, const std::set<ShapeId> &ids);

/// Each shape as change leaves it, as one step; shapes that stay the same are left out.
template <typename Change>
Edit changeShapes(const Annotation &annotation, const std::set<ShapeId> &ids, std::string name, Change change)
{
    Edit edit{.name = std::move(name), .shapes = {}};
    for (std::size_t i = 0; i < annotation.shapes.size(); ++i) {
        const Shape &before = annotation.shapes[i];
        if (!ids.contains(before.id))
            continue;
        Shape after = before;
        change(after);
        if (!sameContent(before, after) || before.source != after.source)
            edit.shapes.push_back({before, std::move(after), i, i});
    }
    return edit;
}

/// "car" for one shape, "3 shapes" for several: what the names of edits end with.
std::string nameOfShapes(const Annotation &, const std::set<ShapeId> &ids);
/// The pixels of an area that two masks share, by those of either; 1 if both are empty.
double maskIou(const Mask &a, const Mask &b);

} // namespace masque
