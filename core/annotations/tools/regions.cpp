// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/regions.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"

#include <opencv2/imgproc.hpp>

#include <set>

namespace masque {

namespace {

constexpr int kFirstSidePx = 512;
constexpr int kStripRows = 256;

Rect all(Size image)
{
    return {0, 0, image.width, image.height};
}

Rect around(cv::Point centre, int side, Size image)
{
    return Rect{centre.x - side / 2, centre.y - side / 2, side, side}.intersected(all(image));
}

/// True if the region reaches a side of area beyond which the image goes on.
bool reachesBeyond(const cv::Rect &region, const Rect &area, Size image)
{
    return (region.x == 0 && area.x > 0) || (region.y == 0 && area.y > 0)
           || (region.x + region.width == area.width && area.right() < image.width)
           || (region.y + region.height == area.height && area.bottom() < image.height);
}

/// The mask in a larger bitmap with an empty margin.
Mask withMargin(const Mask &mask, int marginPx)
{
    Mask out{
        {mask.box.x - marginPx, mask.box.y - marginPx, mask.box.width + 2 * marginPx, mask.box.height + 2 * marginPx},
        {}};
    cv::copyMakeBorder(mask.bits, out.bits, marginPx, marginPx, marginPx, marginPx, cv::BORDER_CONSTANT, 0);
    return out;
}

} // namespace

Mask connectedRegion(Size image, cv::Point seed, const PixelTest &belongs, const std::stop_token &stop)
{
    if (!all(image).contains(seed.x, seed.y))
        return {};
    for (int side = kFirstSidePx;; side *= 2) {
        const Rect area = around(seed, side, image);
        cv::Mat1b pixels = belongs(area);
        const cv::Point at(seed.x - area.x, seed.y - area.y);
        if (stop.stop_requested() || !pixels(at))
            return {};
        cv::Mat1b found = blankBits({area.width + 2, area.height + 2});
        cv::Rect box;
        cv::floodFill(pixels, found, at, 0, &box, 0, 0, 4 | cv::FLOODFILL_MASK_ONLY | (1 << 8));
        if (!reachesBeyond(box, area, image))
            return {{area.x + box.x, area.y + box.y, box.width, box.height},
                    found(cv::Rect(box.x + 1, box.y + 1, box.width, box.height)).clone()};
    }
}

Mask similarPixels(const cv::Mat &rgb, cv::Point seed, int tolerance, Spread spread, const std::stop_token &stop)
{
    const Size image{rgb.cols, rgb.rows};
    if (!all(image).contains(seed.x, seed.y))
        return {};
    const auto labOf = [&](const cv::Rect &area) {
        cv::Mat lab;
        cv::cvtColor(rgb(area), lab, cv::COLOR_RGB2Lab);
        return lab;
    };
    const cv::Vec3b colour = labOf({seed.x, seed.y, 1, 1}).at<cv::Vec3b>(0, 0);
    const cv::Scalar from(colour[0] - tolerance, colour[1] - tolerance, colour[2] - tolerance);
    const cv::Scalar to(colour[0] + tolerance, colour[1] + tolerance, colour[2] + tolerance);
    const auto isSimilar = [&](const Rect &area) {
        cv::Mat1b out(area.height, area.width);
        for (int y = 0; y < area.height && !stop.stop_requested(); y += kStripRows) { // Lab of a strip at a time
            const int rows = std::min(kStripRows, area.height - y);
            cv::Mat1b strip = out.rowRange(y, y + rows);
            cv::inRange(labOf({area.x, area.y + y, area.width, rows}), from, to, strip);
        }
        return out;
    };
    if (spread == Spread::Connected)
        return connectedRegion(image, seed, isSimilar, stop);
    cv::Mat1b bits = isSimilar(all(image));
    cv::min(bits, 1, bits);
    return stop.stop_requested() ? Mask{} : cropped({all(image), bits});
}

ClassRegion classRegion(const Annotation &annotation, Size image, cv::Point seed, const std::stop_token &stop)
{
    std::vector<std::string> names{std::string(kBackgroundName)};
    for (const Shape &shape : annotation.shapes)
        if (std::find(names.begin(), names.end(), shape.label) == names.end())
            names.push_back(shape.label);
    const LabelSet labels(names);
    const cv::Mat1b own = rasterise(annotation, labels, Rect{seed.x, seed.y, 1, 1});
    const std::uint8_t id = own(0, 0);
    ClassRegion region{id == 0 ? std::string() : id == kIgnoreId ? std::string(kIgnoreName) : labels[id].name, {}};
    region.pixels = connectedRegion(
        image, seed, [&](const Rect &area) { return whereEqual(rasterise(annotation, labels, area), id); }, stop);
    return region;
}

Mask withoutHoles(const Mask &mask)
{
    if (mask.box.isEmpty())
        return {};
    const Mask wide = withMargin(mask, 1);
    cv::Mat1b outside = blankBits({wide.bits.cols + 2, wide.bits.rows + 2});
    cv::Mat1b bits = wide.bits;
    cv::floodFill(bits, outside, {0, 0}, 0, nullptr, 0, 0, 4 | cv::FLOODFILL_MASK_ONLY | (1 << 8));
    cv::Mat1b filled;
    cv::compare(outside(cv::Rect(2, 2, mask.bits.cols, mask.bits.rows)), 0, filled, cv::CMP_EQ);
    cv::min(filled, 1, filled);
    return {mask.box, filled};
}

Mask dilated(const Mask &mask, double radiusPx, Size image)
{
    if (mask.box.isEmpty())
        return {};
    const Mask wide = withMargin(mask, static_cast<int>(std::ceil(radiusPx)));
    cv::Mat1b outside;
    cv::compare(wide.bits, 0, outside, cv::CMP_EQ);
    cv::Mat distance;
    cv::distanceTransform(outside, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
    cv::Mat1b bits;
    cv::compare(distance, radiusPx + 1e-3, bits, cv::CMP_LE);
    cv::min(bits, 1, bits);
    return cropped(part({wide.box, bits}, all(image)));
}

Mask eroded(const Mask &mask, double radiusPx, Size image)
{
    if (mask.box.isEmpty())
        return {};
    const Rect wide{mask.box.x - 1, mask.box.y - 1, mask.box.width + 2, mask.box.height + 2};
    const Mask seen = part(withMargin(mask, 1), wide.intersected(all(image)));
    cv::Mat distance;
    cv::Mat1b inside;
    cv::min(seen.bits, 1, inside);
    if (cv::countNonZero(inside) == static_cast<int>(inside.total()))
        return mask; // all of the image
    cv::distanceTransform(inside, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
    cv::Mat1b bits;
    cv::compare(distance, radiusPx + 1e-3, bits, cv::CMP_GT);
    cv::min(bits, 1, bits);
    return cropped({seen.box, bits});
}

} // namespace masque
