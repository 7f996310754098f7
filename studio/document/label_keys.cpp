// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/label_keys.h"

#include <array>

namespace masque {

std::vector<std::optional<int>> labelKeys(const LabelSet &labels)
{
    std::array<bool, 10> taken{};
    std::vector<std::optional<int>> keys(static_cast<std::size_t>(labels.size()));
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto key = labels.classes()[i].key;
        if (key && *key >= 1 && *key <= 9 && !taken[static_cast<std::size_t>(*key)]) {
            keys[i] = key;
            taken[static_cast<std::size_t>(*key)] = true;
        }
    }
    int next = 1;
    for (std::size_t i = labels.hasBackground() ? 1 : 0; i < keys.size(); ++i) {
        while (next <= 9 && taken[static_cast<std::size_t>(next)])
            ++next;
        if (!keys[i] && next <= 9)
            keys[i] = next++;
    }
    return keys;
}

} // namespace masque
