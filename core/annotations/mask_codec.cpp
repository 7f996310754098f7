// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/mask_codec.h"

#include "core/image/image_file.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace masque {

namespace {

/// Lengths of runs of 0 and 1 in turn, row by row, beginning with 0.
void writeRuns(ByteWriter &out, const cv::Mat1b &bits)
{
    std::uint64_t run = 0;
    std::uint8_t value = 0;
    for (int y = 0; y < bits.rows; ++y) {
        const std::uint8_t *at = bits[y], *end = at + bits.cols;
        while (at < end) {
            // memchr looks at sixteen and more pixels at once.
            const void *found = std::memchr(at, value ? 0 : 1, static_cast<std::size_t>(end - at));
            const auto *next = found ? static_cast<const std::uint8_t *>(found) : end;
            run += static_cast<std::uint64_t>(next - at);
            at = next;
            if (at < end) {
                out.number(run);
                run = 0;
                value ^= 1;
            }
        }
    }
    out.number(run);
}

bool readRuns(ByteReader &in, cv::Mat1b &bits)
{
    const std::uint64_t total = bits.total();
    std::uint64_t at = 0;
    std::uint8_t value = 0;
    while (at < total && in.isGood()) {
        const std::uint64_t run = in.number();
        if (run > total - at)
            return false;
        if (run > 0)
            std::memset(bits.data + at, value, run); // made here, so without gaps between rows
        at += run;
        value ^= 1;
    }
    return in.isGood();
}

Rect rowDifference(const std::uint8_t *a, const std::uint8_t *b, int count, int x, int y)
{
    if (std::memcmp(a, b, static_cast<std::size_t>(count)) == 0)
        return {};
    const auto first = std::mismatch(a, a + count, b).first;
    const auto last = std::mismatch(std::make_reverse_iterator(a + count), std::make_reverse_iterator(a),
                                    std::make_reverse_iterator(b + count))
                          .first.base();
    return {x + static_cast<int>(first - a), y, static_cast<int>(last - first), 1};
}

/// Where mask has pixels outside inner, a part of its box.
Rect contentOutside(const Mask &mask, const Rect &inner)
{
    const Rect &box = mask.box;
    const Rect around[] = {
        {box.x, box.y, box.width, inner.y - box.y},
        {box.x, inner.bottom(), box.width, box.bottom() - inner.bottom()},
        {box.x, inner.y, inner.x - box.x, inner.height},
        {inner.right(), inner.y, box.right() - inner.right(), inner.height},
    };
    Rect content;
    for (const Rect &strip : around) {
        const Mask seen = part(mask, strip);
        if (seen.box.isEmpty())
            continue;
        const Rect found = contentBox(seen.bits);
        content = content.united({seen.box.x + found.x, seen.box.y + found.y, found.width, found.height});
    }
    return content;
}

/// The smallest box around the pixels that differ.
Rect differenceBox(const Mask &a, const Mask &b)
{
    const Rect common = a.box.intersected(b.box);
    const auto content = [](const Mask &mask) {
        const Rect found = contentBox(mask.bits);
        return Rect{mask.box.x + found.x, mask.box.y + found.y, found.width, found.height};
    };
    if (common.isEmpty())
        return content(a).united(content(b));
    Rect box = contentOutside(a, common).united(contentOutside(b, common));
    const Mask inA = part(a, common), inB = part(b, common);
    for (int y = 0; y < common.height; ++y)
        box = box.united(rowDifference(inA.bits[y], inB.bits[y], common.width, common.x, common.y + y));
    return box;
}

void copyInto(Mask &target, const Mask &mask)
{
    const Mask seen = part(mask, target.box);
    if (!seen.box.isEmpty())
        seen.bits.copyTo(part(target, seen.box).bits);
}

void flipInto(Mask &target, const Mask &mask)
{
    const Mask seen = part(mask, target.box);
    if (seen.box.isEmpty())
        return;
    cv::Mat1b place = part(target, seen.box).bits;
    cv::bitwise_xor(place, seen.bits, place);
}

} // namespace

void writeMask(ByteWriter &out, const Mask &mask)
{
    out.rect(mask.box);
    writeRuns(out, mask.bits);
}

Mask readMask(ByteReader &in)
{
    Mask mask;
    mask.box = in.rect();
    if (mask.box.isEmpty()) {
        if (in.number() != 0)
            in.fail();
        return {mask.box, {}};
    }
    const auto pixels = static_cast<std::int64_t>(mask.box.width) * mask.box.height;
    if (pixels > static_cast<std::int64_t>(kMaxImagePixels)) {
        in.fail();
        return {};
    }
    mask.bits = blankBits({mask.box.width, mask.box.height});
    if (!readRuns(in, mask.bits))
        in.fail();
    return mask;
}

MaskDelta maskDelta(const Mask &before, const Mask &after)
{
    MaskDelta delta{before.box, after.box, {}};
    const Rect box = differenceBox(before, after);
    if (!box.isEmpty())
        delta.flipped = flip(before, after, box);
    return delta;
}

Mask flip(const Mask &known, const Mask &flipped, const Rect &box)
{
    Mask out{box, box.isEmpty() ? cv::Mat1b() : blankBits({box.width, box.height})};
    copyInto(out, known);
    flipInto(out, flipped);
    return out;
}

void writeMaskDelta(ByteWriter &out, const MaskDelta &delta)
{
    out.rect(delta.before);
    out.rect(delta.after);
    writeMask(out, delta.flipped);
}

MaskDelta readMaskDelta(ByteReader &in)
{
    MaskDelta delta;
    delta.before = in.rect();
    delta.after = in.rect();
    delta.flipped = readMask(in);
    for (const Rect &box : {delta.before, delta.after})
        if (static_cast<std::int64_t>(box.width) * box.height > static_cast<std::int64_t>(kMaxImagePixels))
            in.fail();
    return delta;
}

} // namespace masque
