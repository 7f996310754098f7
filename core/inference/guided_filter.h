// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core.hpp>

namespace masque {

/// Smooths input so that around each pixel it is linear in the guide's colour, and so keeps the guide's edges (guided
/// filter, He et al. 2013, sec. 3.5). Windows are squares of 2 radius + 1 pixels, mirrored at the border; epsilon is
/// the variance of colours that counts as no edge. Both of one size, colours 0..1. OpenCV 4.6 has one in ximgproc that
/// smooths its guide's edges away: of an input that is linear in the guide it makes something else.
cv::Mat1f guidedFilter(const cv::Mat3f &guide, const cv::Mat1f &input, int radius, double epsilon);

} // namespace masque
