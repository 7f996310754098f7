// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/votes.h"

#include "core/base/Json.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace masque {

namespace {

constexpr double kMostVotes = 1e9;

bool isCount(double count)
{
    return count > 0 && count <= kMostVotes; // neither NaN
}

/// "2", "0.5"
std::string countText(double count)
{
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, count).ptr;
    return {text, end};
}

} // namespace

Votes votesFromJson(const Json &json)
{
    Votes votes;
    if (!json.isObject())
        return votes;
    for (const auto &[key, value] : json.members()) {
        if (value.isString() && !value.toString().empty())
            votes.push_back({.rater = key, .label = value.toString()});
        else if (value.isNumber() && isCount(value.toDouble()) && !key.empty())
            votes.push_back({.label = key, .count = value.toDouble()});
    }
    return votes;
}

Json votesToJson(const Votes &votes)
{
    if (votes.empty())
        return {};
    Json json = Json::object();
    for (const auto &vote : votes) {
        if (!vote.rater.empty())
            json.set(vote.rater, vote.label);
        else if (std::floor(vote.count) == vote.count)
            json.set(vote.label, static_cast<std::int64_t>(vote.count));
        else
            json.set(vote.label, vote.count);
    }
    return json;
}

std::string votesText(const Votes &votes)
{
    std::vector<std::string> words;
    for (const auto &vote : votes)
        words.push_back(!vote.rater.empty() ? vote.rater + ": " + vote.label
                                            : vote.label + " " + countText(vote.count));
    return joinText(words, ", ");
}

Votes votesFromText(const std::string &text)
{
    Votes votes;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find(',', at), text.size());
        const std::string word = trimmed(text.substr(at, end - at));
        at = end + 1;
        if (const auto colon = word.find(':'); colon != std::string::npos) {
            votes = withVote(std::move(votes), trimmed(word.substr(0, colon)), trimmed(word.substr(colon + 1)));
            continue;
        }
        if (word.empty())
            continue;
        const auto space = word.find_last_of(' ');
        double count = 1;
        std::string label = word;
        if (space != std::string::npos) {
            const char *last = word.data() + word.size();
            double number = 0;
            const auto [stop, problem] = std::from_chars(word.data() + space + 1, last, number);
            if (problem == std::errc() && stop == last && isCount(number)) {
                count = number;
                label = trimmed(word.substr(0, space));
            }
        }
        const auto known =
            std::ranges::find_if(votes, [&](const Vote &vote) { return vote.rater.empty() && vote.label == label; });
        if (known != votes.end())
            known->count += count;
        else
            votes.push_back({.label = label, .count = count});
    }
    return votes;
}

Votes withVote(Votes votes, const std::string &rater, const std::string &label)
{
    if (rater.empty())
        return votes;
    const auto known = std::ranges::find(votes, rater, &Vote::rater);
    if (label.empty()) {
        if (known != votes.end())
            votes.erase(known);
    } else if (known != votes.end()) {
        known->label = label;
    } else {
        votes.push_back({.rater = rater, .label = label});
    }
    return votes;
}

void VoteCounts::add(const std::string &label, double count)
{
    const auto known = std::ranges::find(counts, label, &std::pair<std::string, double>::first);
    if (known != counts.end())
        known->second += count;
    else
        counts.emplace_back(label, count);
}

VoteCounts VoteCounts::of(const Votes &votes)
{
    VoteCounts out;
    for (const auto &vote : votes)
        out.add(vote.label, vote.count);
    return out;
}

double VoteCounts::total() const
{
    double sum = 0;
    for (const auto &[label, count] : counts)
        sum += count;
    return sum;
}

double VoteCounts::most() const
{
    double most = 0;
    for (const auto &[label, count] : counts)
        most = std::max(most, count);
    return most;
}

std::string VoteCounts::winner() const
{
    const auto isMost = [most = most()](const auto &one) { return one.second == most; };
    return std::ranges::count_if(counts, isMost) == 1 ? std::ranges::find_if(counts, isMost)->first : std::string();
}

double VoteCounts::agreement() const
{
    return counts.empty() ? 1 : most() / total();
}

std::string VoteCounts::share() const
{
    return counts.empty() ? std::string() : countText(most()) + "/" + countText(total());
}

} // namespace masque
