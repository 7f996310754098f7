// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "plugins/formats/mask_classes.h"
#include "plugins/formats/xml.h"

#include <algorithm>

/// What reading and writing of Pascal VOC share.
namespace masque {

inline constexpr std::string_view kVocFlags[] = {"difficult", "truncated", "occluded"};
inline constexpr const char *kVocKept = "voc"; ///< what labelme has no field for

/// Of a mask, or of a rectangle's two corners.
inline cv::Rect2d boxOf(const Shape &shape)
{
    const Rect bounds = shape.mask ? shape.mask->box : Rect();
    return shape.mask ? cv::Rect2d(bounds.x, bounds.y, bounds.width, bounds.height)
                      : cv::Rect2d(cv::Point2d(shape.points[0].x, shape.points[0].y),
                                   cv::Point2d(shape.points[1].x, shape.points[1].y));
}

/// The dataset names no class that the devkit does not have; then its numbers hold.
inline bool areVocNames(const std::vector<std::string> &names)
{
    return std::ranges::all_of(names, [](const auto &name) {
        return name == kBackgroundName || std::ranges::find(vocNames(), name) != vocNames().end();
    });
}

} // namespace masque
