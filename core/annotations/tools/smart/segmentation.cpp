// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/smart/segmentation.h"

#include "core/annotations/mask_ops.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

/// The box with a share of its size around it, at least leastPx, within the image.
Rect widened(const Rect &box, double share, int leastPx, const cv::Mat &image)
{
    const int dx = std::max(leastPx, static_cast<int>(box.width * share));
    const int dy = std::max(leastPx, static_cast<int>(box.height * share));
    return Rect{box.x - dx, box.y - dy, box.width + 2 * dx, box.height + 2 * dy}.intersected(
        {0, 0, image.cols, image.rows});
}

cv::Size reducedSize(const Rect &part, int maxPixels)
{
    const double scale = std::min(1.0, std::sqrt(double(maxPixels) / (double(part.width) * part.height)));
    return {std::max(1, static_cast<int>(std::lround(part.width * scale))),
            std::max(1, static_cast<int>(std::lround(part.height * scale)))};
}

cv::Mat reducedImage(const cv::Mat &image, const Rect &area, cv::Size size)
{
    cv::Mat out;
    cv::resize(image(toCv(area)), out, size, 0, 0, cv::INTER_AREA);
    return out;
}

/// 255 where at least an eighth of a reduced pixel holds value; thin strokes survive.
cv::Mat1b reducedWhere(const Mask &mask, int value, const Rect &area, cv::Size size)
{
    cv::Mat1b full = blankBits({area.width, area.height});
    const Mask seen = part(mask, area);
    if (!seen.box.isEmpty())
        whereEqual(seen.bits, value)
            .copyTo(full(toCv({seen.box.x - area.x, seen.box.y - area.y, seen.box.width, seen.box.height})));
    cv::Mat1b out;
    cv::resize(full, out, size, 0, 0, cv::INTER_AREA);
    cv::compare(out, 32, out, cv::CMP_GE);
    return out;
}

/// A first guess where there is no box: every pixel goes with the strokes whose mean colour is nearer; the area's rim
/// stands in for strokes that say what does not belong.
void guess(cv::Mat1b &state, const cv::Mat &image)
{
    cv::Mat1b belongs = whereEqual(state, cv::GC_FGD), doesNot = whereEqual(state, cv::GC_BGD);
    if (cv::countNonZero(doesNot) == 0)
        cv::rectangle(doesNot, {0, 0}, {image.cols - 1, image.rows - 1}, cv::Scalar(255), 1);
    const cv::Scalar in = cv::mean(image, belongs), out = cv::mean(image, doesNot);
    for (int y = 0; y < image.rows; ++y)
        for (int x = 0; x < image.cols; ++x) {
            const cv::Vec3b &pixel = image.at<cv::Vec3b>(y, x);
            double toIn = 0, toOut = 0;
            for (int c = 0; c < 3; ++c) {
                toIn += (pixel[c] - in[c]) * (pixel[c] - in[c]);
                toOut += (pixel[c] - out[c]) * (pixel[c] - out[c]);
            }
            if (state(y, x) == cv::GC_PR_BGD && toIn < toOut)
                state(y, x) = cv::GC_PR_FGD;
        }
}

} // namespace

