// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/cutout.h"

#include "core/image/color_text.h"
#include "core/inference/guided_filter.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr double kEdgeNoise = 1e-4;             ///< variance of colours (0..1) that the guided filter takes for none
constexpr float kClear = 0.15f, kSolid = 0.85f; ///< what the filter says that is taken for 0 and 1
constexpr double kFilterPx = 12;                ///< radius at which it is computed, in a smaller image
constexpr double kColorShare = 0.035;           ///< sigma of the colours' surroundings, of the shorter side
constexpr double kBlurPx = 6;                   ///< sigma at which they are computed
constexpr int kFineness = 10;                   ///< the second pass's radius, as a part of that sigma
constexpr int kTilePx = 512;

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

cv::Size shrunk(cv::Size size, double scale)
{
    return {std::max(1, rounded(size.width * scale)), std::max(1, rounded(size.height * scale))};
}

/// The colours around each pixel of what weight says is there, as a Gaussian sees them; CV_8UC3.
cv::Mat surroundings(const cv::Mat &image, const cv::Mat1f &weight, double sigmaPx)
{
    const double scale = std::min(1.0, kBlurPx / std::max(sigmaPx, 1e-9));
    cv::Mat there, seen, out;
    weight.convertTo(there, CV_8U, 255);
    cv::merge(std::vector<cv::Mat>(3, there), seen);
    cv::multiply(image, seen, seen, 1 / 255.0);
    cv::resize(seen, seen, shrunk(image.size(), scale), 0, 0, cv::INTER_AREA);
    cv::resize(there, there, seen.size(), 0, 0, cv::INTER_AREA);
    cv::Mat3f colors;
    cv::Mat1f weights;
    seen.convertTo(colors, CV_32F);
    there.convertTo(weights, CV_32F, 1 / 255.0);
    const double sigma = std::max(sigmaPx * scale, 1e-3);
    cv::GaussianBlur(colors, colors, {}, sigma, sigma, cv::BORDER_REFLECT_101);
    cv::GaussianBlur(weights, weights, {}, sigma, sigma, cv::BORDER_REFLECT_101);
    unweighted(colors, weights).convertTo(out, CV_8U);
    cv::resize(out, out, image.size(), 0, 0, cv::INTER_LINEAR);
    return out;
}

/// The same close by, in squares.
cv::Mat3f weightedMean(const cv::Mat3f &colors, const cv::Mat1f &weight, int radius)
{
    const cv::Size square(2 * radius + 1, 2 * radius + 1);
    cv::Mat3f sum;
    cv::Mat1f weights;
    cv::blur(weighted(colors.clone(), weight), sum, square, {-1, -1}, cv::BORDER_REPLICATE);
    cv::blur(weight, weights, square, {-1, -1}, cv::BORDER_REPLICATE);
    return unweighted(sum, weights);
}

/// What has to be added to the foreground's mean so that foreground and background make up the image.
void explain(const cv::Mat3f &image, const cv::Mat1f &alpha, cv::Mat3f &foreground, const cv::Mat3f &background)
{
    for (int y = 0; y < image.rows; ++y)
        for (int x = 0; x < image.cols; ++x) {
            auto &front = foreground(y, x);
            const float share = alpha(y, x);
            front += share * (image(y, x) - share * front - (1 - share) * background(y, x));
            for (auto &value : front.val)
                value = std::clamp(value, 0.f, 255.f);
        }
}

void stretch(cv::Mat1f &alpha)
{
    std::transform(alpha.begin(), alpha.end(), alpha.begin(),
                   [](float value) { return std::clamp((value - kClear) / (kSolid - kClear), 0.f, 1.f); });
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
    if (rounded(radiusPx) < 1)
        return foreground.clone();
    const double scale = std::min(1.0, kFilterPx / radiusPx);
    const int radius = std::max(1, rounded(radiusPx * scale));
    cv::Mat small, inside;
    cv::Mat3f guide;
    cv::Mat1f mask;
    cv::resize(image, small, shrunk(image.size(), scale), 0, 0, cv::INTER_AREA);
    small.convertTo(guide, CV_32F, 1 / 255.0);
    cv::resize(foreground >= 0.5f, inside, small.size(), 0, 0, cv::INTER_AREA);
    inside.convertTo(mask, CV_32F, 1 / 255.0);
    mask = onLines(guidedLines(guide, mask, radius, kEdgeNoise), small);
    stretch(mask); // the second time begins at the edge that the first found
    auto alpha = onLines(guidedLines(guide, mask, radius, kEdgeNoise), image);
    stretch(alpha);
    return alpha;
}

cv::Mat foregroundColors(const cv::Mat &image, const cv::Mat1f &alpha, double sigmaPx)
{
    const cv::Mat front = surroundings(image, alpha, sigmaPx),
                  back = surroundings(image, cv::Mat1f(1 - alpha), sigmaPx);
    const int fine = std::max(1, rounded(sigmaPx / kFineness));
    cv::Mat colors = image.clone();
    colors.setTo(0, alpha <= 0);
    forTiles(image.size(), fine, [&](const cv::Rect &tile, const cv::Rect &region) {
        const cv::Mat1b soft((alpha(tile) > 0) & (alpha(tile) < 1));
        if (cv::countNonZero(soft) == 0)
            return;
        cv::Mat3f seen, foreground, background;
        image(region).convertTo(seen, CV_32F);
        front(region).convertTo(foreground, CV_32F);
        back(region).convertTo(background, CV_32F);
        const cv::Mat1f share = alpha(region), rest(1 - share);
        explain(seen, share, foreground, background);
        foreground = weightedMean(foreground, share, fine);
        explain(seen, share, foreground, weightedMean(background, rest, fine));
        cv::Mat bytes;
        foreground(tile - region.tl()).convertTo(bytes, CV_8U);
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
            behind = surroundings(image, cv::Mat1f(1 - alpha), side * m_options.blur / 100); // no subject glows in it
        cv::blendLinear(colors, behind, alpha, 1 - alpha, out);
    }
    const cv::Rect box = m_options.crop ? cropBox(alpha) : cv::Rect({}, image.size());
    return {out(box), {box.x, box.y, box.width, box.height}};
}

} // namespace masque
