// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/Augmentation.h"

#include <opencv2/imgproc.hpp>

#include <cmath>
#include <numbers>

namespace masque {

namespace {

/// What was drawn for one sample.
struct Draw {
    bool flipX, flipY;
    double radians, zoom, shiftX, shiftY; ///< shift as a share of the sides
    double brightness, contrast, saturation;
};

/// Draws everything in a fixed order, so that switching one kind on does not change the others.
Draw drawSample(const AugmentationOptions &options, Random &rng)
{
    const auto symmetric = [&](double reach) { return rng.uniform(-1, 1) * reach; };
    Draw draw{};
    draw.flipX = rng.chance(0.5) && options.flipHorizontal;
    draw.flipY = rng.chance(0.5) && options.flipVertical;
    draw.radians = symmetric(options.rotationDegrees) * std::numbers::pi / 180;
    const double at = rng.uniform();
    draw.zoom = std::exp(std::log(1 - options.scale) * (1 - at) + std::log(1 + options.scale) * at);
    draw.shiftX = symmetric(options.crop);
    draw.shiftY = symmetric(options.crop);
    draw.brightness = symmetric(options.brightness) * 255;
    draw.contrast = 1 + symmetric(options.contrast);
    draw.saturation = 1 + symmetric(options.saturation);
    return draw;
}

/// Source pixel coordinates from output pixel coordinates (OpenCV's: pixel centres at whole numbers).
cv::Matx23d sourceFromOutput(cv::Size source, Size output, const Draw &draw)
{
    const double w = output.width, h = output.height;
    const double cosine = std::cos(draw.radians) / draw.zoom, sine = std::sin(draw.radians) / draw.zoom;
    const double fx = draw.flipX ? -1 : 1, fy = draw.flipY ? -1 : 1;
    // Output pixel -> centred, unflipped, rotated and zoomed in output pixels -> stretched to the source.
    const double sx = source.width / w, sy = source.height / h;
    const double a = sx * cosine * fx, b = -sx * sine * fy, c = sy * sine * fx, d = sy * cosine * fy;
    const double tx = source.width * (0.5 + draw.shiftX) - a * (w / 2 - 0.5) - b * (h / 2 - 0.5) - 0.5;
    const double ty = source.height * (0.5 + draw.shiftY) - c * (w / 2 - 0.5) - d * (h / 2 - 0.5) - 0.5;
    return {a, b, tx, c, d, ty};
}

void warp(const cv::Mat &image, const cv::Mat1b &mask, Size size, const Draw &draw, cv::Mat &imageOut,
          cv::Mat1b &maskOut)
{
    // Bilinear sampling of a much larger image would alias: it is first reduced to about one pixel a pixel.
    cv::Mat source = image;
    const double width = size.width * std::max(draw.zoom, 1.0), height = size.height * std::max(draw.zoom, 1.0);
    const cv::Size reduced(std::min(image.cols, static_cast<int>(std::ceil(width))),
                           std::min(image.rows, static_cast<int>(std::ceil(height))));
    if (reduced != image.size())
        cv::resize(image, source, reduced, 0, 0, cv::INTER_AREA);
    cv::Mat warped;
    cv::warpAffine(source, warped, sourceFromOutput(source.size(), size, draw), {size.width, size.height},
                   cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REFLECT);
    cv::Mat1b warpedMask;
    if (!mask.empty())
        cv::warpAffine(mask, warpedMask, sourceFromOutput(mask.size(), size, draw), {size.width, size.height},
                       cv::INTER_NEAREST | cv::WARP_INVERSE_MAP, cv::BORDER_CONSTANT, cv::Scalar(255));
    imageOut = warped;
    maskOut = warpedMask;
}

void flipBoth(const Draw &draw, cv::Mat &image, cv::Mat1b &mask)
{
    if (!draw.flipX && !draw.flipY)
        return;
    const int code = draw.flipX && draw.flipY ? -1 : draw.flipX ? 1 : 0;
    cv::Mat flipped;
    cv::flip(image, flipped, code);
    image = flipped;
    if (mask.empty())
        return;
    cv::Mat1b flippedMask;
    cv::flip(mask, flippedMask, code);
    mask = flippedMask;
}

/// Saturation, contrast about the mean and brightness in one matrix a pixel.
void recolor(const Draw &draw, cv::Mat &image)
{
    if (draw.saturation == 1 && draw.contrast == 1 && draw.brightness == 0)
        return;
    constexpr double kGrey[] = {0.299, 0.587, 0.114}; // ITU-R BT.601, RGB
    const auto mean = cv::mean(image);
    cv::Matx34f matrix = cv::Matx34f::zeros();
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 3; ++column)
            matrix(row, column) = static_cast<float>(
                draw.contrast * ((row == column ? draw.saturation : 0) + (1 - draw.saturation) * kGrey[column]));
        matrix(row, 3) = static_cast<float>((1 - draw.contrast) * (mean[0] + mean[1] + mean[2]) / 3 + draw.brightness);
    }
    cv::Mat out;
    cv::transform(image, out, matrix);
    image = out;
}

} // namespace

