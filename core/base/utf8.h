// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace masque {

/// Length of the valid UTF-8 sequence at the start of text, 0 if there is none (overlong forms, surrogates, cut ends).
std::size_t utf8Length(std::string_view text);
/// The first byte that is no UTF-8; the text's size if all is.
std::size_t utf8End(std::string_view text);
/// Fit to be shown: a question mark for each byte that is no UTF-8.
std::string asUtf8(std::string_view text);

/// A text file without its byte order mark. One in UTF-16 or in any encoding but UTF-8 is an error that says so.
Result<std::string> readText(const std::string &path, std::uint64_t maxBytes);

} // namespace masque
