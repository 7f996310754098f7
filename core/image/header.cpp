// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/header.h"

#include "core/image/tiff_directory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <sys/stat.h>
#include <vector>

namespace masque {

namespace {

using std::string_view;

std::uint64_t big(string_view bytes)
{
    return readNumber(bytes, true);
}
std::uint64_t little(string_view bytes)
{
    return readNumber(bytes, false);
}

Error broken(const std::string &name, const std::string &why)
{
    return {ErrorCode::Format, name + ": " + why, name};
}
Error truncated(const std::string &name)
{
    return broken(name, "the file is truncated: it ends before its image does. Copy it again from its source");
}

/// Nothing if the numbers do not fit a Size at all; the pixel limit is checked for all formats in one place.
std::optional<Size> makeSize(std::uint64_t width, std::uint64_t height)
{
    if (width > 0x7fffffff || height > 0x7fffffff)
        return {};
    return Size{static_cast<int>(width), static_cast<int>(height)};
}

constexpr std::uint64_t kOrientationTag = 274;

int exifOrientation(ByteSource &source, std::uint64_t base)
{
    auto directory = TiffDirectory::read(source, base);
    const auto value = directory ? directory->value(kOrientationTag, 1) : 1;
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

Result<ImageHeader> readJpeg(ByteSource &source, const std::string &name)
{
    ImageHeader header;
    header.type = FileType::Jpeg;
    bool sized = false, oriented = false;
    std::uint64_t at = 2;
    while (true) {
        const auto mark = source.at(at, 2);
        if (mark.size() != 2)
            return truncated(name);
        if (mark[0] != '\xff')
            return broken(name, "is a broken JPEG: a marker was expected at byte " + std::to_string(at));
        const auto code = static_cast<unsigned char>(mark[1]);
        if (code == 0xff) { // fill byte
            ++at;
            continue;
        }
        if (code == 0x01 || (code >= 0xd0 && code <= 0xd7)) { // markers without a segment
            at += 2;
            continue;
        }
        if (code == 0xd9)
            return broken(name, "is a JPEG without an image");
        const auto length = big(source.at(at + 2, 2));
        if (length < 2)
            return at + 4 > source.size() ? truncated(name) : broken(name, "is a broken JPEG: a segment has no length");
        if (at + 2 + length > source.size())
            return truncated(name);
        if (code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc) {
            const auto frame = source.at(at + 4, 6);
            if (frame.size() != 6)
                return truncated(name);
            const auto size = makeSize(big(frame.substr(3, 2)), big(frame.substr(1, 2)));
            header.stored = *size;
            header.info.bitDepth = static_cast<unsigned char>(frame[0]);
            header.info.channels = frame[5] == 1 ? 1 : 3;
            sized = true;
        } else if (code == 0xe1 && !oriented && source.at(at + 4, 6) == string_view("Exif\0\0", 6)) {
            header.info.orientation = exifOrientation(source, at + 10);
            oriented = true;
        } else if (code == 0xda) {
            if (!sized)
                return broken(name, "is a broken JPEG: it has no frame header");
            header.pixelStart = at + 2 + length;
            return header;
        }
        at += 2 + length;
    }
}

Result<ImageHeader> readPng(ByteSource &source, const std::string &name)
{
    ImageHeader header;
    header.type = FileType::Png;
    const auto ihdr = std::string(source.at(8, 25));
    if (ihdr.size() != 25)
        return truncated(name);
    const auto size = makeSize(big(string_view(ihdr).substr(8, 4)), big(string_view(ihdr).substr(12, 4)));
    if (ihdr.substr(4, 4) != "IHDR" || !size)
        return broken(name, "is a broken PNG: it does not begin with its header");
    header.stored = *size;
    header.info.bitDepth = ihdr[16];
    const char color = ihdr[17];
    header.info.channels = color == 2 ? 3 : color == 4 ? 2 : color == 6 ? 4 : 1;
    for (std::uint64_t at = 33; at + 12 <= source.size();) {
        const auto chunk = std::string(source.at(at, 8));
        const auto length = big(string_view(chunk).substr(0, 4));
        if (chunk.substr(4) == "eXIf")
            header.info.orientation = exifOrientation(source, at + 8);
        if (chunk.substr(4) == "IEND")
            break;
        at += 12 + length;
    }
    return header;
}

Result<ImageHeader> readBmp(ByteSource &source, const std::string &name)
{
    ImageHeader header;
    header.type = FileType::Bmp;
    const auto head = std::string(source.at(0, 26));
    const string_view view(head);
    if (head.size() != 26)
        return truncated(name);
    std::optional<Size> size;
    std::uint64_t bits = 0;
    if (little(view.substr(14, 4)) == 12) {
        size = makeSize(little(view.substr(18, 2)), little(view.substr(20, 2)));
        bits = little(view.substr(24, 2));
    } else {
        const auto height = static_cast<std::int32_t>(little(view.substr(22, 4))); // negative: rows from the top
        size = makeSize(little(view.substr(18, 4)), static_cast<std::uint64_t>(std::abs(std::int64_t{height})));
        bits = little(source.at(28, 2));
    }
    const auto headerBytes = little(view.substr(14, 4));
    if (!size || (headerBytes != 12 && (headerBytes < 36 || headerBytes > 1024 || little(source.at(30, 4)) > 3)))
        return broken(name, "is a broken BMP or of an unknown kind");
    header.stored = *size;
    header.info.channels = bits == 32 ? 4 : bits >= 16 ? 3 : 1;
    return header;
}

Result<ImageHeader> readWebP(ByteSource &source, const std::string &name)
{
    ImageHeader header;
    header.type = FileType::WebP;
    const auto kind = std::string(source.at(12, 4)), head = std::string(source.at(20, 10));
    const string_view view(head);
    if (head.size() != 10)
        return truncated(name);
    header.info.channels = 3;
    if (kind == "VP8 ") {
        header.stored = *makeSize(little(view.substr(6, 2)) & 0x3fff, little(view.substr(8, 2)) & 0x3fff);
    } else if (kind == "VP8L") {
        const auto bits = little(view.substr(1, 4));
        header.stored = *makeSize((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
        header.info.channels = bits >> 28 & 1 ? 4 : 3;
    } else if (kind == "VP8X") {
        header.stored = *makeSize(little(view.substr(4, 3)) + 1, little(view.substr(7, 3)) + 1);
        header.info.channels = head[0] & 0x10 ? 4 : 3;
        for (std::uint64_t at = 12; at + 8 <= source.size();) {
            const auto chunk = std::string(source.at(at, 8));
            const auto length = little(string_view(chunk).substr(4, 4));
            if (chunk.substr(0, 4) == "EXIF") {
                const bool prefixed = source.at(at + 8, 6) == string_view("Exif\0\0", 6);
                header.info.orientation = exifOrientation(source, at + (prefixed ? 14 : 8));
            }
            at += 8 + length + (length & 1);
        }
    } else {
        return broken(name, "is a broken WebP file");
    }
    return header;
}

Result<ImageHeader> readTiff(ByteSource &source, const std::string &name)
{
    ImageHeader header;
    header.type = FileType::Tiff;
    auto directory = TiffDirectory::read(source, 0);
    if (!directory)
        return broken(name, "is a broken or truncated TIFF: its first image cannot be found");
    const auto size = makeSize(directory->value(256, 0), directory->value(257, 0));
    if (!size)
        return broken(name, "is a broken TIFF: its size is out of range");
    header.stored = *size;
    header.info.bitDepth = static_cast<int>(std::min<std::uint64_t>(directory->value(258, 1), 64));
    header.info.channels = static_cast<int>(std::min<std::uint64_t>(directory->value(277, 1), 4));
    header.info.orientation = exifOrientation(source, 0);
    header.tiffOrientationOffset = directory->shortOffset(kOrientationTag);
    header.tiffBigEndian = directory->bigEndian();
    return header;
}

/// Walks the scans of a JPEG from its entropy-coded data to the end-of-image marker; 0xff in data is always stuffed.
bool jpegEnds(ByteSource &source, std::uint64_t at)
{
    constexpr std::uint64_t kWindow = 1 << 16;
    while (at + 2 <= source.size()) {
        const auto window = source.at(at, static_cast<std::size_t>(std::min(kWindow, source.size() - at)));
        if (window.empty())
            return false;
        std::uint64_t next = at + window.size() - 1; // a marker may straddle two windows
        for (auto i = window.find('\xff'); i != string_view::npos && i + 1 < window.size();
             i = window.find('\xff', i + 1)) {
            const auto code = static_cast<unsigned char>(window[i + 1]);
            if (code == 0xd9)
                return true;
            if (code == 0 || code == 0xff || (code >= 0xd0 && code <= 0xd7))
                continue;
            next = at + i + 2 + std::max<std::uint64_t>(big(source.at(at + i + 2, 2)), 2); // over a segment
            break;
        }
        at = next;
    }
    return false;
}

bool bmpRowsInside(ByteSource &source, Size size)
{
    const bool old = little(source.at(14, 4)) == 12;
    const auto start = little(source.at(10, 4)), bits = little(source.at(old ? 24 : 28, 2));
    if (!old && (little(source.at(30, 4)) == 1 || little(source.at(30, 4)) == 2))
        return start < source.size(); // run lengths: the decoder tells
    const auto rowBytes = (static_cast<std::uint64_t>(size.width) * bits + 31) / 32 * 4;
    return start + rowBytes * static_cast<std::uint64_t>(size.height) <= source.size();
}

bool tiffDataInside(ByteSource &source)
{
    auto directory = TiffDirectory::read(source, 0);
    if (!directory)
        return false;
    const bool tiled = directory->has(324);
    const auto offsets = directory->values(tiled ? 324 : 273), counts = directory->values(tiled ? 325 : 279);
    if (offsets.empty())
        return false;
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        const auto count = i < counts.size() ? counts[i] : 1;
        if (count > source.size() || offsets[i] > source.size() - count)
            return false;
    }
    return true;
}

} // namespace

Result<ByteSource> ByteSource::open(const std::string &path)
{
    ByteSource source;
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) // opening a pipe would wait for its writer
        return Error{ErrorCode::Io, path + ": is not a file", path};
    source.m_file.reset(std::fopen(path.c_str(), "rbe"));
    if (!source.m_file || ::fstat(::fileno(source.m_file.get()), &info) != 0)
        return Error{ErrorCode::Io, path + ": cannot be opened: " + std::strerror(errno), path};
    std::setvbuf(source.m_file.get(), nullptr, _IONBF, 0);
    source.m_size = static_cast<std::uint64_t>(info.st_size);
    return source;
}

std::string_view ByteSource::at(std::uint64_t offset, std::size_t count)
{
    if (offset > m_size || count > m_size - offset)
        return {};
    if (!m_file)
        return m_bytes.substr(static_cast<std::size_t>(offset), count);
    m_buffer.resize(count);
    const bool read = ::fseeko(m_file.get(), static_cast<off_t>(offset), SEEK_SET) == 0
                      && std::fread(m_buffer.data(), 1, count, m_file.get()) == count;
    return read ? string_view(m_buffer) : string_view();
}

Result<ImageHeader> readHeader(ByteSource &source, const std::string &name)
{
    if (source.size() == 0)
        return broken(name, "the file is empty");
    const auto magic = std::string(source.at(0, static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), 16))));
    const auto begins = [&](string_view prefix) { return magic.starts_with(prefix); };
    const auto header = [&]() -> Result<ImageHeader> {
        if (begins("\xff\xd8"))
            return readJpeg(source, name);
        if (begins(string_view("\x89PNG\r\n\x1a\n", 8)))
            return readPng(source, name);
        if (begins("BM"))
            return readBmp(source, name);
        if (begins("RIFF") && magic.size() >= 12 && magic.substr(8, 4) == "WEBP")
            return readWebP(source, name);
        if (begins(string_view("II*\0", 4)) || begins(string_view("MM\0*", 4)) || begins(string_view("II+\0", 4))
            || begins(string_view("MM\0+", 4)))
            return readTiff(source, name);
        return broken(name, "is not a JPEG, PNG, TIFF, BMP or WebP image");
    }();
    if (!header)
        return header;
    const auto [width, height] = header->stored;
    if (width <= 0 || height <= 0)
        return broken(name, "the image has no pixels (" + std::to_string(width) + " x " + std::to_string(height) + ")");
    if (std::int64_t{width} * height > kMaxImagePixels)
        return Error{ErrorCode::Unsupported,
                     name + ": the image is too large (" + std::to_string(width) + " x " + std::to_string(height)
                         + " pixels, at most " + std::to_string(kMaxImagePixels / 1000000)
                         + " megapixels are read). Reduce it or cut it into tiles",
                     name};
    auto result = *header;
    result.info.size = result.info.orientation >= 5 ? Size{height, width} : Size{width, height};
    return result;
}

Result<void> checkComplete(ByteSource &source, const ImageHeader &header, const std::string &name, TailCheck check)
{
    bool complete = true;
    switch (header.type) {
    case FileType::Jpeg: {
        const auto tail = std::min<std::uint64_t>(source.size(), 1024);
        const bool seen =
            check == TailCheck::Quick
            && source.at(source.size() - tail, static_cast<std::size_t>(tail)).find("\xff\xd9") != string_view::npos;
        complete = seen || jpegEnds(source, header.pixelStart);
        break;
    }
    case FileType::Png: {
        complete = false;
        for (std::uint64_t at = 8; !complete && at + 12 <= source.size();) {
            const auto chunk = std::string(source.at(at, 8));
            complete = chunk.substr(4) == "IEND";
            at += 12 + big(string_view(chunk).substr(0, 4));
        }
        break;
    }
    case FileType::WebP: complete = little(source.at(4, 4)) + 8 <= source.size(); break;
    case FileType::Tiff: complete = tiffDataInside(source); break;
    case FileType::Bmp: complete = bmpRowsInside(source, header.stored); break;
    }
    return complete ? Result<void>() : Result<void>(truncated(name));
}

} // namespace masque
