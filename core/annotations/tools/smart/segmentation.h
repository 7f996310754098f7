// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

/// OpenCV's segmentation algorithms on a part of an image that is reduced when it is large. Pure and deterministic.
namespace masque {

/// What is known of an object's pixels.
struct CutRequest {
    cv::Mat image; ///< CV_8UC3 RGB
    Rect box;      ///< nothing outside belongs to it; empty: anything near the strokes may
    Mask strokes;  ///< 2: belongs, 3: does not
    Mask previous; ///< the last result, to start from with a box; empty at first
    int iterations = 3;
    int maxPixels = 150000; ///< of the reduced part
};
/// The object's pixels by cv::grabCut; empty if nothing is left of it.
Mask grabCut(const CutRequest &request);

/// Gives every pixel of the box around the markers and half as much again one of the markers' values, by cv::watershed.
Mask watershed(const cv::Mat &image, const Mask &markers, int maxPixels = 1000000);

} // namespace masque
