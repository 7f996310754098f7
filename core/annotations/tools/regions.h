// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

#include <functional>
#include <stop_token>

/// Pixels found by what they have in common. Pure functions of their arguments; they may take long on huge images.
namespace masque {

/// 255 where a pixel of the area belongs, 0 elsewhere.
using PixelTest = std::function<cv::Mat1b(const Rect &area)>;

/// The pixels that belong and hang together (over edges) with seed, itself included; looks only as far as they reach.
/// Empty if seed lies outside the image or does not belong.
Mask connectedRegion(Size image, cv::Point seed, const PixelTest &belongs, const std::stop_token &stop = {});

/// The pixels whose colour differs from the seed's by at most tolerance in each of 8-bit CIELAB's channels (L is spread
/// over 0..255): those that hang together with it, or all of the image.
enum class Spread { Connected, WholeImage };
Mask similarPixels(const cv::Mat &rgb, cv::Point seed, int tolerance, Spread spread, const std::stop_token &stop = {});

/// The pixels around seed that have the class seed has as the rasteriser paints it (or none), and hang together with
/// it.
struct ClassRegion {
    std::string label; ///< empty: unlabelled
    Mask pixels;
};
ClassRegion classRegion(const Annotation &annotation, Size image, cv::Point seed, const std::stop_token &stop = {});

/// The mask and what it encloses. Pixels hang together as in traceMask.
Mask withoutHoles(const Mask &mask);
/// The pixels whose centre is at most radiusPx away from one of the mask's, within the image.
Mask dilated(const Mask &mask, double radiusPx, Size image);
/// The pixels whose centre is more than radiusPx away from every pixel outside the mask; the image's border is no
/// outside.
Mask eroded(const Mask &mask, double radiusPx, Size image);

} // namespace masque
