// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace masque {

class Json;

/// What raters say that an image or a face is: a named one's vote, or a count of nameless ones (a distribution). As
/// in FER+ (Barsoum et al. 2016) training may learn the shares rather than the winner alone (`soft-ce`).
struct Vote {
    std::string rater = {}; ///< empty: not named
    std::string label = {};
    double count = 1; ///< of a named rater 1
    bool operator==(const Vote &) const = default;
};
using Votes = std::vector<Vote>;

/// Masque's own key of an image or of a shape in LabelMe's JSON, which labelme keeps.
inline constexpr const char *kVotesKey = "votes";
/// {"anna": "happy", "sad": 2}: a text is what a named rater says, a number how often the class was said. What makes no
/// sense is left out.
Votes votesFromJson(const Json &);
Json votesToJson(const Votes &); ///< null where there are none
/// As a person writes them: "anna: happy, sad 2".
std::string votesText(const Votes &);
Votes votesFromText(const std::string &);

/// With this rater's vote; an empty label takes it away.
Votes withVote(Votes votes, const std::string &rater, const std::string &label);

/// Votes counted a class, in the order in which the classes appear.
struct VoteCounts {
    std::vector<std::pair<std::string, double>> counts = {};

    static VoteCounts of(const Votes &);
    void add(const std::string &label, double count = 1);
    double total() const;
    double most() const;        ///< of one class
    std::string winner() const; ///< empty where there is none, or several are even
    double agreement() const;   ///< share of the most frequent, 0..1; 1 where there are no votes
    std::string share() const;  ///< "3/5": so many for the most frequent; empty where there are no votes
    bool operator==(const VoteCounts &) const = default;
};

} // namespace masque
