// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/Augmentation.h"

#include "core/datasets/augmentation/draw.h"
#include "core/datasets/augmentation/geometry.h"
#include "core/datasets/augmentation/pixels.h"

#include <opencv2/imgproc.hpp>

namespace masque {

namespace {

void flipBoth(const SampleDraw &draw, cv::Mat &image, cv::Mat1b &mask)
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

} // namespace

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
                    Random &rng, cv::Mat &imageOut, cv::Mat1b &maskOut, Framing framing)
{
    const auto draw = drawSample(options, rng);
    const auto frame = frameOf({image.cols, image.rows}, mask, size, options, draw, framing);
    if (frame == Frame{} && !draw.bends()) { // the whole image, upright: averaging beats a warp
        resizeSample(image, mask, size, imageOut, maskOut);
        flipBoth(draw, imageOut, maskOut);
    } else {
        warpSample(image, mask, size, frame, draw, imageOut, maskOut);
    }
    blurPixels(draw, imageOut);
    recolorPixels(draw, imageOut);
    addNoise(draw, imageOut);
    cutOut(options, draw, imageOut, maskOut);
}

} // namespace masque
