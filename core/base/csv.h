// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace masque {

/// A field of a CSV table, in quotes where it must be (RFC 4180).
std::string csvField(const std::string &text);

} // namespace masque
