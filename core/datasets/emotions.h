// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace masque {

/// The classes of FER-2013 in its order (Goodfellow et al. 2013).
inline constexpr std::array<std::string_view, 7> kEmotions = {"angry", "disgust",  "fear",   "happy",
                                                              "sad",   "surprise", "neutral"};

/// One of them, in any case.
inline bool isEmotion(std::string_view name)
{
    return std::ranges::find(kEmotions, toLowerAscii(std::string(name))) != kEmotions.end();
}

/// The emotion that a word of FER+ and other tables means, in any case; what means none stays as it is.
inline std::string emotionOf(const std::string &word)
{
    constexpr std::pair<std::string_view, std::string_view> kWords[] = {
        {"anger", "angry"},  {"happiness", "happy"}, {"sadness", "sad"},       {"disgusted", "disgust"},
        {"fearful", "fear"}, {"afraid", "fear"},     {"surprised", "surprise"}};
    const std::string low = toLowerAscii(word);
    const auto found = std::ranges::find(kWords, low, [](const auto &pair) { return pair.first; });
    return found != std::end(kWords) ? std::string(found->second) : isEmotion(low) ? low : word;
}

/// All of them and no other, in any order.
inline bool areEmotions(const LabelSet &labels)
{
    return labels.size() == static_cast<int>(kEmotions.size())
           && std::ranges::all_of(labels.classes(), [](const auto &label) { return isEmotion(label.name); });
}

} // namespace masque
