// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Python's pickle format (PEP 307, PEP 3154), as far as files of weights need it. A pickle is a program for a small
/// machine; this one makes values and calls nothing: of all names that a pickle can ask for it knows those of tensors,
/// and refuses every other by name.
namespace masque::pickle {

struct Value {
    enum class Kind : std::uint8_t { None, Bool, Int, Real, Text, Bytes, List, Tuple, Dict, Name, Call, Stored };
    Kind kind = Kind::None;
    std::int64_t whole = 0;          ///< of Bool and Int
    double real = 0;                 ///< of Real
    std::string text = {};           ///< of Text and Bytes, and of an Int beyond 64 bits its bytes, little endian;
                                     ///< of Name and Call "module.name"
    std::vector<Value *> items = {}; ///< of List and Tuple; of Dict key, value, key, ...; of Call its arguments;
                                     ///< of Stored what says where the object is kept
};

/// May hold itself: whoever walks through it keeps count.
struct Document {
    std::deque<Value> values; ///< what all pointers point to
    const Value *root = nullptr;
    std::size_t size = 0; ///< bytes that were read
};

/// Reads one pickle from the beginning of bytes, protocols 0 to 5. Calls that stay: torch._utils._rebuild_tensor,
/// _rebuild_tensor_v2. An OrderedDict is a Dict, a torch.Size a Tuple, a Parameter its tensor. Errors say what is
/// refused, or the byte where it breaks off.
Result<std::unique_ptr<Document>> parse(std::string_view bytes);

} // namespace masque::pickle
