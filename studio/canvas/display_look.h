// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core.hpp>

#include <array>

namespace masque {

enum class Channels { Rgb, Red, Green, Blue, Luminance };

/// How an image is shown: brightness, contrast and gamma (in this order from the last to the first), one channel alone
/// as grey. It is for the eye only; tools, files and networks see the image as it is.
struct DisplayLook {
    int brightness = 0; ///< -100 (black) .. 100 (white)
    int contrast = 0;   ///< -100 (grey) .. 100 (black and white)
    double gamma = 1;   ///< 0.25 .. 4; above 1 dark parts become lighter
    Channels channels = Channels::Rgb;
    bool isNeutral() const { return *this == DisplayLook{}; }
    friend bool operator==(const DisplayLook &, const DisplayLook &) = default;
};

/// A look worked out for drawing.
struct LookTable {
    std::array<std::uint8_t, 256> tones;
    Channels channels;
};
LookTable lookTable(const DisplayLook &look);
/// pixels: CV_8UC3 RGB, changed in place.
void applyLook(const LookTable &look, cv::Mat &pixels);

} // namespace masque
