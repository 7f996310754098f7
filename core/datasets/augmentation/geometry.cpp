// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/augmentation/geometry.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace masque {

namespace {

constexpr int kIgnore = 255;

/// The n-th pixel (of its count, by share) of a class drawn evenly from those in the mask, in shares of the sides.
/// Nothing where all is ignored.
std::optional<Point> pixelOfSomeClass(const cv::Mat1b &mask, double chosenClass, double chosenPixel)
{
    std::array<std::int64_t, 256> counts{};
    for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x < mask.cols; ++x)
            ++counts[mask(y, x)];
    std::vector<int> present;
    for (int id = 0; id < kIgnore; ++id)
        if (counts[static_cast<std::size_t>(id)] > 0)
            present.push_back(id);
    if (present.empty())
        return std::nullopt;
    const int id = present[static_cast<std::size_t>(chosenClass * static_cast<double>(present.size()))];
    const auto count = counts[static_cast<std::size_t>(id)];
    auto left = static_cast<std::int64_t>(chosenPixel * static_cast<double>(count));
    for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x < mask.cols; ++x)
            if (mask(y, x) == id && left-- == 0)
                return Point{(x + 0.5) / mask.cols, (y + 0.5) / mask.rows};
    return std::nullopt;
}

/// Source pixel coordinates from output pixel coordinates (OpenCV's: pixel centres at whole numbers).
cv::Matx33d sourceFromOutput(cv::Size source, Size output, const Frame &frame, const SampleDraw &draw)
{
    const double w = output.width, h = output.height;
    const double cosine = std::cos(draw.radians) / draw.zoom, sine = std::sin(draw.radians) / draw.zoom;
    const double fx = draw.flipX ? -1 : 1, fy = draw.flipY ? -1 : 1;
    // Output pixel -> centred, unflipped, rotated and zoomed in output pixels -> stretched to the source.
    const double sx = source.width * frame.extent.x / w, sy = source.height * frame.extent.y / h;
    const double a = sx * cosine * fx, b = -sx * sine * fy, c = sy * sine * fx, d = sy * cosine * fy;
    const double tx = source.width * frame.centre.x - a * (w / 2 - 0.5) - b * (h / 2 - 0.5) - 0.5;
    const double ty = source.height * frame.centre.y - c * (w / 2 - 0.5) - d * (h / 2 - 0.5) - 0.5;
    return {a, b, tx, c, d, ty, 0, 0, 1};
}

/// Output pixel coordinates before the perspective from those after it.
cv::Matx33d flatFromOutput(Size output, const std::array<Point, 4> &corners)
{
    const auto w = static_cast<float>(output.width), h = static_cast<float>(output.height);
    const cv::Point2f flat[] = {{-0.5f, -0.5f}, {w - 0.5f, -0.5f}, {w - 0.5f, h - 0.5f}, {-0.5f, h - 0.5f}};
    cv::Point2f moved[4];
    for (std::size_t i = 0; i < 4; ++i) {
        const float inwardsX = i == 0 || i == 3 ? 1 : -1, inwardsY = i < 2 ? 1 : -1;
        moved[i] = flat[i]
                   + cv::Point2f(inwardsX * static_cast<float>(corners[i].x) * w / 2,
                                 inwardsY * static_cast<float>(corners[i].y) * h / 2);
    }
    return cv::Mat1d(cv::getPerspectiveTransform(moved, flat)).reshape(1, 3);
}

/// Where each output pixel looks before everything else, CV_32FC2: its own place, and a smooth displacement.
cv::Mat elasticPlaces(Size size, const SampleDraw &draw)
{
    const double side = std::min(size.width, size.height);
    const double sigmaPx = std::max(1.0, draw.elasticSigma * side);
    const double cellPx = std::max(1.0, sigmaPx / 2); // what is so smooth is known from few of its points
    const double sigma = sigmaPx / cellPx;
    cv::Mat field(static_cast<int>(std::ceil(size.height / cellPx)) + 1,
                  static_cast<int>(std::ceil(size.width / cellPx)) + 1, CV_32FC2);
    cv::RNG(draw.elasticSeed).fill(field, cv::RNG::UNIFORM, -1, 1);
    cv::GaussianBlur(field, field, {}, sigma, sigma, cv::BORDER_REFLECT);
    // uniform noise has the standard deviation 1 / sqrt(3), smoothing divides it by 2 sqrt(pi) sigma
    const double smoothed = 1 / (std::sqrt(3.0) * 2 * std::sqrt(std::numbers::pi) * sigma);
    cv::Mat2f places;
    cv::resize(field, places, {size.width, size.height}, 0, 0, cv::INTER_CUBIC);
    places *= draw.elasticAlpha * side / smoothed;
    places.forEach([](cv::Vec2f &place, const int *at) {
        place[0] += static_cast<float>(at[1]);
        place[1] += static_cast<float>(at[0]);
    });
    return places;
}

