// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/split.h"

#include "core/base/Random.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

/// Moves a seeded share of from to to; both stay in ascending order. At least one is moved and at least one stays where
/// there are two and the share is not zero.
void moveShare(std::vector<std::size_t> &from, std::vector<std::size_t> &to, double share, std::size_t total,
               Random &random)
{
    if (share <= 0 || from.size() < 2)
        return;
    const auto wanted = static_cast<std::size_t>(std::lround(share * static_cast<double>(total)));
    const auto count = std::clamp<std::size_t>(wanted, 1, from.size() - 1);
    random.shuffle(from);
    to.assign(from.end() - static_cast<std::ptrdiff_t>(count), from.end());
    from.resize(from.size() - count);
    std::ranges::sort(from);
    std::ranges::sort(to);
}

} // namespace

Split splitFromName(std::string_view name)
{
    const auto lower = toLowerAscii(name);
    if (lower == "train")
        return Split::Train;
    if (lower == "val" || lower == "valid" || lower == "validation")
        return Split::Val;
    return lower == "test" ? Split::Test : Split::None;
}

SplitIndices makeSplit(const Dataset &dataset, const std::vector<std::size_t> &candidates, double valRatio,
                       double testRatio, std::uint64_t seed)
{
    SplitIndices split;
    bool named = false;
    for (const auto index : candidates) {
        const auto own = dataset.items[index].split;
        named = named || own != Split::None;
        // An image that no split names may be learnt from: nothing is measured on it.
        (own == Split::Val ? split.val : own == Split::Test ? split.test : split.train).push_back(index);
    }
    auto random = Random::of(seed, candidates.size());
    const auto total = split.train.size();
    if (!named)
        moveShare(split.train, split.test, testRatio, total, random);
    if (split.val.empty())
        moveShare(split.train, split.val, valRatio, total, random);
    return split;
}

} // namespace masque
