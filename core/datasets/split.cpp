// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/split.h"

#include "core/base/Random.h"
#include "core/base/text.h"
#include "core/image/region.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace masque {

namespace {

/// Candidates in their order, those cut out of one image together: faces of one photo are no strangers to each other.
std::vector<std::vector<std::size_t>> imagesOf(const Dataset &dataset, const std::vector<std::size_t> &candidates)
{
    std::vector<std::vector<std::size_t>> groups;
    std::map<std::string, std::size_t> known;
    for (const std::size_t candidate : candidates) {
        const auto region = regionOf(dataset.items[candidate].image);
        const auto group = region ? known.try_emplace(region->first, groups.size()).first->second : groups.size();
        if (group == groups.size())
            groups.emplace_back();
        groups[group].push_back(candidate);
    }
    return groups;
}

/// Moves a seeded share of from to to; both stay in ascending order. At least one image is moved and at least one stays
/// where there are two and the share is not zero.
void moveShare(const Dataset &dataset, std::vector<std::size_t> &from, std::vector<std::size_t> &to, double share,
               std::size_t total, Random &random)
{
    auto groups = imagesOf(dataset, from);
    if (share <= 0 || groups.size() < 2)
        return;
    const auto wanted =
        std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(share * static_cast<double>(total))));
    random.shuffle(groups);
    for (from.clear(); groups.size() > 1 && to.size() < wanted; groups.pop_back())
        to.insert(to.end(), groups.back().begin(), groups.back().end());
    for (const auto &group : groups)
        from.insert(from.end(), group.begin(), group.end());
    std::ranges::sort(from);
    std::ranges::sort(to);
}

} // namespace

Split splitFromName(std::string_view name)
{
    const auto lower = toLowerAscii(name);
    if (lower == "train" || lower == "training")
        return Split::Train;
    if (lower == "val" || lower == "valid" || lower == "validation")
        return Split::Val;
    return lower == "test" || lower == "testing" ? Split::Test : Split::None;
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
        moveShare(dataset, split.train, split.test, testRatio, total, random);
    if (split.val.empty())
        moveShare(dataset, split.train, split.val, valRatio, total, random);
    return split;
}

} // namespace masque
