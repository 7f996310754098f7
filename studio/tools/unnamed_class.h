// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

#include <string_view>

namespace masque {

/// The class of a shape that is drawn before its class is known; no name that a person can type.
inline constexpr std::string_view kUnnamedClass = "\x1f";

bool isUnnamed(const Edit &edit);
/// What an unfinished question shows of the shape that it is about.
ToolPreview previewOf(const Edit &edit);

} // namespace masque
