// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/annotations/LabelSet.h"

#include <vector>

/// The one way from shapes to pixels (view, training, export) and back. Pixels follow labelme's shape_to_mask: polygon
/// and rectangle outlines included, lines 10 px wide, points discs of radius 5.
namespace masque {

/// Paints one shape's pixels with value into map, whose top-left pixel is the image's pixel origin. Other types and
/// shapes outside are no-ops. Returns the rectangle (map coordinates) that may have changed.
Rect paintShape(cv::Mat1b &map, Point origin, const Shape &shape, std::uint8_t value);

/// The shape's own pixels, clipped to an image of this size; empty box if none.
Mask shapeMask(const Shape &shape, Size imageSize);

/// Class ids in paint order over area (image coordinates); unlabelled pixels 0; `__ignore__` 255; labels that labels
/// does not know are skipped. The part of an image comes out exactly as the whole. An empty map over kMaxImagePixels.
cv::Mat1b rasterise(const Annotation &annotation, const LabelSet &labels, Rect area);
cv::Mat1b rasterise(const Annotation &annotation, const LabelSet &labels, Size imageSize);

/// Ground truth of a whole image: as rasterise, but where labels have no background class, unlabelled pixels are
/// ignored (kIgnoreId).
cv::Mat1b labelMapOf(const Annotation &annotation, const LabelSet &labels, Size imageSize);

/// One connected region's outlines.
struct TracedRegion {
    std::vector<Point> outer;
    std::vector<std::vector<Point>> holes;
};
/// Polygons of the non-zero pixels, image coordinates (mask's own pixel (0,0) at origin), simplified by Douglas-Peucker
/// with tolerancePx (0: exact). Rasterising outer minus holes of an exact trace gives the mask back. Regions under
/// minAreaPx are dropped.
std::vector<TracedRegion> traceMask(const cv::Mat1b &mask, Point origin = {}, double tolerancePx = 0,
                                    double minAreaPx = 0);

/// How a prediction becomes annotation.
enum class ShapeStyle { Masks, Polygons };
/// Masks: one mask shape a class, exact. Polygons: one a region of at least minAreaPx (a region with holes stays a
/// mask, since LabelMe's polygons have none). Background and ignored pixels are left out.
std::vector<Shape> shapesFromLabelMap(const cv::Mat1b &ids, const LabelSet &labels, ShapeStyle style,
                                      double tolerancePx = 1.0, double minAreaPx = 8);

} // namespace masque
