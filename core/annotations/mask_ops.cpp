// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/mask_ops.h"

#include <algorithm>
#include <iterator>

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

Rect contentBox(const cv::Mat1b &bits)
{
    // Not cv::boundingRect, which loses columns of narrow bitmaps (OpenCV 4.6).
    Rect box;
    for (int y = 0; y < bits.rows; ++y) {
        const std::uint8_t *row = bits[y], *end = row + bits.cols;
        const auto isSet = [](std::uint8_t bit) { return bit != 0; };
        const auto first = std::find_if(row, end, isSet);
        if (first == end)
            continue;
        const auto last =
            std::find_if(std::make_reverse_iterator(end), std::make_reverse_iterator(first), isSet).base();
        box = box.united({static_cast<int>(first - row), y, static_cast<int>(last - first), 1});
    }
    return box;
}

Mask part(const Mask &mask, const Rect &area)
{
    const Rect common = mask.box.intersected(area);
    if (common.isEmpty())
        return {};
    return {common, mask.bits(cv::Rect(common.x - mask.box.x, common.y - mask.box.y, common.width, common.height))};
}

Mask cropped(const Mask &mask)
{
    const Rect content = contentBox(mask.bits);
    if (content.isEmpty())
        return {};
    return {{mask.box.x + content.x, mask.box.y + content.y, content.width, content.height},
            mask.bits(toCv(content)).clone()};
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
