// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_file.h"

/// PNG by libpng itself, since OpenCV expands palettes and writes its complaints to stderr; private to core/image.
namespace masque {

enum class PngPixels {
    Rgb, ///< CV_8UC3 or CV_16UC3, RGB; palettes looked up, alpha dropped
    Ids, ///< palette indices and grey values as they are: CV_8UC1, CV_16UC1; colour files as CV_8UC3 RGB
};
Result<IdImage> decodePng(std::string_view bytes, const std::string &name, PngPixels pixels);

/// colours empty: grey; else a palette image.
Result<std::string> encodePng8(const cv::Mat1b &image, const std::vector<Color> &palette);

} // namespace masque