const OptionTable<AugmentationOptions> &augmentationTable()
{
    static const auto table = [] {
        using A = AugmentationOptions;
        OptionTable<A> t;
        const auto spec = [](const char *key, const char *label, const char *help, OptionType type, double maximum,
                             const char *unit) {
            OptionSpec s{.key = key, .label = label, .help = help, .group = "Augmentation", .type = type};
            if (type == OptionType::Real) {
                s.minimum = 0;
                s.maximum = maximum;
            }
            s.unit = unit;
            return s;
        };
        const auto real = OptionType::Real, yes = OptionType::Bool;
        t.add(spec("flip_horizontal", "Flip left and right", "Mirrors every second sample left to right.", yes, 0, ""),
              &A::flipHorizontal);
        t.add(spec("flip_vertical", "Flip up and down", "Mirrors every second sample top to bottom.", yes, 0, ""),
              &A::flipVertical);
        t.add(spec("rotation_degrees", "Rotation", "Rotates by up to this angle either way.", real, 180, "degrees"),
              &A::rotationDegrees);
        t.add(spec("scale", "Zoom", "Zooms by a factor from 1 - s to 1 + s.", real, 0.9, ""), &A::scale);
        t.add(spec("crop", "Shift", "Moves the frame by up to this share of each side.", real, 0.5, ""), &A::crop);
        t.add(
            spec("brightness", "Brightness", "Lightens or darkens by up to this share of the full range.", real, 1, ""),
            &A::brightness);
        t.add(spec("contrast", "Contrast", "Multiplies contrast by a factor from 1 - c to 1 + c.", real, 1, ""),
              &A::contrast);
        t.add(spec("saturation", "Saturation", "Multiplies saturation by a factor from 1 - s to 1 + s.", real, 1, ""),
              &A::saturation);
        return t;
    }();
    return table;
}

void resizeSample(const cv::Mat &image, const cv::Mat1b &mask, Size size, cv::Mat &imageOut, cv::Mat1b &maskOut)
{
    const cv::Size target(size.width, size.height);
    const bool shrinks = target.width <= image.cols && target.height <= image.rows;
    cv::Mat resized;
    cv::resize(image, resized, target, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
    cv::Mat1b resizedMask;
    if (!mask.empty())
        cv::resize(mask, resizedMask, target, 0, 0, cv::INTER_NEAREST_EXACT); // centres, as the image
    imageOut = resized;
    maskOut = resizedMask;
}

void resampleSample(const cv::Mat &image, const cv::Mat1b &mask, Size size, const AugmentationOptions &options,
                    Random &rng, cv::Mat &imageOut, cv::Mat1b &maskOut)
{
    const auto draw = drawSample(options, rng);
    if (draw.radians == 0 && draw.zoom == 1 && draw.shiftX == 0 && draw.shiftY == 0) {
        resizeSample(image, mask, size, imageOut, maskOut);
        flipBoth(draw, imageOut, maskOut);
    } else {
        warp(image, mask, size, draw, imageOut, maskOut);
    }
    recolor(draw, imageOut);
}

} // namespace masque
