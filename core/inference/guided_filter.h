// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core.hpp>

namespace masque {

/// What a guided filter (He et al. 2013, sec. 3.5) makes of input: around each pixel a line of the guide's colour,
/// whose slopes (r, g, b) and offset these are, means over the windows of 2 radius + 1 pixels, mirrored at the border.
/// epsilon is the variance of colours that counts as no edge. Both of one size, colours 0..1. They are smooth, so that
/// they may be found in a small image and enlarged (He and Sun 2015). OpenCV 4.6 has one in ximgproc that smooths its
/// guide's edges away: of an input that is linear in the guide it makes something else.
cv::Mat4f guidedLines(const cv::Mat3f &guide, const cv::Mat1f &input, int radius, double epsilon);

/// The filtered input: what the lines say of the colours of guide, CV_8UC3, at its size.
cv::Mat1f onLines(const cv::Mat4f &lines, const cv::Mat &guide);

} // namespace masque
