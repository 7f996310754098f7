// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"
#include "core/base/Random.h"
#include "core/base/geometry.h"

#include <opencv2/core.hpp>

namespace masque {

/// Random changes of a training sample; image and mask move together. Everything off = the identity.
struct AugmentationOptions {
    bool flipHorizontal = false;
    bool flipVertical = false;
    double rotationDegrees = 0; ///< up to +- this
    double scale = 0;           ///< zoom drawn from 1 - scale .. 1 + scale (log-uniform)
    double crop = 0;            ///< shift of the frame by up to this share of each side
    double perspective = 0;     ///< each corner moved inwards by up to this share of half the sides, 0..1
    double elasticAlpha = 0;    ///< standard deviation of the displacement, as a share of the shorter side
    double elasticSigma = 0.08; ///< how far its waves reach: the Gaussian's, as a share of the shorter side
    double balancedCrop = 0;    ///< probability that the frame goes to a class drawn evenly, 0..1

    double brightness = 0; ///< +- share of the full range
    double contrast = 0;   ///< factor 1 - c .. 1 + c about the mean
    double saturation = 0; ///< factor 1 - s .. 1 + s
    double hue = 0;        ///< turned by up to +- this share of the colour circle, 0..0.5
    double blur = 0;       ///< Gaussian of up to this sigma, in pixels of the network's input
    double noise = 0;      ///< Gaussian, standard deviation up to this share of the full range

    double cutout = 0;         ///< side of a hidden square, as a share of the shorter side
    bool cutoutIgnore = false; ///< the mask under it becomes ignore
    double mixup = 0;          ///< alpha of TrainingSetup::mixup; the trainer's, who has whole batches; 0: none
};
const OptionTable<AugmentationOptions> &augmentationTable();

/// What a sample shows of its image: all of it, stretched, or a window of the sample's size at the image's own scale.
enum class Framing { Stretched, Window };

/// Image (CV_8UC3) and mask (CV_8UC1, may be empty; ids as they are, 255 = ignore) resampled to size: framed, augmented
/// by one warp (image bilinear or area, mask nearest, outside: border mirrored in the image and 255 in the mask), then
/// colour, blur, noise and cut-out, which leave the mask, but for cutoutIgnore. A window's place is drawn too. rng
/// decides everything; each kind of change has its own numbers, so that switching one on leaves the others as they
/// were.
///   perspective   torchvision's RandomPerspective: the image within the quadrilateral of its moved corners
///   elastic       Simard et al. 2003: uniform noise smoothed by a Gaussian; differs: alpha is what the displacement
///                 measures in the end, and both are shares of the side, so that they mean the same at any size
///   balanced crop the frame is centred on a pixel of a class drawn evenly from those in the mask, as far as crop, zoom
///                 and a window's place let it move
///   hue           a turn in YIQ, which keeps luminance and grey
///   cut-out       DeVries and Taylor 2017: a square about a random pixel, filled with the image's mean colour
void resampleSample(const cv::Mat &image, const cv::Mat1b &mask, Size size, const AugmentationOptions &, Random &rng,
                    cv::Mat &imageOut, cv::Mat1b &maskOut, Framing framing = Framing::Stretched);
/// Plain resize without augmentation: image INTER_AREA down / bilinear up, mask nearest.
void resizeSample(const cv::Mat &image, const cv::Mat1b &mask, Size size, cv::Mat &imageOut, cv::Mat1b &maskOut);

} // namespace masque
