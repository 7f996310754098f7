// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/votes.h"
#include "core/base/Json.h"
#include "core/base/geometry.h"

#include <opencv2/core.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The model of one image's annotation, in labelme's terms (shared facts: labelme 1..7.1 and X-AnyLabeling 4).
namespace masque {

enum class ShapeType {
    Polygon,
    Rectangle,         ///< two opposite corners in any order, or four corners (X-AnyLabeling)
    OrientedRectangle, ///< four corners in order; X-AnyLabeling's "rotation"
    Circle,            ///< centre, point on the rim
    Line,
    LineStrip,
    PointShape,
    Mask,
    Other, ///< a type that is kept but not drawn into masks ("points", "cuboid", ...)
};

/// A bitmap somewhere in the image: bits are 0 or 1, box is where they lie (box size = bits size). Immutable once in a
/// Shape, so copies share it.
struct Mask {
    Rect box;
    cv::Mat1b bits;
};
bool operator==(const Mask &, const Mask &);
/// The same pixels, or none in both.
bool sameMask(const std::shared_ptr<const Mask> &, const std::shared_ptr<const Mask> &);

using ShapeId = std::uint64_t; ///< unique in the process, never stored
ShapeId nextShapeId();

using Flags = std::vector<std::pair<std::string, bool>>; ///< in file order

/// One shape. `source` is the JSON object it was read from: what no field here says is written back from it unchanged.
struct Shape {
    ShapeId id = nextShapeId();
    std::string label = {};
    ShapeType type = ShapeType::Polygon;
    std::vector<Point> points = {}; ///< image coordinates; empty for Mask, whose place is mask->box
    std::optional<std::int64_t> groupId = {};
    std::string description = {};
    Flags flags = {};
    std::shared_ptr<const Mask> mask = {}; ///< set exactly when type is Mask
    std::shared_ptr<const Json> source = {};

    /// Pixels that the shape can touch when drawn, outline included; not clipped to the image.
    Rect bounds() const;
};
/// Same content (id and source left out).
bool sameContent(const Shape &, const Shape &);

/// All shapes and flags of one image. Shape order is paint order: later ones lie on top.
struct Annotation {
    std::vector<Shape> shapes;
    Flags flags = {};
    std::string imagePath = {};              ///< as in the file: relative to the JSON, '/' or '\'
    std::optional<Size> imageSize = {};      ///< as the file declares it
    bool checked = false;                    ///< reviewed (X-AnyLabeling's key)
    Votes votes = {};                        ///< what raters say that the whole image is
    std::shared_ptr<const Mask> kept = {};   ///< pixels whose labels were kept against a model's proposal; null: none
    std::shared_ptr<const Json> source = {}; ///< the document it was read from, without its shapes

    const Shape *find(ShapeId id) const;
    std::optional<std::size_t> indexOf(ShapeId id) const;
};
bool sameContent(const Annotation &, const Annotation &);

} // namespace masque
