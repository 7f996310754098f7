// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_file.h"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

/// What image files say before their pixels; private to core/image.
namespace masque {

/// Random access to a file's bytes, from memory or from disk, so that headers are read without reading whole files.
class ByteSource {
public:
    explicit ByteSource(std::string_view bytes) : m_bytes(bytes), m_size(bytes.size()) {}
    static Result<ByteSource> open(const std::string &path);

    std::uint64_t size() const { return m_size; }
    /// count bytes at offset; empty if the file does not have them. Valid until the next call.
    std::string_view at(std::uint64_t offset, std::size_t count);

private:
    struct Close {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    ByteSource() = default;
    std::string_view m_bytes;
    std::unique_ptr<std::FILE, Close> m_file;
    std::string m_buffer;
    std::uint64_t m_size = 0;
};

enum class FileType { Jpeg, Png, Tiff, Bmp, WebP };

struct ImageHeader {
    FileType type = FileType::Png;
    ImageInfo info;
    Size stored;                             ///< before orientation
    std::uint64_t tiffOrientationOffset = 0; ///< where a TIFF keeps the 16-bit value of its orientation tag; 0: nowhere
    bool tiffBigEndian = false;
    std::uint64_t pixelStart = 0; ///< JPEG: where the entropy-coded data begins
};

/// The type is decided by the content, not by the extension. Errors: empty, no image, zero size, more than
/// kMaxImagePixels.
Result<ImageHeader> readHeader(ByteSource &source, const std::string &name);

/// An error if the file ends before its image does, which OpenCV would hide (grey or black pixels). quick looks at the
/// tail of a JPEG only, which is right for all but a few files.
enum class TailCheck { Quick, Full };
Result<void> checkComplete(ByteSource &source, const ImageHeader &header, const std::string &name, TailCheck check);

} // namespace masque
