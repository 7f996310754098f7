// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/image_class.h"

#include "core/datasets/emotions.h"

namespace masque {

namespace {

bool isClass(const std::string &flag, const LabelSet &classes)
{
    return classes.idOf(flag).has_value(); // `__ignore__` has one, too
}

} // namespace

LabelSet imageClasses(const Dataset &dataset)
{
    if (dataset.task == Task::Classification)
        return dataset.labels;
    return LabelSet(dataset.imageFlags.empty() ? std::vector<std::string>(kEmotions.begin(), kEmotions.end())
                                               : dataset.imageFlags);
}

std::string imageClassOf(const Item &item, const ItemSummary &summary, const LabelSet &classes)
{
    const auto set = std::ranges::find_if(summary.flags, [&](const auto &flag) { return isClass(flag, classes); });
    return set != summary.flags.end() ? *set : item.label;
}

const VoteCounts &votesFor(const Item &item, const ItemSummary &summary)
{
    return summary.votes.counts.empty() ? item.votes : summary.votes;
}

std::optional<double> agreementOn(const Item &item, const ItemSummary &summary)
{
    const VoteCounts &votes = votesFor(item, summary);
    if (summary.agreements.empty())
        return votes.counts.empty() ? std::nullopt : std::optional(votes.agreement());
    return std::min(votes.agreement(), summary.agreements.front());
}

Edit setImageClass(const Annotation &annotation, const std::string &name, const LabelSet &classes)
{
    Flags after = annotation.flags;
    bool isThere = false;
    for (auto &[flag, isSet] : after) {
        if (flag != name && !isClass(flag, classes))
            continue;
        isSet = flag == name;
        isThere = isThere || isSet;
    }
    if (!isThere && !name.empty())
        after.emplace_back(name, true);
    Edit edit{.name = name.empty() ? "Take the image's class away" : "Class " + name, .shapes = {}};
    if (after != annotation.flags)
        edit.flags.emplace(annotation.flags, std::move(after));
    return edit;
}

Edit setImageVotes(const Annotation &annotation, Votes votes, const LabelSet &classes)
{
    Edit edit = setImageClass(annotation, VoteCounts::of(votes).winner(), classes);
    edit.name = "Change votes on the image";
    if (votes != annotation.votes)
        edit.votes.emplace(annotation.votes, std::move(votes));
    return edit;
}

Edit setImageVote(const Annotation &annotation, const std::string &rater, const std::string &name,
                  const LabelSet &classes)
{
    Edit edit = setImageVotes(annotation, withVote(annotation.votes, rater, name), classes);
    edit.name = name.empty() ? "Take a rater's vote away" : "Vote for " + name;
    return edit;
}

} // namespace masque
