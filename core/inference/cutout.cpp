// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/cutout.h"

#include "core/image/color_text.h"
#include "core/inference/guided_filter.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr double kEdgeNoise = 1e-4;             ///< the guided filter's eps: variance of colours (0..1) that is no edge
constexpr float kClear = 0.15f, kSolid = 0.85f; ///< what the filter says that is taken for 0 and 1
constexpr double kColorShare = 0.06;            ///< radius of the colours' surroundings, of the shorter side
constexpr int kPasses = 2;                      ///< the second begins at the edge that the first found
constexpr int kFineness = 15;                   ///< of the second pass: Forte's 90 and 6 pixels
constexpr int kTilePx = 512;
constexpr double kBlurPx = 6; ///< sigma at which a blurred background is computed

int rounded(double pixels)
{
    return static_cast<int>(std::lround(pixels));
}

/// Calls work(tile, tile with a margin) for all of an image, so that memory is bounded by tiles; both within the image.
template <typename Work>
void forTiles(cv::Size size, int marginPx, const Work &work)
{
    const cv::Rect whole({}, size);
    for (int y = 0; y < size.height; y += kTilePx)
        for (int x = 0; x < size.width; x += kTilePx) {
            const cv::Rect tile = cv::Rect(x, y, kTilePx, kTilePx) & whole;
            work(tile,
                 cv::Rect(tile.x - marginPx, tile.y - marginPx, tile.width + 2 * marginPx, tile.height + 2 * marginPx)
                     & whole);
        }
}

cv::Rect within(const cv::Rect &tile, const cv::Rect &region)
{
    return tile - region.tl();
}

/// colors *= weight, pixel by pixel, or /= it (no weight: black).
cv::Mat3f weighted(cv::Mat3f colors, const cv::Mat1f &weight)
{
    std::transform(colors.begin(), colors.end(), weight.begin(), colors.begin(),
                   [](const cv::Vec3f &color, float share) { return color * share; });
    return colors;
}
cv::Mat3f unweighted(cv::Mat3f colors, const cv::Mat1f &weight)
{
    constexpr float kNone = 1e-5f;
    std::transform(colors.begin(), colors.end(), weight.begin(), colors.begin(),
                   [](const cv::Vec3f &color, float share) { return color * (1 / (share + kNone)); });
    return colors;
}

/// Mean of the colours that weight says are there, in a square around each pixel.
cv::Mat3f weightedMean(const cv::Mat3f &colors, const cv::Mat1f &weight, int radius)
{
    const cv::Size square(2 * radius + 1, 2 * radius + 1);
    cv::Mat3f sum;
    cv::Mat1f weights;
    cv::blur(weighted(colors.clone(), weight), sum, square, {-1, -1}, cv::BORDER_REPLICATE);
    cv::blur(weight, weights, square, {-1, -1}, cv::BORDER_REPLICATE);
    return unweighted(sum, weights);
}

/// One pass of blur-fusion: foreground and background, both estimated from what is known of them around.
void fuse(const cv::Mat3f &image, const cv::Mat1f &alpha, int radius, cv::Mat3f &foreground, cv::Mat3f &background)
{
    const cv::Mat1f rest(1 - alpha);
    foreground = weightedMean(foreground, alpha, radius);
    background = weightedMean(background, rest, radius);
    for (int y = 0; y < image.rows; ++y)
        for (int x = 0; x < image.cols; ++x) {
            auto &front = foreground(y, x);
            front += alpha(y, x) * (image(y, x) - alpha(y, x) * front - rest(y, x) * background(y, x));
            for (auto &value : front.val)
                value = std::clamp(value, 0.f, 255.f);
        }
}

/// Of the image without its foreground, whose colours must not glow through the blur around it.
cv::Mat3f blurredBackground(const cv::Mat &image, const cv::Mat1f &alpha, double sigmaPx)
{
    const double shrink = std::min(1.0, kBlurPx / std::max(sigmaPx, 1e-9));
    const cv::Size size(std::max(1, rounded(image.cols * shrink)), std::max(1, rounded(image.rows * shrink)));
    cv::Mat rest, seen;
    cv::Mat(1 - alpha).convertTo(rest, CV_8U, 255);
    cv::merge(std::vector<cv::Mat>(3, rest), seen);
    cv::multiply(image, seen, seen, 1 / 255.0);
    cv::resize(seen, seen, size, 0, 0, cv::INTER_AREA);
    cv::resize(rest, rest, size, 0, 0, cv::INTER_AREA);
    cv::Mat3f colors;
    cv::Mat1f weight;
    seen.convertTo(colors, CV_32F);
    rest.convertTo(weight, CV_32F, 1 / 255.0);
    const double sigma = std::max(sigmaPx * shrink, 1e-3);
    cv::GaussianBlur(colors, colors, {}, sigma, sigma, cv::BORDER_REFLECT_101);
    cv::GaussianBlur(weight, weight, {}, sigma, sigma, cv::BORDER_REFLECT_101);
    colors = unweighted(colors, weight);
    cv::resize(colors, colors, image.size(), 0, 0, cv::INTER_LINEAR);
    return colors;
}

