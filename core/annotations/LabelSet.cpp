// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/LabelSet.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace masque {

namespace {

constexpr int kMaxClasses = 255;
constexpr Color kIgnoreColor{208, 208, 208};

/// Okabe and Ito's seven (2008), then colours picked one by one to lie farthest from those before, in Lab as seen with
/// full colour vision and with red- and green-blindness (Machado et al. 2009), and far from black and the ignore grey.
constexpr std::array<std::uint32_t, 32> kColors{
    0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7, 0x0000ff, 0x3322aa, 0x663311, 0x33ff99,
    0x770066, 0xbb44ff, 0xee1155, 0xccaa55, 0x990044, 0xaaff77, 0x004499, 0xaa88ff, 0xffccff, 0xff8899, 0x4400cc,
    0xaa5522, 0xbb1177, 0x5555cc, 0x22bbcc, 0x99ffcc, 0x114433, 0xaabb77, 0x557744, 0x0044ff, 0x886699};

std::uint8_t channel(double hue, double saturation, double value, double shift)
{
    const double k = std::fmod(shift + hue * 6, 6.0);
    return static_cast<std::uint8_t>(
        std::lround(255 * value * (1 - saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0))));
}

} // namespace

LabelSet::LabelSet(const std::vector<std::string> &names)
{
    for (const auto &name : names)
        if (name != kIgnoreName && size() < kMaxClasses)
            add(name);
}

std::vector<std::string> LabelSet::names() const
{
    std::vector<std::string> out;
    for (const auto &one : m_classes)
        out.push_back(one.name);
    return out;
}

std::optional<std::uint8_t> LabelSet::idOf(std::string_view name) const
{
    if (name == kIgnoreName)
        return kIgnoreId;
    const auto found =
        std::find_if(m_classes.begin(), m_classes.end(), [&](const LabelClass &one) { return one.name == name; });
    if (found == m_classes.end())
        return {};
    return static_cast<std::uint8_t>(found - m_classes.begin());
}

std::uint8_t LabelSet::add(std::string_view name)
{
    if (const auto known = idOf(name))
        return *known;
    if (size() >= kMaxClasses)
        return kIgnoreId;
    const int id = size();
    // Without a background the first class still deserves a colour that can be seen.
    const bool blackIsFree = name == kBackgroundName || hasBackground();
    m_classes.push_back({std::string(name), defaultColor(blackIsFree ? id : id + 1)});
    return static_cast<std::uint8_t>(id);
}

std::vector<Color> LabelSet::palette() const
{
    std::vector<Color> colors(256);
    for (int id = 0; id < 256; ++id)
        colors[static_cast<std::size_t>(id)] = id < size()       ? (*this)[id].color
                                               : id == kIgnoreId ? kIgnoreColor
                                                                 : defaultColor(id);
    return colors;
}

Color LabelSet::defaultColor(int id)
{
    if (id <= 0)
        return {0, 0, 0};
    if (const auto index = static_cast<std::size_t>(id - 1); index < kColors.size()) {
        const auto rgb = kColors[index];
        return {static_cast<std::uint8_t>(rgb >> 16), static_cast<std::uint8_t>(rgb >> 8 & 0xff),
                static_cast<std::uint8_t>(rgb & 0xff)};
    }
    const double hue = std::fmod(id * 0.618033988749895, 1.0); // the golden angle never lands near a recent hue
    const double saturation = 0.5 + 0.25 * (id % 3), value = 0.95 - 0.2 * (id % 4 / 2);
    return {channel(hue, saturation, value, 5), channel(hue, saturation, value, 3), channel(hue, saturation, value, 1)};
}

} // namespace masque
