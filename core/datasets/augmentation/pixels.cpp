// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/augmentation/pixels.h"

#include <opencv2/imgproc.hpp>

#include <cmath>

namespace masque {

namespace {

cv::Matx33d colorMatrix(const SampleDraw &draw)
{
    const cv::Matx33d toYiq(0.299, 0.587, 0.114, 0.596, -0.274, -0.322, 0.211, -0.523, 0.312); // FCC 1953, from RGB
    const auto grey = cv::Matx31d::ones() * toYiq.row(0);
    auto matrix = draw.saturation * cv::Matx33d::eye() + (1 - draw.saturation) * grey;
    if (draw.hue != 0) {
        const double cosine = std::cos(draw.hue), sine = std::sin(draw.hue);
        matrix = matrix * (toYiq.inv() * cv::Matx33d(1, 0, 0, 0, cosine, -sine, 0, sine, cosine) * toYiq);
    }
    return matrix;
}

} // namespace

void recolorPixels(const SampleDraw &draw, cv::Mat &image)
{
    if (draw.hue == 0 && draw.saturation == 1 && draw.contrast == 1 && draw.brightness == 0)
        return;
    const auto mean = cv::mean(image);
    const auto color = draw.contrast * colorMatrix(draw);
    const double offset = (1 - draw.contrast) * (mean[0] + mean[1] + mean[2]) / 3 + draw.brightness;
    cv::Matx34f matrix;
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 3; ++column)
            matrix(row, column) = static_cast<float>(color(row, column));
        matrix(row, 3) = static_cast<float>(offset);
    }
    cv::Mat out;
    cv::transform(image, out, matrix);
    image = out;
}

void blurPixels(const SampleDraw &draw, cv::Mat &image)
{
    constexpr double kLeast = 0.1; // its kernel is one pixel
    if (draw.blur < kLeast)
        return;
    cv::Mat out;
    cv::GaussianBlur(image, out, {}, draw.blur, draw.blur, cv::BORDER_REFLECT);
    image = out;
}

void addNoise(const SampleDraw &draw, cv::Mat &image)
{
    if (draw.noise == 0)
        return;
    cv::Mat noise(image.size(), CV_16SC3), out;
    cv::RNG(draw.noiseSeed).fill(noise, cv::RNG::NORMAL, 0, draw.noise);
    cv::add(image, noise, out, {}, CV_8U);
    image = out;
}

void cutOut(const AugmentationOptions &options, const SampleDraw &draw, cv::Mat &image, cv::Mat1b &mask)
{
    const int side = static_cast<int>(std::lround(options.cutout * std::min(image.cols, image.rows)));
    if (side == 0)
        return;
    const cv::Rect square(static_cast<int>(draw.cutout.x * image.cols) - side / 2,
                          static_cast<int>(draw.cutout.y * image.rows) - side / 2, side, side);
    const auto inside = square & cv::Rect({}, image.size());
    image(inside).setTo(cv::mean(image));
    if (options.cutoutIgnore && !mask.empty())
        mask(inside).setTo(255);
}

} // namespace masque
