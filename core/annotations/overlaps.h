// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/annotations/LabelSet.h"

#include <vector>

namespace masque {

/// Shapes that may lie over each other, as one map: which combination of classes each pixel has. A map of one byte a
/// pixel is resized and warped like one of class ids.
struct OverlapMap {
    cv::Mat1b combination;                               ///< index into classes; 255: ignore
    std::vector<std::vector<std::uint8_t>> classes = {}; ///< class ids of each combination, the last drawn last

    /// 255 where the class is, 0 where it is not.
    cv::Mat1b plane(int id) const;
    /// The class drawn last at each pixel, 0 where there is none, 255 ignore: what rasterise gives.
    cv::Mat1b top() const;
};

/// As rasterise, without a shape hiding another; `_background_` and `__ignore__` do clear what lies below. Error where
/// the image has more than 255 combinations.
Result<OverlapMap> rasteriseOverlaps(const Annotation &annotation, const LabelSet &labels, Size imageSize);

/// A map of class ids, which has no overlaps, as such a map. Background is the id 0.
OverlapMap overlapsOf(const cv::Mat1b &ids);

} // namespace masque
