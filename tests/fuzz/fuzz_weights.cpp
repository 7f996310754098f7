// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/weights/weights_file.h"
#include "tests/fuzz/seeds.h"

namespace masque {

namespace {

const std::vector<TensorBlob> &tensors()
{
    static const std::string memory(24, 'x');
    static const std::vector<TensorBlob> blobs = {{"conv1.weight", "F32", {2, 3}, memory},
                                                  {"layer.half", "F16", {4}, std::string_view(memory).substr(0, 8)},
                                                  {"steps", "I64", {}, std::string_view(memory).substr(0, 8)}};
    return blobs;
}

/// torch.save's format before 1.6, for a storage of six floats.
std::string oldFile()
{
    std::string out = "\x80\x02\x8a\x0a"
                      "l\xfc\x9c"
                      "F\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.";
    out += pickledState({tensors().front()});
    out += "\x80\x02]X\x01";
    out += std::string(3, '\0') + "0a.";
    out += '\6' + std::string(7, '\0') + std::string(24, 'y');
    return out;
}

/// An archive as torch.save writes it, of one entry a record, nothing deflated.
std::string newFile();

} // namespace

std::vector<std::string> fuzzSeeds()
{
    return {writeSafetensors({{"format", "pt"}}, tensors()), oldFile(), newFile(), pickledState(tensors())};
}

namespace {

template <typename T>
void put(std::string &out, T value)
{
    out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

std::uint32_t crcOf(const std::string &bytes)
{
    std::uint32_t crc = ~0u;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

std::string newFile()
{
    std::string out, directory;
    std::uint16_t count = 0;
    const auto add = [&](const std::string &name, const std::string &bytes) {
        const auto at = static_cast<std::uint32_t>(out.size()), size = static_cast<std::uint32_t>(bytes.size());
        const auto describe = [&](std::string &to) {
            for (int field = 0; field < 5; ++field) // version, flags, stored, time, date
                put(to, std::uint16_t{0});
            put(to, crcOf(bytes));
            put(to, size);
            put(to, size);
            put(to, static_cast<std::uint16_t>(name.size()));
            put(to, std::uint16_t{0});
        };
        out += "PK\x03\x04";
        describe(out);
        out += name + bytes;
        directory += "PK\x01\x02";
        put(directory, std::uint16_t{0});
        describe(directory);
        for (int i = 0; i < 5; ++i)
            put(directory, std::uint16_t{0});
        put(directory, at);
        directory += name;
        ++count;
    };
    add("archive/data.pkl", pickledState(tensors()));
    for (std::size_t i = 0; i < tensors().size(); ++i)
        add("archive/data/" + std::to_string(i), std::string(tensors()[i].bytes));
    const auto at = static_cast<std::uint32_t>(out.size());
    out += directory + "PK\x05\x06";
    for (const std::uint16_t field : {std::uint16_t{0}, std::uint16_t{0}, count, count})
        put(out, field);
    put(out, static_cast<std::uint32_t>(directory.size()));
    put(out, at);
    put(out, std::uint16_t{0});
    return out;
}

} // namespace

} // namespace masque

/// Any file is a sentence or tensors whose bytes are as many as their shapes say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace masque;
    const auto file = weightsFrom({reinterpret_cast<const char *>(data), size}, "fuzzed");
    if (!file)
        return 0;
    std::uint64_t sum = 0, total = 0; // every byte is there to be read
    for (const auto &tensor : (*file)->tensors) {
        std::size_t count = tensorElementSize(tensor.type);
        for (const auto side : tensor.shape)
            count *= static_cast<std::size_t>(side);
        require(tensor.bytes.size() == count);
        total += count;
        for (const char byte : tensor.bytes)
            sum += static_cast<unsigned char>(byte);
    }
    require(sum <= 255 * total);
    return 0;
}
