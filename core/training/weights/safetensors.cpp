// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/weights/safetensors.h"

#include "core/base/files.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <set>

namespace masque {

namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little endian, and so are the tensors here");
constexpr std::uint64_t kMaxFile = std::uint64_t{1} << 36;
constexpr std::uint64_t kMaxHeader = 100'000'000; // the reference implementation's limit

Error formatError(const std::string &path, const std::string &why)
{
    return {ErrorCode::Format, path + ": not a usable checkpoint: " + why, path};
}

/// shape's number of elements times the type's size; nothing on overflow or a negative side.
std::optional<std::uint64_t> byteCount(const std::vector<std::int64_t> &shape, std::size_t elementSize)
{
    std::uint64_t bytes = elementSize;
    for (const auto side : shape) {
        if (side < 0)
            return {};
        const auto length = static_cast<std::uint64_t>(side);
        if (length > 0 && bytes > std::numeric_limits<std::uint64_t>::max() / length)
            return {};
        bytes *= length;
    }
    return bytes;
}

struct Extent {
    std::uint64_t begin = 0, end = 0;
};

Result<Extent> parseTensor(const std::string &path, const Json &json, TensorBlob &blob)
{
    const auto bad = [&](const std::string &why) { return formatError(path, "tensor \"" + blob.name + "\" " + why); };
    blob.type = json["dtype"].toString();
    const auto elementSize = tensorElementSize(blob.type);
    if (elementSize == 0)
        return bad("has the unknown type \"" + blob.type + "\"");
    if (!json["shape"].isArray() || json["shape"].size() > 16)
        return bad("has no valid shape");
    for (const auto &side : json["shape"].items()) {
        if (!side.isInteger())
            return bad("has no valid shape");
        blob.shape.push_back(side.toInt());
    }
    const auto bytes = byteCount(blob.shape, elementSize);
    if (!bytes)
        return bad("has an impossible shape");
    const auto &offsets = json["data_offsets"];
    if (offsets.size() != 2 || !offsets[0].isInteger() || !offsets[1].isInteger() || offsets[0].toInt() < 0
        || offsets[1].toInt() < offsets[0].toInt())
        return bad("has no valid data_offsets");
    const Extent extent{static_cast<std::uint64_t>(offsets[0].toInt()), static_cast<std::uint64_t>(offsets[1].toInt())};
    if (extent.end - extent.begin != *bytes)
        return bad("has offsets that do not fit its shape");
    return extent;
}

/// Fills metadata and tensors; the extents are in the order of the tensors.
Result<std::vector<Extent>> parseHeader(const std::string &path, std::string_view header, TensorFile &file)
{
    const auto json = Json::parse(header);
    if (!json)
        return formatError(path, "its header is " + json.error().message);
    if (!json->isObject())
        return formatError(path, "its header is no JSON object");
    std::vector<Extent> extents;
    std::set<std::string_view> names;
    for (const auto &[name, value] : json->members()) {
        if (!names.insert(name).second)
            return formatError(path, "\"" + name + "\" stands in its header twice");
        if (name == "__metadata__") {
            file.metadata = value.members();
            continue;
        }
        TensorBlob blob;
        blob.name = name;
        const auto extent = parseTensor(path, value, blob);
        if (!extent)
            return extent.error();
        extents.push_back(*extent);
        file.tensors.push_back(std::move(blob));
    }
    return extents;
}

Result<void> checkExtents(const std::string &path, std::vector<Extent> extents, std::uint64_t dataSize)
{
    std::sort(extents.begin(), extents.end(),
              [](const Extent &a, const Extent &b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    std::uint64_t at = 0;
    for (const auto &extent : extents) {
        if (extent.begin != at)
            return formatError(path, "its tensors overlap or leave gaps at byte " + std::to_string(at));
        at = extent.end;
    }
    if (at > dataSize)
        return formatError(path, "it ends early, " + std::to_string(at - dataSize) + " bytes are missing");
    if (at < dataSize)
        return formatError(path, std::to_string(dataSize - at) + " bytes too many at its end");
    return {};
}

} // namespace

std::size_t tensorElementSize(std::string_view type)
{
    static constexpr std::array<std::pair<std::string_view, std::size_t>, 13> sizes = {{{"BOOL", 1},
                                                                                        {"U8", 1},
                                                                                        {"I8", 1},
                                                                                        {"I16", 2},
                                                                                        {"U16", 2},
                                                                                        {"F16", 2},
                                                                                        {"BF16", 2},
                                                                                        {"I32", 4},
                                                                                        {"U32", 4},
                                                                                        {"F32", 4},
                                                                                        {"F64", 8},
                                                                                        {"I64", 8},
                                                                                        {"U64", 8}}};
    for (const auto &[name, size] : sizes)
        if (name == type)
            return size;
    return 0;
}

std::string writeSafetensors(const Json::Object &metadata, const std::vector<TensorBlob> &tensors)
{
    Json::Object header;
    if (!metadata.empty())
        header.emplace_back("__metadata__", Json(metadata));
    std::uint64_t at = 0;
    for (const auto &tensor : tensors) {
        assert(byteCount(tensor.shape, tensorElementSize(tensor.type)) == tensor.bytes.size());
        Json shape = Json::array();
        for (const auto side : tensor.shape)
            shape.push_back(side);
        const auto end = at + tensor.bytes.size();
        Json entry = Json::object();
        entry.set("dtype", tensor.type);
        entry.set("shape", std::move(shape));
        entry.set("data_offsets", Json::Array{Json(at), Json(end)});
        header.emplace_back(tensor.name, std::move(entry));
        at = end;
    }
    auto text = Json(std::move(header)).dump();
    text.resize((text.size() + 7) / 8 * 8, ' '); // tensors start at a multiple of 8, as the format advises
    const std::uint64_t length = text.size();
    std::string bytes;
    bytes.reserve(sizeof length + text.size() + at);
    bytes.append(reinterpret_cast<const char *>(&length), sizeof length);
    bytes += text;
    for (const auto &tensor : tensors)
        bytes += tensor.bytes;
    return bytes;
}

Result<std::unique_ptr<TensorFile>> safetensorsFrom(std::string bytes, const std::string &path)
{
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length)
        return formatError(path, "it is too short");
    std::memcpy(&length, bytes.data(), sizeof length);
    const auto rest = bytes.size() - sizeof length;
    if (length > rest || length > kMaxHeader)
        return formatError(path, "its header is cut off or it is of another kind");
    auto file = std::make_unique<TensorFile>();
    file->data = std::move(bytes);
    const std::string_view all = file->data, data = all.substr(sizeof length + length);
    const auto extents = parseHeader(path, all.substr(sizeof length, length), *file);
    if (!extents)
        return extents.error();
    if (auto whole = checkExtents(path, *extents, data.size()); !whole)
        return whole.error();
    for (std::size_t i = 0; i < file->tensors.size(); ++i)
        file->tensors[i].bytes = data.substr((*extents)[i].begin, (*extents)[i].end - (*extents)[i].begin);
    return file;
}

bool looksLikeSafetensors(std::string_view bytes)
{
    std::uint64_t length = 0;
    if (bytes.size() <= sizeof length || bytes[sizeof length] != '{')
        return false;
    std::memcpy(&length, bytes.data(), sizeof length);
    return length <= bytes.size() - sizeof length;
}

Result<std::unique_ptr<TensorFile>> readSafetensors(const std::string &path, SafetensorsPart part)
{
    if (part == SafetensorsPart::All) {
        auto bytes = readFile(path, kMaxFile);
        return bytes ? safetensorsFrom(std::move(*bytes), path) : bytes.error();
    }
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in)
        return Error{ErrorCode::Io, path + ": cannot be opened: " + std::strerror(errno), path};
    const auto end = static_cast<std::streamoff>(in.tellg());
    in.seekg(0);
    std::uint64_t length = 0;
    if (end < static_cast<std::streamoff>(sizeof length) || !in.read(reinterpret_cast<char *>(&length), sizeof length))
        return formatError(path, "it is too short");
    const auto rest = static_cast<std::uint64_t>(end) - sizeof length;
    if (length > rest || length > kMaxHeader)
        return formatError(path, "its header is cut off or it is of another kind");
    std::string header(length, '\0');
    if (!in.read(header.data(), static_cast<std::streamsize>(length)))
        return formatError(path, "its header cannot be read");
    auto file = std::make_unique<TensorFile>();
    const auto extents = parseHeader(path, header, *file);
    if (!extents)
        return extents.error();
    if (auto whole = checkExtents(path, *extents, rest - length); !whole)
        return whole.error();
    return file;
}

} // namespace masque