/// The image as large as the frame needs it, its middle.
cv::Mat covering(const cv::Mat &image, cv::Size frame)
{
    const double scale =
        std::max(frame.width / static_cast<double>(image.cols), frame.height / static_cast<double>(image.rows));
    const cv::Size size(std::max(frame.width, rounded(image.cols * scale)),
                        std::max(frame.height, rounded(image.rows * scale)));
    cv::Mat scaled;
    cv::resize(image, scaled, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    return scaled(cv::Rect({(size.width - frame.width) / 2, (size.height - frame.height) / 2}, frame));
}

cv::Rect cropBox(const cv::Mat1f &alpha)
{
    const cv::Rect box = cv::boundingRect(cv::Mat1b(alpha > 0.5 / 255));
    return box.empty() ? cv::Rect({}, alpha.size()) : box; // nothing to crop to
}

} // namespace

const OptionTable<CutoutOptions> &cutoutTable()
{
    constexpr auto group = "Cut-out";
    static const OptionTable<CutoutOptions> table =
        OptionTable<CutoutOptions>()
            .add({.key = "edge",
                  .label = "Edge",
                  .help = "How far the soft edge may leave the mask's to follow the image, as a share of the image's "
                          "shorter side; 0 takes the mask as it is.",
                  .group = group,
                  .type = OptionType::Real,
                  .minimum = 0,
                  .maximum = 10,
                  .unit = "%"},
                 &CutoutOptions::edge)
            .add({.key = "smallest_part",
                  .label = "Smallest part",
                  .help = "Parts of a prediction that are smaller than this share of its greatest part are left out; "
                          "0 keeps all.",
                  .group = group,
                  .type = OptionType::Real,
                  .minimum = 0,
                  .maximum = 100,
                  .unit = "%"},
                 &CutoutOptions::smallestPart)
            .add({.key = "background",
                  .label = "Background",
                  .help = "transparent, blur (the image's own, blurred), a colour such as #ffffff, or an image's file.",
                  .group = group},
                 &CutoutOptions::background)
            .add({.key = "blur",
                  .label = "Blur",
                  .help = "How strongly the background is blurred, as a share of the image's shorter side.",
                  .group = group,
                  .type = OptionType::Real,
                  .minimum = 0,
                  .maximum = 20,
                  .unit = "%"},
                 &CutoutOptions::blur)
            .add({.key = "crop",
                  .label = "Crop",
                  .help = "Keeps only the rectangle around what is cut out.",
                  .group = group,
                  .type = OptionType::Bool},
                 &CutoutOptions::crop);
    return table;
}

cv::Mat1f foregroundOf(const Prediction &prediction, double smallestPart)
{
    cv::Mat1f out(1 - prediction.probabilities.front());
    cv::Mat1i parts, figures;
    cv::Mat centres;
    const int count = cv::connectedComponentsWithStats(out >= 0.5, parts, figures, centres);
    if (smallestPart <= 0 || count <= 2) // the first is what lies between them
        return out;
    const cv::Mat1i areas = figures.col(cv::CC_STAT_AREA).rowRange(1, count);
    const double least = *std::max_element(areas.begin(), areas.end()) * smallestPart / 100;
    std::transform(parts.begin(), parts.end(), out.begin(), out.begin(),
                   [&](int part, float value) { return part > 0 && areas(part - 1) < least ? 0 : value; });
    return out;
}

cv::Mat1f foregroundOf(const cv::Mat1b &ids)
{
    cv::Mat1f out;
    cv::Mat((ids != 0) & (ids != kIgnoreId)).convertTo(out, CV_32F, 1 / 255.0);
    return out;
}

