// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/image/image_maker.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace masque {

std::string bigEndian(std::uint64_t value, int bytes)
{
    auto text = littleEndian(value, bytes);
    std::ranges::reverse(text);
    return text;
}

std::string littleEndian(std::uint64_t value, int bytes)
{
    std::string text;
    for (int i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}

std::string pngChunk(const std::string &type, const std::string &data)
{
    std::uint32_t crc = 0xffffffffu;
    for (const char c : type + data) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return bigEndian(data.size(), 4) + type + data + bigEndian(~crc, 4);
}

std::string makePng(int width, int height, int depth, int colorType, const std::vector<std::string> &rows,
                    const std::string &extra)
{
    std::string raw;
    for (const auto &row : rows)
        raw += '\0' + row;
    std::string deflated("\x78\x01", 2);
    for (std::size_t at = 0; at < raw.size() || at == 0; at += 65535) {
        const auto part = raw.substr(at, 65535);
        deflated += at + 65535 >= raw.size() ? '\1' : '\0';
        deflated += littleEndian(part.size(), 2) + littleEndian(~part.size(), 2) + part;
    }
    std::uint32_t a = 1, b = 0;
    for (const char c : raw) {
        a = (a + static_cast<unsigned char>(c)) % 65521;
        b = (b + a) % 65521;
    }
    deflated += bigEndian(std::uint64_t{b} << 16 | a, 4);
    const auto header = bigEndian(static_cast<std::uint64_t>(width), 4)
                        + bigEndian(static_cast<std::uint64_t>(height), 4) + static_cast<char>(depth)
                        + static_cast<char>(colorType) + std::string(3, '\0');
    return "\x89PNG\r\n\x1a\n" + pngChunk("IHDR", header) + extra + pngChunk("IDAT", deflated) + pngChunk("IEND", {});
}

std::string makeTiff(const cv::Mat &rgb, int orientation, bool bigEndianOrder)
{
    const auto word = [&](std::uint64_t value, int bytes) {
        return bigEndianOrder ? bigEndian(value, bytes) : littleEndian(value, bytes);
    };
    const auto size = rgb.total() * 3;
    const std::uint64_t bitsAt = 8 + size, directoryAt = bitsAt + 6;
    std::string entries;
    int count = 0;
    const auto entry = [&](int tag, int type, std::uint64_t values, std::uint64_t value) {
        entries +=
            word(static_cast<std::uint64_t>(tag), 2) + word(static_cast<std::uint64_t>(type), 2) + word(values, 4);
        entries += type == 3 && values == 1 ? word(value, 2) + word(0, 2) : word(value, 4);
        ++count;
    };
    entry(256, 4, 1, static_cast<std::uint64_t>(rgb.cols));
    entry(257, 4, 1, static_cast<std::uint64_t>(rgb.rows));
    entry(258, 3, 3, bitsAt);
    entry(259, 3, 1, 1); // no compression
    entry(262, 3, 1, 2); // RGB
    entry(273, 4, 1, 8);
    if (orientation)
        entry(274, 3, 1, static_cast<std::uint64_t>(orientation));
    entry(277, 3, 1, 3);
    entry(278, 4, 1, static_cast<std::uint64_t>(rgb.rows));
    entry(279, 4, 1, size);
    const cv::Mat packed = rgb.clone();
    return (bigEndianOrder ? std::string("MM") : std::string("II")) + word(42, 2) + word(directoryAt, 4)
           + std::string(reinterpret_cast<const char *>(packed.data), size) + word(8, 2) + word(8, 2) + word(8, 2)
           + word(static_cast<std::uint64_t>(count), 2) + entries + word(0, 4);
}

std::string encoded(const cv::Mat &rgb, const std::string &extension, const std::vector<int> &parameters)
{
    cv::Mat bgr;
    if (rgb.channels() == 3)
        cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    else if (rgb.channels() == 4)
        cv::cvtColor(rgb, bgr, cv::COLOR_RGBA2BGRA);
    else
        bgr = rgb;
    std::vector<unsigned char> bytes;
    cv::imencode(extension, bgr, bytes, parameters);
    return {bytes.begin(), bytes.end()};
}

std::string exifBlock(int orientation, bool bigEndianOrder)
{
    const auto word = [&](std::uint64_t value, int bytes) {
        return bigEndianOrder ? bigEndian(value, bytes) : littleEndian(value, bytes);
    };
    return (bigEndianOrder ? std::string("MM") : std::string("II")) + word(42, 2) + word(8, 4) + word(1, 2)
           + word(274, 2) + word(3, 2) + word(1, 4) + word(static_cast<std::uint64_t>(orientation), 2) + word(0, 2)
           + word(0, 4);
}

std::string jpegWithExif(const std::string &jpeg, const std::string &exif)
{
    const auto body = std::string("Exif\0\0", 6) + exif;
    return jpeg.substr(0, 2) + "\xff\xe1" + bigEndian(body.size() + 2, 2) + body + jpeg.substr(2);
}

std::string pngWithExif(const std::string &png, const std::string &exif)
{
    return png.substr(0, 33) + pngChunk("eXIf", exif) + png.substr(33);
}

std::string webpWithExif(const std::string &webp, const std::string &exif, int width, int height)
{
    const auto chunk = [](const std::string &type, const std::string &data) {
        return type + littleEndian(data.size(), 4) + data + std::string(data.size() & 1, '\0');
    };
    const auto extended = '\x08' + std::string(3, '\0') + littleEndian(static_cast<std::uint64_t>(width - 1), 3)
                          + littleEndian(static_cast<std::uint64_t>(height - 1), 3);
    const auto body = "WEBP" + chunk("VP8X", extended) + webp.substr(12) + chunk("EXIF", exif);
    return "RIFF" + littleEndian(body.size(), 4) + body;
}

cv::Mat storedFor(const cv::Mat &upright, int orientation)
{
    const int width = upright.cols, height = upright.rows;
    cv::Mat stored(orientation >= 5 ? cv::Size(height, width) : cv::Size(width, height), CV_8UC3);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const int mx = width - 1 - x, my = height - 1 - y;
            const cv::Point places[] = {{x, y}, {mx, y}, {mx, my}, {x, my}, {y, x}, {y, mx}, {my, mx}, {my, x}};
            stored.at<cv::Vec3b>(places[orientation - 1]) = upright.at<cv::Vec3b>(y, x);
        }
    return stored;
}

} // namespace masque
