// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Augmentation.h"

#include <array>

/// Private to augmentation.
namespace masque {

/// What was drawn for one sample.
struct SampleDraw {
    bool flipX = false, flipY = false;
    double radians = 0, zoom = 1, shiftX = 0, shiftY = 0;         ///< shift as a share of the frame's sides
    double brightness = 0, contrast = 1, saturation = 1, hue = 0; ///< brightness of 0..255, hue in radians
    double blur = 0, noise = 0;                                   ///< sigma in pixels, of 0..255
    std::array<Point, 4> corners = {}; ///< moved inwards by these shares of half the sides: from top left, clockwise
    double elasticAlpha = 0, elasticSigma = 0; ///< shares of the shorter side
    Point place, cutout;                       ///< of a window, of the square's centre: 0..1
    bool balanced = false;                     ///< the frame goes to a class
    double chosenClass = 0, chosenPixel = 0;   ///< which: 0..1
    std::uint64_t elasticSeed = 0, noiseSeed = 0;

    bool hasPerspective() const { return corners != std::array<Point, 4>{}; }
    /// More than a flip and another frame.
    bool bends() const { return radians != 0 || zoom != 1 || elasticAlpha > 0 || hasPerspective(); }
};

/// Draws everything in a fixed order, whatever is switched on.
SampleDraw drawSample(const AugmentationOptions &options, Random &rng);

} // namespace masque
