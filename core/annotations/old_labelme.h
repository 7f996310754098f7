// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

#include <string>

/// labelme before 5.4 knows no mask shapes: a file with one is opened without it. For people who still use it, painted
/// masks are saved as polygons.
namespace masque {

enum class MaskStyle { Masks, Polygons };

/// What polygons cannot say.
struct MaskLoss {
    int masks = 0;   ///< mask shapes that became polygons
    int holes = 0;   ///< holes that are filled now
    int regions = 0; ///< regions under three points, which are left out
    bool isLoss() const { return holes > 0 || regions > 0; }
    MaskLoss &operator+=(const MaskLoss &other);
};
/// "2 holes are filled and 1 region of fewer than 3 points is left out"; empty if nothing is lost.
std::string describe(const MaskLoss &loss);

/// Every mask shape becomes the polygons around its regions, at its place in the order; several of them share a group
/// id. The outlines are exact: drawn again they give the mask with its holes filled.
Annotation masksAsPolygons(const Annotation &annotation, MaskLoss &loss);

} // namespace masque
