// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/color_text.h"

#include <cstdio>

namespace masque {

std::string colorText(Color color)
{
    char text[8];
    std::snprintf(text, sizeof text, "#%02x%02x%02x", unsigned{color[0]}, unsigned{color[1]}, unsigned{color[2]});
    return text;
}

std::optional<Color> parseColor(const std::string &text)
{
    unsigned r = 0, g = 0, b = 0;
    int length = 0;
    if (std::sscanf(text.c_str(), "#%2x%2x%2x%n", &r, &g, &b, &length) != 3 || length != 7 || text.size() != 7)
        return {};
    return Color{static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(b)};
}

} // namespace masque
