// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_file.h"

#include <optional>
#include <string>

namespace masque {

std::string colorText(Color color); ///< "#rrggbb"
/// What colorText writes, in either case; nothing for any other text.
std::optional<Color> parseColor(const std::string &text);

} // namespace masque
