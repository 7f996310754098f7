// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace masque {

/// "a2" before "a10": digit runs compare as numbers, the rest byte-wise with ASCII case folded; ties by plain order.
bool naturalLess(std::string_view a, std::string_view b);

std::string toLowerAscii(std::string_view text);
std::vector<std::string> splitText(std::string_view text, char separator);
std::string joinText(const std::vector<std::string> &parts, std::string_view separator);
std::string trimmed(std::string_view text);

/// The candidate nearest to word by edit distance, or "" if none is near enough to be a likely slip.
std::string nearestWord(std::string_view word, const std::vector<std::string> &candidates);

/// Three digits that count: "0.00123", "9.86e+05".
std::string shortNumber(double value);
/// "3:07", "1:02:03".
std::string formatDuration(double seconds);

/// Standard base64 with padding; decoding skips white space and returns "" for anything that is not base64.
std::string base64Encode(std::string_view bytes);
std::string base64Decode(std::string_view text);

} // namespace masque
