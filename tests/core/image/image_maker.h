// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// Image files made byte by byte, so that the tests do not trust the decoder under test.
namespace masque {

std::string bigEndian(std::uint64_t value, int bytes);
std::string littleEndian(std::uint64_t value, int bytes);

/// A PNG chunk with its length and CRC.
std::string pngChunk(const std::string &type, const std::string &data);
/// rows: packed scan lines without filter bytes; stored uncompressed. extra: chunks after the header.
std::string makePng(int width, int height, int depth, int colorType, const std::vector<std::string> &rows,
                    const std::string &extra = {});
/// Uncompressed 8-bit RGB TIFF of one strip, both byte orders. orientation 0: no tag.
std::string makeTiff(const cv::Mat &rgb, int orientation, bool bigEndianOrder);
/// By OpenCV's encoder; extension ".jpg", ".png", ...
std::string encoded(const cv::Mat &rgb, const std::string &extension, const std::vector<int> &parameters = {});

/// A minimal EXIF block (TIFF header, one directory) that says this orientation.
std::string exifBlock(int orientation, bool bigEndianOrder);
std::string jpegWithExif(const std::string &jpeg, const std::string &exif);
std::string pngWithExif(const std::string &png, const std::string &exif);
std::string webpWithExif(const std::string &webp, const std::string &exif, int width, int height);

/// What a camera that was held so would have stored for the upright image (EXIF 2.3, tag 274).
cv::Mat storedFor(const cv::Mat &upright, int orientation);

} // namespace masque
