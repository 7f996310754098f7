// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/geometry.h"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

/// How edits, journal records and what indexing found are spelled in bytes. Numbers are LEB128 varints, signed
/// ones zigzag, reals and checksums little-endian.
namespace masque {

class ByteWriter {
public:
    void byte(std::uint8_t value) { m_bytes.push_back(static_cast<char>(value)); }
    void number(std::uint64_t value)
    {
        for (; value >= 0x80; value >>= 7)
            byte(static_cast<std::uint8_t>(value | 0x80));
        byte(static_cast<std::uint8_t>(value));
    }
    void integer(std::int64_t value)
    {
        number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
    }
    void fixed32(std::uint32_t value) { fixed(value, 4); }
    void fixed64(std::uint64_t value) { fixed(value, 8); }
    void real(double value) { fixed64(std::bit_cast<std::uint64_t>(value)); }
    void text(std::string_view value)
    {
        number(value.size());
        m_bytes += value;
    }
    void rect(const Rect &value)
    {
        for (const int part : {value.x, value.y, value.width, value.height})
            integer(part);
    }
    const std::string &bytes() const { return m_bytes; }

private:
    void fixed(std::uint64_t value, int count)
    {
        for (int i = 0; i < count; ++i)
            byte(static_cast<std::uint8_t>(value >> (8 * i)));
    }

    std::string m_bytes;
};

/// Reads what ByteWriter wrote. Past the end or on nonsense it gives zeros and isGood() is false from then on, so that
/// damaged bytes are noticed once, at the end.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : m_bytes(bytes) {}

    bool isGood() const { return m_isGood; }
    bool atEnd() const { return m_bytes.empty(); }
    std::size_t left() const { return m_bytes.size(); }
    void fail()
    {
        m_isGood = false;
        m_bytes = {};
    }

    std::uint8_t byte()
    {
        if (m_bytes.empty()) {
            fail();
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(m_bytes.front());
        m_bytes.remove_prefix(1);
        return value;
    }
    std::uint64_t number()
    {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const std::uint8_t part = byte();
            value |= static_cast<std::uint64_t>(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
        fail();
        return 0;
    }
    std::int64_t integer()
    {
        const std::uint64_t value = number();
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }
    /// A number of things that take at least minimumBytes each, so that damage never asks for a gigabyte.
    std::size_t count(std::size_t minimumBytes = 1)
    {
        const std::uint64_t value = number();
        if (value > m_bytes.size() / minimumBytes) {
            fail();
            return 0;
        }
        return static_cast<std::size_t>(value);
    }
    std::uint32_t fixed32() { return static_cast<std::uint32_t>(fixed(4)); }
    std::uint64_t fixed64() { return fixed(8); }
    double real() { return std::bit_cast<double>(fixed64()); }
    std::string_view text()
    {
        const std::size_t size = count();
        const std::string_view value = m_bytes.substr(0, size);
        m_bytes.remove_prefix(size);
        return value;
    }
    Rect rect()
    {
        constexpr std::int64_t kFar = std::int64_t{1} << 30; // sums of two never overflow an int
        int parts[4] = {};
        for (int &part : parts) {
            const std::int64_t value = integer();
            if (value < -kFar || value > kFar)
                fail();
            part = m_isGood ? static_cast<int>(value) : 0;
        }
        if (parts[2] < 0 || parts[3] < 0)
            fail();
        return m_isGood ? Rect{parts[0], parts[1], parts[2], parts[3]} : Rect{};
    }

private:
    std::uint64_t fixed(int bytes)
    {
        std::uint64_t value = 0;
        for (int i = 0; i < bytes; ++i)
            value |= static_cast<std::uint64_t>(byte()) << (8 * i);
        return value;
    }

    std::string_view m_bytes;
    bool m_isGood = true;
};

} // namespace masque
