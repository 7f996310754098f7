// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/class_weights.h"

#include "core/base/text.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace masque {

Result<std::vector<std::int64_t>> classPixels(const SampleSource &source, int classes, std::stop_token stop)
{
    std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
    const auto plane = static_cast<std::size_t>(source.height()) * static_cast<std::size_t>(source.width());
    std::vector<float> image(plane * static_cast<std::size_t>(source.channels()));
    std::vector<std::uint8_t> target(source.targetElements());
    for (std::size_t i = 0; i < source.size() && !stop.stop_requested(); ++i) {
        if (auto read = source.read(i, 0, image, target); !read)
            return read.error();
        if (target.size() == plane || target.size() == 1) {
            for (const auto id : target)
                if (id < counts.size())
                    ++counts[id];
            continue;
        }
        if (target.size() == counts.size()) { // shares
            for (std::size_t id = 0; id < counts.size(); ++id)
                counts[id] += target[id];
            continue;
        }
        for (std::size_t pixel = 0; pixel < plane; ++pixel) {
            if (target[pixel] == kIgnoreId)
                continue;
            bool isBackground = true;
            for (std::size_t id = 1; id < counts.size(); ++id) {
                const bool isHere = target[(id - 1) * plane + pixel] == 1;
                counts[id] += isHere ? 1 : 0;
                isBackground = isBackground && !isHere;
            }
            counts[0] += isBackground ? 1 : 0;
        }
    }
    return counts;
}

Result<std::vector<float>> classWeights(const std::string &option, const SampleSource &source, const LabelSet &labels,
                                        std::stop_token stop)
{
    std::vector<float> weights;
    if (option.empty() || option == "none")
        return weights;
    if (option == "balanced") {
        const auto counts = classPixels(source, labels.size(), stop);
        if (!counts)
            return counts.error();
        const auto total = static_cast<double>(std::accumulate(counts->begin(), counts->end(), std::int64_t{0}));
        const auto present = std::count_if(counts->begin(), counts->end(), [](auto count) { return count > 0; });
        for (const auto count : *counts)
            weights.push_back(count > 0 ? static_cast<float>(total / (static_cast<double>(present * count))) : 1.0f);
        return weights;
    }
    bool valid = true;
    for (const auto &word : splitText(option, ',')) {
        const auto text = trimmed(word);
        char *end = nullptr;
        const double value = std::strtod(text.c_str(), &end);
        valid = valid && !text.empty() && *end == '\0' && value >= 0 && value <= 1e6;
        weights.push_back(static_cast<float>(value));
    }
    if (!valid || static_cast<int>(weights.size()) != labels.size())
        return Error{ErrorCode::Option,
                     "class_weights is '" + option + "', expected none, balanced or one number a class, in this order: "
                         + joinText(labels.names(), ", "),
                     "class_weights"};
    return weights;
}

} // namespace masque
