// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/augmentation/draw.h"

#include <cmath>
#include <numbers>

namespace masque {

SampleDraw drawSample(const AugmentationOptions &options, Random &rng)
{
    const auto symmetric = [&](double reach) { return rng.uniform(-1, 1) * reach; };
    SampleDraw draw;
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
    draw.hue = symmetric(options.hue) * 2 * std::numbers::pi;
    draw.blur = rng.uniform() * options.blur;
    draw.noise = rng.uniform() * options.noise * 255;
    for (auto &corner : draw.corners) {
        corner.x = rng.uniform() * options.perspective;
        corner.y = rng.uniform() * options.perspective;
    }
    draw.elasticAlpha = options.elasticAlpha;
    draw.elasticSigma = options.elasticSigma;
    draw.place = {rng.uniform(), rng.uniform()};
    draw.cutout = {rng.uniform(), rng.uniform()};
    draw.balanced = rng.chance(options.balancedCrop);
    draw.chosenClass = rng.uniform();
    draw.chosenPixel = rng.uniform();
    draw.elasticSeed = rng.next();
    draw.noiseSeed = rng.next();
    return draw;
}

} // namespace masque
