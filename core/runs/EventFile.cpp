// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/EventFile.h"

#include "core/base/files.h"

#include <array>
#include <bit>
#include <chrono>
#include <filesystem>
#include <unistd.h>

namespace masque {

namespace {

double now()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

template <typename Unsigned>
std::string littleEndian(Unsigned value)
{
    std::string bytes;
    for (std::size_t i = 0; i < sizeof value; ++i)
        bytes += static_cast<char>(value >> (8 * i) & 0xff);
    return bytes;
}

/// Protocol Buffers' wire format: a field is its number and wire type, then its value.
enum WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

std::string varint(std::uint64_t value)
{
    std::string bytes;
    for (; value >= 0x80; value >>= 7)
        bytes += static_cast<char>(value | 0x80);
    return bytes + static_cast<char>(value);
}
std::string key(int field, WireType type)
{
    return varint(static_cast<std::uint64_t>(field) << 3 | type);
}
std::string bytesField(int field, std::string_view bytes)
{
    return key(field, Bytes) + varint(bytes.size()) + std::string(bytes);
}

/// Event: wall_time = 1 (double), step = 2 (int64), file_version = 3 (string), summary = 5 (Summary).
std::string event(std::int64_t step, int field, std::string_view what)
{
    return key(1, Fixed64) + littleEndian(std::bit_cast<std::uint64_t>(now())) + key(2, Varint)
           + varint(static_cast<std::uint64_t>(step)) + bytesField(field, what);
}

/// Summary: value = 1 (repeated Value); Value: tag = 1 (string), simple_value = 2 (float).
std::string summary(const EventFile::Scalars &scalars)
{
    std::string message;
    for (const auto &[tag, value] : scalars)
        message += bytesField(1, bytesField(1, tag) + key(2, Fixed32)
                                     + littleEndian(std::bit_cast<std::uint32_t>(static_cast<float>(value))));
    return message;
}

std::string maskedCrc(std::string_view bytes)
{
    const auto crc = crc32c(bytes);
    return littleEndian(std::rotr(crc, 15) + 0xa282ead8u);
}

std::string record(std::string_view message)
{
    const auto length = littleEndian(static_cast<std::uint64_t>(message.size()));
    return length + maskedCrc(length) + std::string(message) + maskedCrc(message);
}

} // namespace

std::uint32_t crc32c(std::string_view bytes)
{
    static const auto table = [] {
        std::array<std::uint32_t, 256> entries{};
        for (std::uint32_t i = 0; i < entries.size(); ++i) {
            std::uint32_t crc = i;
            for (int bit = 0; bit < 8; ++bit)
                crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0); // the polynomial, reflected
            entries[i] = crc;
        }
        return entries;
    }();
    std::uint32_t crc = ~0u;
    for (const char byte : bytes)
        crc = crc >> 8 ^ table[(crc ^ static_cast<std::uint8_t>(byte)) & 0xff];
    return ~crc;
}

Result<EventFile> EventFile::create(const std::string &folder)
{
    char host[256] = "localhost";
    ::gethostname(host, sizeof host - 1);
    const auto base = folder + "/events.out.tfevents." + std::to_string(static_cast<std::int64_t>(now())) + "." + host
                      + "." + std::to_string(::getpid());
    std::string path = base;
    std::error_code ignored;
    for (int i = 1; std::filesystem::exists(path, ignored); ++i)
        path = base + "." + std::to_string(i);
    EventFile file(std::move(path));
    if (auto written = appendBytes(file.m_path, record(event(0, 3, "brain.Event:2"))); !written)
        return written.error();
    return file;
}

Result<void> EventFile::write(std::int64_t step, const Scalars &scalars)
{
    return appendBytes(m_path, record(event(step, 5, summary(scalars))));
}

} // namespace masque
