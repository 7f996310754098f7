// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core.hpp>

#include <optional>
#include <string>
#include <utility>

/// A part of an image as an image of its own: "photo.jpg#xywh=10,20,64,80" (W3C, Media Fragments URI 1.0, sec. 4.2.2).
/// The functions of image_file.h read such a name as any other and give what squareCrop makes of it.
namespace masque {

std::string regionName(const std::string &path, const cv::Rect &box);
/// The image's path and the box; nothing if the path is no such name.
std::optional<std::pair<std::string, cv::Rect>> regionOf(const std::string &path);

/// A square around the box, a tenth larger than its longer side, as the faces of FER-2013 are cut; what lies outside of
/// the image repeats its border. CV_8UC3; empty if nothing of it lies inside.
cv::Mat squareCrop(const cv::Mat &rgb, const cv::Rect2d &box);

} // namespace masque
