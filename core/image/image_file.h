// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/base/geometry.h"

#include <opencv2/core.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Reading and writing image files: the one decoder of view, training and export. All functions are thread-safe, throw
/// nothing, and their errors name the file.
namespace masque {

using Color = std::array<std::uint8_t, 3>; ///< RGB

/// What a file's header says, without decoding its pixels.
struct ImageInfo {
    Size size;           ///< as shown, after EXIF orientation
    int channels = 0;    ///< 1 grey or palette, 2 grey + alpha, 3 RGB, 4 RGBA
    int bitDepth = 8;    ///< bits a channel
    int orientation = 1; ///< EXIF 1..8
};

/// The largest image that is decoded (pixels); larger ones are refused by name before memory is taken.
inline constexpr std::int64_t kMaxImagePixels = std::int64_t{1} << 28;

/// True for the extensions that are read: jpg jpeg png tif tiff bmp webp, any case.
bool hasImageExtension(std::string_view path);

/// JPEG, PNG, TIFF, BMP, WebP; the content decides, not the extension.
Result<ImageInfo> readImageInfo(const std::string &path);
/// As readImageInfo, and an error if the file is cut short; still reads a few bytes only.
Result<ImageInfo> checkImageFile(const std::string &path);

/// Decodes to CV_8UC3, RGB order, EXIF orientation applied once. 16-bit samples are scaled by the bit depth that their
/// greatest value needs (8, 10, 12, 14 or 16); alpha is dropped; palettes are looked up. Empty, truncated, broken and
/// gigantic files are errors.
Result<cv::Mat> readImage(const std::string &path);
Result<cv::Mat> decodeImage(std::string_view bytes, const std::string &name);

/// As readImage, reduced so that the longer side is at most maxSide (JPEGs are decoded at reduced size, which is fast).
Result<cv::Mat> readThumbnail(const std::string &path, int maxSide);

/// A file of class ids: what PNG calls palette or grey values. OpenCV expands palettes and loses the ids; this does
/// not. A JPEG cannot keep ids: one of two grey levels is read as 0 and 255, others are errors.
struct IdImage {
    cv::Mat ids; ///< CV_8UC1 or CV_16UC1: palette index or grey value; CV_8UC3 RGB if the file is in colour
    std::vector<Color> palette; ///< of a palette file; else empty
};
Result<IdImage> readIdImage(const std::string &path);

/// 8-bit palette PNG of class ids, compressed in memory. palette[id] is the colour; up to 256.
Result<std::string> encodeIdPng(const cv::Mat1b &ids, const std::vector<Color> &palette);
/// 8-bit grey PNG (labelme's mask values 0 and 1).
Result<std::string> encodeGreyPng(const cv::Mat1b &grey);
/// Writes RGB (CV_8UC3) or RGBA (CV_8UC4) as PNG or JPEG by the path's extension, atomically.
Result<void> writeImage(const std::string &path, const cv::Mat &rgb);

} // namespace masque
