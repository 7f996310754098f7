// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/tiff_directory.h"

#include <algorithm>

namespace masque {

namespace {

std::size_t widthOf(std::uint64_t type)
{
    return type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : type == 16 ? 8 : 0; // BYTE, SHORT, LONG, LONG8
}

} // namespace

std::uint64_t readNumber(std::string_view bytes, bool bigEndian)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[bigEndian ? i : bytes.size() - 1 - i]);
    return value;
}
std::optional<TiffDirectory> TiffDirectory::read(ByteSource &source, std::uint64_t base)
{
    TiffDirectory d(source, base);
    const auto head = std::string(source.at(base, 4));
    if (!head.starts_with("II") && !head.starts_with("MM"))
        return {};
    d.m_bigEndian = head[0] == 'M';
    const auto version = readNumber(head.substr(2), d.m_bigEndian);
    if (version != 42 && version != 43)
        return {};
    d.m_wide = version == 43;
    const auto start = d.integer(d.m_wide ? 8 : 4, d.m_wide ? 8 : 4);
    const auto count = start ? d.integer(*start, d.m_wide ? 8 : 2) : std::nullopt;
    if (!count || *count > 4096)
        return {};
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto at = *start + (d.m_wide ? 8 : 2) + i * (d.m_wide ? 20 : 12);
        const auto tag = d.integer(at, 2), type = d.integer(at + 2, 2);
        const auto values = d.integer(at + 4, d.m_wide ? 8 : 4);
        if (!tag || !type || !values)
            return {};
        d.m_entries.push_back({*tag, *type, *values, at + (d.m_wide ? 12 : 8)});
    }
    return d;
}

std::vector<std::uint64_t> TiffDirectory::values(std::uint64_t tag)
{
    const auto *entry = find(tag);
    const auto width = entry ? widthOf(entry->type) : 0;
    if (!width || entry->count > (1u << 24))
        return {};
    const auto place = placeOf(*entry, width);
    if (!place || *place > m_source->size())
        return {};
    const auto bytes = m_source->at(m_base + *place, static_cast<std::size_t>(entry->count) * width);
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; i < bytes.size(); i += width)
        all.push_back(readNumber(bytes.substr(i, width), m_bigEndian));
    return all;
}

std::uint64_t TiffDirectory::value(std::uint64_t tag, std::uint64_t fallback)
{
    const auto all = values(tag);
    return all.empty() ? fallback : all.front();
}

std::uint64_t TiffDirectory::shortOffset(std::uint64_t tag)
{
    const auto *entry = find(tag);
    if (!entry || entry->type != 3 || entry->count != 1)
        return 0;
    return m_base + entry->place;
}

std::optional<std::uint64_t> TiffDirectory::integer(std::uint64_t offset, std::size_t width)
{
    if (offset > m_source->size())
        return {};
    const auto bytes = m_source->at(m_base + offset, width);
    return bytes.size() == width ? std::optional(readNumber(bytes, m_bigEndian)) : std::nullopt;
}

const TiffDirectory::Entry *TiffDirectory::find(std::uint64_t tag) const
{
    const auto found = std::ranges::find(m_entries, tag, &Entry::tag);
    return found == m_entries.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> TiffDirectory::placeOf(const Entry &entry, std::size_t width)
{
    const std::size_t inlineBytes = m_wide ? 8 : 4;
    return entry.count * width <= inlineBytes ? std::optional(entry.place) : integer(entry.place, inlineBytes);
}

} // namespace masque