Mask grabCut(const CutRequest &request)
{
    constexpr int kBelongs = 2, kDoesNot = 3;
    const bool hasBox = !request.box.isEmpty();
    const Rect known = hasBox ? request.box : request.strokes.box;
    const Rect area = widened(known, hasBox ? 0.25 : 1.0, hasBox ? 16 : 64, request.image);
    if (area.isEmpty())
        return {};
    const cv::Size size = reducedSize(area, request.maxPixels);
    const cv::Mat image = reducedImage(request.image, area, size);

    cv::Mat1b state(size, static_cast<std::uint8_t>(cv::GC_PR_BGD));
    if (hasBox && !request.previous.box.isEmpty())
        state.setTo(cv::GC_PR_FGD, reducedWhere(request.previous, 1, area, size));
    else if (hasBox)
        state.setTo(cv::GC_PR_FGD);
    if (hasBox) {
        const double sx = double(size.width) / area.width, sy = double(size.height) / area.height;
        const cv::Rect inside = cv::Rect(cv::Point(static_cast<int>(std::floor((request.box.x - area.x) * sx)),
                                                   static_cast<int>(std::floor((request.box.y - area.y) * sy))),
                                         cv::Point(static_cast<int>(std::ceil((request.box.right() - area.x) * sx)),
                                                   static_cast<int>(std::ceil((request.box.bottom() - area.y) * sy))))
                                & cv::Rect(0, 0, size.width, size.height);
        cv::Mat1b outside(size, std::uint8_t{255});
        outside(inside).setTo(0);
        state.setTo(cv::GC_BGD, outside);
        if (cv::countNonZero(outside) == 0) // all of the image: its rim stands for what does not belong
            cv::rectangle(state, {0, 0}, {size.width - 1, size.height - 1}, cv::Scalar(cv::GC_BGD), 1);
    }
    state.setTo(cv::GC_FGD, reducedWhere(request.strokes, kBelongs, area, size));
    state.setTo(cv::GC_BGD, reducedWhere(request.strokes, kDoesNot, area, size));
    if (!hasBox)
        guess(state, image);
    const auto count = [&](int a, int b) { return cv::countNonZero(state == a) + cv::countNonZero(state == b); };
    if (count(cv::GC_FGD, cv::GC_PR_FGD) == 0)
        return {};
    if (count(cv::GC_BGD, cv::GC_PR_BGD) > 0) {
        cv::setRNGSeed(1); // of this thread: the same strokes, the same pixels
        cv::Mat background, foreground;
        cv::grabCut(image, state, {}, background, foreground, request.iterations, cv::GC_INIT_WITH_MASK);
    }

    // Foreground is odd. Enlarged smoothly, so that the border has no steps of reduced pixels.
    cv::Mat1b bits;
    cv::resize((state & 1) * 255, bits, {area.width, area.height}, 0, 0, cv::INTER_LINEAR);
    bits = (bits >= 128) / 255;
    Mask found{area, bits};
    const Mask strokes = part(request.strokes, area); // in full resolution they are exact
    if (!strokes.box.isEmpty()) {
        part(found, strokes.box).bits.setTo(1, whereEqual(strokes.bits, kBelongs));
        part(found, strokes.box).bits.setTo(0, whereEqual(strokes.bits, kDoesNot));
    }
    return cropped(hasBox ? part(found, request.box) : found);
}

Mask watershed(const cv::Mat &rgb, const Mask &markers, int maxPixels)
{
    const Rect area = widened(markers.box, 0.5, 32, rgb);
    if (area.isEmpty())
        return {};
    const cv::Size size = reducedSize(area, maxPixels);
    // A rim around it: cv::watershed leaves the image's own outermost pixels out.
    cv::Mat image;
    cv::copyMakeBorder(reducedImage(rgb, area, size), image, 1, 1, 1, 1, cv::BORDER_REPLICATE);
    cv::Mat1i basins(image.size(), 0);
    cv::Mat1i inner = basins(cv::Rect(1, 1, size.width, size.height));
    double most = 0;
    cv::minMaxLoc(markers.bits, nullptr, &most);
    for (int value = 1; value <= static_cast<int>(most); ++value)
        inner.setTo(value, reducedWhere(markers, value, area, size));
    if (cv::countNonZero(inner) == 0)
        return {};
    cv::watershed(image, basins);

    cv::Mat1b values;
    inner.convertTo(values, CV_8U); // watersheds are -1, which becomes 0
    for (cv::Mat1b dry = whereEqual(values, 0); cv::countNonZero(dry) > 0; dry = whereEqual(values, 0)) {
        cv::Mat1b grown; // a watershed is about a pixel wide: it goes to a neighbour
        cv::dilate(values, grown, cv::getStructuringElement(cv::MORPH_RECT, {3, 3}));
        grown.copyTo(values, dry);
    }
    cv::Mat1b full;
    cv::resize(values, full, {area.width, area.height}, 0, 0, cv::INTER_NEAREST);
    Mask out{area, full};
    const Mask seen = part(markers, area);
    seen.bits.copyTo(part(out, seen.box).bits, seen.bits);
    return out;
}

} // namespace masque