/// One output of one source; places: as elasticPlaces, or empty.
void resample(const cv::Mat &source, cv::Mat &out, cv::Size size, const cv::Matx33d &matrix, const cv::Mat &places,
              int interpolation, int border, const cv::Scalar &outside = {})
{
    const bool isAffine = matrix(2, 0) == 0 && matrix(2, 1) == 0;
    const int inverse = interpolation | cv::WARP_INVERSE_MAP;
    if (!places.empty()) {
        cv::Mat map;
        cv::perspectiveTransform(places, map, matrix);
        cv::remap(source, out, map, {}, interpolation, border, outside);
    } else if (isAffine) {
        cv::warpAffine(source, out, matrix.get_minor<2, 3>(0, 0), size, inverse, border, outside);
    } else {
        cv::warpPerspective(source, out, matrix, size, inverse, border, outside);
    }
}

} // namespace

Frame frameOf(Size image, const cv::Mat1b &mask, Size size, const AugmentationOptions &options, const SampleDraw &draw,
              Framing framing)
{
    Frame frame;
    if (framing == Framing::Window)
        frame.extent = {static_cast<double>(size.width) / image.width, static_cast<double>(size.height) / image.height};
    const auto target =
        draw.balanced && !mask.empty() ? pixelOfSomeClass(mask, draw.chosenClass, draw.chosenPixel) : std::nullopt;
    const auto centre = [&](double extent, double shift, double place, std::optional<double> wanted) {
        const double half = std::min(0.5, extent / draw.zoom / 2); // of what is seen, which stays within the image
        if (wanted) {
            const double reach = 0.5 - half + options.crop * extent;
            return std::clamp(*wanted, 0.5 - reach, 0.5 + reach);
        }
        return (framing == Framing::Window ? half + (1 - 2 * half) * place : 0.5) + shift * extent;
    };
    frame.centre = {
        centre(frame.extent.x, draw.shiftX, draw.place.x, target ? std::optional(target->x) : std::nullopt),
        centre(frame.extent.y, draw.shiftY, draw.place.y, target ? std::optional(target->y) : std::nullopt)};
    if (framing == Framing::Window && !draw.bends()) { // whole pixels need no interpolation
        const auto whole = [](double centreShare, int source, int window) {
            return (std::round(centreShare * source - window / 2.0) + window / 2.0) / source;
        };
        frame.centre = {whole(frame.centre.x, image.width, size.width),
                        whole(frame.centre.y, image.height, size.height)};
    }
    return frame;
}

void warpSample(const cv::Mat &image, const cv::Mat1b &mask, Size size, const Frame &frame, const SampleDraw &draw,
                cv::Mat &imageOut, cv::Mat1b &maskOut)
{
    // Bilinear sampling of a much larger image would alias: it is first reduced to about one pixel a pixel.
    cv::Mat source = image;
    const double width = size.width * std::max(draw.zoom, 1.0) / frame.extent.x;
    const double height = size.height * std::max(draw.zoom, 1.0) / frame.extent.y;
    const cv::Size reduced(static_cast<int>(std::min<double>(image.cols, std::ceil(width))),
                           static_cast<int>(std::min<double>(image.rows, std::ceil(height))));
    if (reduced != image.size())
        cv::resize(image, source, reduced, 0, 0, cv::INTER_AREA);
    const auto places = draw.elasticAlpha > 0 ? elasticPlaces(size, draw) : cv::Mat();
    const auto flat = draw.hasPerspective() ? flatFromOutput(size, draw.corners) : cv::Matx33d::eye();
    const cv::Size target(size.width, size.height);
    cv::Mat warped;
    resample(source, warped, target, sourceFromOutput(source.size(), size, frame, draw) * flat, places,
             cv::INTER_LINEAR, cv::BORDER_REFLECT);
    cv::Mat1b warpedMask;
    if (!mask.empty())
        resample(mask, warpedMask, target, sourceFromOutput(mask.size(), size, frame, draw) * flat, places,
                 cv::INTER_NEAREST, cv::BORDER_CONSTANT, cv::Scalar(kIgnore));
    imageOut = warped;
    maskOut = warpedMask;
}

} // namespace masque
