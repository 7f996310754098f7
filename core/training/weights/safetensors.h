// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The safetensors format (https://github.com/huggingface/safetensors), private to core/training. Knows no LibTorch.
namespace masque {

/// One tensor, C-contiguous, little endian.
struct TensorBlob {
    std::string name;
    std::string type; ///< "F32", "I64", ...
    std::vector<std::int64_t> shape;
    std::string_view bytes; ///< points into the TensorFile, or into the writer's memory
};

/// A file of named tensors.
struct TensorFile {
    Json::Object metadata; ///< text values
    std::vector<TensorBlob> tensors;
    std::string data;             ///< what tensors point into; not to be moved or changed
    std::deque<std::string> more; ///< likewise
    TensorFile() = default;
    TensorFile(const TensorFile &) = delete;
    TensorFile &operator=(const TensorFile &) = delete;
};

/// Bytes of one element of this type, 0 for an unknown one.
std::size_t tensorElementSize(std::string_view type);

/// The whole file as bytes. Each blob must hold as many bytes as its shape and type say.
std::string writeSafetensors(const Json::Object &metadata, const std::vector<TensorBlob> &tensors);

enum class SafetensorsPart { Header, All };
/// Reads and checks a file: header length, JSON, types, shapes against offsets, no gaps, no overlaps, nothing beyond
/// the end. Errors name the file and the tensor. Header: blobs stay without bytes.
Result<std::unique_ptr<TensorFile>> readSafetensors(const std::string &path, SafetensorsPart part);
/// The same of a whole file in memory. path: for messages.
Result<std::unique_ptr<TensorFile>> safetensorsFrom(std::string bytes, const std::string &path);
/// Whether the bytes begin with the length of a header that fits into them, and with that header's brace.
bool looksLikeSafetensors(std::string_view bytes);

} // namespace masque