cv::Mat1f softAlpha(const cv::Mat &image, const cv::Mat1f &foreground, double radiusPx)
{
    const int radius = rounded(radiusPx);
    if (radius < 1)
        return foreground.clone();
    cv::Mat1f alpha(foreground.size());
    forTiles(image.size(), kPasses * 2 * radius, [&](const cv::Rect &tile, const cv::Rect &region) {
        const cv::Mat1b inside(foreground(region) >= 0.5f);
        const int count = cv::countNonZero(inside);
        if (count == 0 || count == region.area()) {
            alpha(tile) = count == 0 ? 0.f : 1.f;
            return;
        }
        cv::Mat3f guide;
        cv::Mat1f mask;
        image(region).convertTo(guide, CV_32F, 1 / 255.0);
        inside.convertTo(mask, CV_32F, 1 / 255.0);
        for (int pass = 0; pass < kPasses; ++pass) {
            mask = guidedFilter(guide, mask, radius, kEdgeNoise);
            std::transform(mask.begin(), mask.end(), mask.begin(),
                           [](float value) { return std::clamp((value - kClear) / (kSolid - kClear), 0.f, 1.f); });
        }
        mask(within(tile, region)).copyTo(alpha(tile));
    });
    return alpha;
}

cv::Mat foregroundColors(const cv::Mat &image, const cv::Mat1f &alpha, double radiusPx)
{
    const int wide = std::max(2, rounded(radiusPx)), fine = std::max(1, wide / kFineness);
    cv::Mat colors = image.clone();
    colors.setTo(0, alpha <= 0);
    forTiles(image.size(), wide + fine, [&](const cv::Rect &tile, const cv::Rect &region) {
        const cv::Mat1b soft((alpha(tile) > 0) & (alpha(tile) < 1));
        if (cv::countNonZero(soft) == 0)
            return;
        cv::Mat3f seen;
        image(region).convertTo(seen, CV_32F);
        const cv::Mat1f share = alpha(region);
        cv::Mat3f front = seen.clone(), back = seen.clone();
        for (const int radius : {wide, fine})
            fuse(seen, share, radius, front, back);
        cv::Mat bytes;
        front(within(tile, region)).convertTo(bytes, CV_8U);
        bytes.copyTo(colors(tile), soft);
    });
    return colors;
}

Result<Cutter> Cutter::make(const CutoutOptions &options)
{
    if (auto valid = validateOptions(cutoutTable().specs(), cutoutTable().toJson(options)); !valid)
        return valid.error();
    Cutter cutter;
    cutter.m_options = options;
    const auto &word = options.background;
    if (word == "transparent")
        return cutter;
    if (word == "blur") {
        cutter.m_background = Blurred{};
        return cutter;
    }
    if (const auto color = parseColor(word)) {
        cutter.m_background = *color;
        return cutter;
    }
    auto image = readImage(word);
    if (!image)
        return Error{ErrorCode::Option,
                     "background is '" + word + "', expected transparent, blur, a colour such as #ffffff or an image: "
                         + image.error().message,
                     "background"};
    cutter.m_background = std::move(*image);
    return cutter;
}

Cutout Cutter::cut(const cv::Mat &image, const cv::Mat1f &foreground) const
{
    const double side = std::min(image.cols, image.rows);
    const auto alpha = softAlpha(image, foreground, side * m_options.edge / 100);
    cv::Mat colors = foregroundColors(image, alpha, side * kColorShare), out;
    if (std::holds_alternative<Clear>(m_background)) {
        cv::Mat bytes;
        alpha.convertTo(bytes, CV_8U, 255);
        colors.setTo(0, bytes == 0);
        cv::merge(std::vector<cv::Mat>{colors, bytes}, out);
    } else {
        cv::Mat behind;
        if (const auto *color = std::get_if<Color>(&m_background))
            behind = cv::Mat(image.size(), CV_8UC3, cv::Scalar((*color)[0], (*color)[1], (*color)[2]));
        else if (const auto *picture = std::get_if<cv::Mat>(&m_background))
            behind = covering(*picture, image.size());
        else
            blurredBackground(image, alpha, side * m_options.blur / 100).convertTo(behind, CV_8U);
        cv::blendLinear(colors, behind, alpha, 1 - alpha, out);
    }
    const cv::Rect box = m_options.crop ? cropBox(alpha) : cv::Rect({}, image.size());
    return {out(box), {box.x, box.y, box.width, box.height}};
}

} // namespace masque
