// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace masque {

/// What the browser's search field says: words that the path contains, and label:car, split:val, status:new. All of
/// them must hold.
struct ItemFilter {
    std::vector<std::string> words;  ///< lower case
    std::vector<std::string> labels; ///< lower case; a class contains it
    std::optional<std::string> split, status;

    static ItemFilter parse(const QString &text);
    bool matches(const Item &item, const ItemSummary &summary) const;
    bool needsSummaries() const { return !labels.empty() || status; }
};

/// The status's word in the search field: "new", "labelled", "reviewed", "problem", "unknown".
std::string statusWord(ItemStatus status);

} // namespace masque
