// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

/// Set operations on masks. Results are new bitmaps with the smallest box around their pixels, empty if there are none.
namespace masque {

inline cv::Rect toCv(const Rect &rect)
{
    return {rect.x, rect.y, rect.width, rect.height};
}

/// A bitmap of zeros.
inline cv::Mat1b blankBits(const cv::Size &size)
{
    return {size, std::uint8_t{0}};
}
/// 255 where ids is id; empty if ids is.
inline cv::Mat1b whereEqual(const cv::Mat &ids, int id)
{
    cv::Mat1b out;
    if (!ids.empty())
        cv::compare(ids, id, out, cv::CMP_EQ);
    return out;
}

/// Intersection over union of two boxes, 0..1.
inline double boxIou(const cv::Rect2d &a, const cv::Rect2d &b)
{
    const double both = (a & b).area(), either = a.area() + b.area() - both;
    return either > 0 ? both / either : 0;
}

/// The smallest box around the non-zero pixels, in the bitmap's own coordinates.
Rect contentBox(const cv::Mat1b &bits);

/// The part of a bitmap that lies in area (image coordinates), sharing its pixels.
Mask part(const Mask &mask, const Rect &area);
Mask cropped(const Mask &mask);
bool overlap(const Mask &a, const Mask &b);
Mask united(const Mask &a, const Mask &b);
Mask subtracted(const Mask &a, const Mask &b);

} // namespace masque
