// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/header.h"

#include <optional>
#include <vector>

namespace masque {

/// The unsigned integer that these bytes spell.
std::uint64_t readNumber(std::string_view bytes, bool bigEndian);

/// The tags of one image file directory, of a TIFF file or of an EXIF block (which is a small TIFF); private to
/// core/image.
class TiffDirectory {
public:
    /// base: where the TIFF header ("II*\0" or "MM\0*", also BigTIFF) lies in the source, which must outlive this.
    static std::optional<TiffDirectory> read(ByteSource &source, std::uint64_t base);

    bool bigEndian() const { return m_bigEndian; }
    bool has(std::uint64_t tag) const { return find(tag) != nullptr; }
    /// The tag's unsigned integers; empty if it is missing, of another type or outside the file.
    std::vector<std::uint64_t> values(std::uint64_t tag);
    std::uint64_t value(std::uint64_t tag, std::uint64_t fallback);
    /// Where in the source the first value of a 16-bit tag lies; 0 if there is none.
    std::uint64_t shortOffset(std::uint64_t tag);

private:
    struct Entry {
        std::uint64_t tag, type, count, place;
    };
    TiffDirectory(ByteSource &source, std::uint64_t base) : m_source(&source), m_base(base) {}
    std::optional<std::uint64_t> integer(std::uint64_t offset, std::size_t width);
    const Entry *find(std::uint64_t tag) const;
    std::optional<std::uint64_t> placeOf(const Entry &entry, std::size_t width);

    ByteSource *m_source;
    std::uint64_t m_base;
    bool m_bigEndian = false, m_wide = false;
    std::vector<Entry> m_entries;
};

} // namespace masque
