// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/mask_ops.h"

#include <opencv2/imgproc.hpp>

namespace masque {

namespace {

/// A zeroed bitmap over box with mask's pixels in it.
Mask spread(const Mask &mask, const Rect &box)
{
    Mask out{box, blankBits({box.width, box.height})};
    const Mask seen = part(mask, box);
    if (!seen.box.isEmpty())
        seen.bits.copyTo(part(out, seen.box).bits);
    return out;
}

} // namespace

Mask part(const Mask &mask, const Rect &area)
{
    const Rect common = mask.box.intersected(area);
    if (common.isEmpty())
        return {};
    return {common, mask.bits(cv::Rect(common.x - mask.box.x, common.y - mask.box.y, common.width, common.height))};
}

Mask cropped(const Mask &mask)
{
    if (mask.bits.empty())
        return {};
    const cv::Rect content = cv::boundingRect(mask.bits);
    if (content.empty())
        return {};
    return {{mask.box.x + content.x, mask.box.y + content.y, content.width, content.height},
            mask.bits(content).clone()};
}

bool overlap(const Mask &a, const Mask &b)
{
    const Rect common = a.box.intersected(b.box);
    if (common.isEmpty())
        return false;
    cv::Mat1b both;
    cv::bitwise_and(part(a, common).bits, part(b, common).bits, both);
    return cv::countNonZero(both) > 0;
}

Mask united(const Mask &a, const Mask &b)
{
    Mask out = spread(a, a.box.united(b.box));
    if (!b.box.isEmpty()) {
        cv::Mat1b target = part(out, b.box).bits;
        cv::bitwise_or(target, b.bits, target);
    }
    return cropped(out);
}

Mask subtracted(const Mask &a, const Mask &b)
{
    Mask out = spread(a, a.box);
    const Rect common = a.box.intersected(b.box);
    if (!common.isEmpty())
        part(out, common).bits.setTo(0, part(b, common).bits);
    return cropped(out);
}

} // namespace masque
