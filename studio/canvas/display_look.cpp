// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/display_look.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace masque {

LookTable lookTable(const DisplayLook &look)
{
    LookTable table{{}, look.channels};
    // The slope goes evenly from level over 45 degrees to (almost) upright.
    const double slope = std::tan(std::min(look.contrast / 100.0 + 1, 1.99) * std::numbers::pi / 4);
    for (std::size_t i = 0; i < table.tones.size(); ++i) {
        const double bent = std::pow(static_cast<double>(i) / 255, 1 / look.gamma);
        const double tone = (bent - 0.5) * slope + 0.5 + look.brightness / 100.0;
        table.tones[i] = static_cast<std::uint8_t>(std::lround(255 * std::clamp(tone, 0.0, 1.0)));
    }
    return table;
}

void applyLook(const LookTable &look, cv::Mat &pixels)
{
    if (look.channels != Channels::Rgb) {
        cv::Mat grey;
        if (look.channels == Channels::Luminance)
            cv::cvtColor(pixels, grey, cv::COLOR_RGB2GRAY);
        else
            cv::extractChannel(pixels, grey, static_cast<int>(look.channels) - static_cast<int>(Channels::Red));
        cv::cvtColor(grey, pixels, cv::COLOR_GRAY2RGB);
    }
    cv::LUT(pixels, cv::Mat(1, 256, CV_8U, const_cast<std::uint8_t *>(look.tones.data())), pixels);
}

} // namespace masque
