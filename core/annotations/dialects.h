// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who opens a LabelMe file: labelme's versions and X-AnyLabeling each refuse something else (by their sources: labelme
/// 5.1.1 to 7.1.0, X-AnyLabeling 4.0.2).
namespace masque {

enum class LabelMeReader { LabelMe50, LabelMe54, LabelMe6, LabelMe7, XAnyLabeling };
inline constexpr LabelMeReader kLabelMeReaders[] = {LabelMeReader::LabelMe50, LabelMeReader::LabelMe54,
                                                    LabelMeReader::LabelMe6, LabelMeReader::LabelMe7,
                                                    LabelMeReader::XAnyLabeling};
std::string_view readerName(LabelMeReader); ///< "labelme 5.0 to 5.3"

/// Why one of them would not open the file, or would fail on it.
struct Refusal {
    LabelMeReader reader = LabelMeReader::LabelMe50;
    std::string field; ///< "shapes[3].shape_type"
    std::string why;   ///< "'mask' is not known"
    bool operator==(const Refusal &) const = default;
};

/// All of them for the annotation as it would be written, the first field of each kind and reader. imageSize: the
/// image's own, where it is known.
std::vector<Refusal> refusals(const Annotation &, const std::optional<Size> &imageSize = {});

enum class LabelMeVariant {
    Full,  ///< everything, as it is
    ForAll ///< what every reader opens: masks and what few know as polygons
};

/// What the variant for all says otherwise.
struct VariantLoss {
    int masks = 0;   ///< mask shapes that became polygons
    int others = 0;  ///< other shapes that became polygons or two corners; nothing of them is lost
    int holes = 0;   ///< holes that are filled now
    int regions = 0; ///< regions under three points, which are left out
    bool isChange() const { return masks > 0 || others > 0; }
    bool isLoss() const { return holes > 0 || regions > 0; }
    VariantLoss &operator+=(const VariantLoss &other);
};
/// "2 holes are filled and 1 region of fewer than 3 points is left out"; empty if nothing is lost.
std::string describe(const VariantLoss &loss);

/// Every mask shape becomes the polygons around its regions, at its place in the order; several of them share a group
/// id. The outlines are exact: drawn again they give the mask with its holes filled.
Annotation masksAsPolygons(const Annotation &annotation, VariantLoss &loss);
/// The annotation as every reader opens it: masksAsPolygons, and turned rectangles and quadrilaterals become polygons,
/// upright rectangles of four corners such of two, shapes that only one program knows (cuboids) their convex hull.
/// imageSize, where it is known, is what the file declares.
Annotation acceptedByAll(const Annotation &, VariantLoss &loss, const std::optional<Size> &imageSize = {});

} // namespace masque
