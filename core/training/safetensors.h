// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

#include <cstdint>
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
    std::string_view bytes; ///< points into SafeTensors::data, or into the writer's memory
};

struct SafeTensors {
    Json::Object metadata; ///< text values
    std::vector<TensorBlob> tensors;
    std::string data; ///< what tensors point into; not to be moved or changed
    SafeTensors() = default;
    SafeTensors(const SafeTensors &) = delete;
    SafeTensors &operator=(const SafeTensors &) = delete;
};

/// Bytes of one element of this type, 0 for an unknown one.
std::size_t tensorElementSize(std::string_view type);

/// The whole file as bytes. Each blob must hold as many bytes as its shape and type say.
std::string writeSafetensors(const Json::Object &metadata, const std::vector<TensorBlob> &tensors);

enum class SafetensorsPart { Header, All };
/// Reads and checks a file: header length, JSON, types, shapes against offsets, no gaps, no overlaps, nothing beyond
/// the end. Errors name the file and the tensor. Header: blobs stay without bytes.
Result<std::unique_ptr<SafeTensors>> readSafetensors(const std::string &path, SafetensorsPart part);

} // namespace masque
