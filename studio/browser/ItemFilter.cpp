// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/ItemFilter.h"

#include "core/base/text.h"

#include <QStringList>

#include <algorithm>

namespace masque {

std::string statusWord(ItemStatus status)
{
    switch (status) {
    case ItemStatus::New: return "new";
    case ItemStatus::Labelled: return "labelled";
    case ItemStatus::Reviewed: return "reviewed";
    case ItemStatus::Problem: return "problem";
    case ItemStatus::Unknown: break;
    }
    return "unknown";
}

ItemFilter ItemFilter::parse(const QString &text)
{
    ItemFilter filter;
    for (const QString &part : text.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const std::string word = part.toLower().toStdString();
        const auto valueOf = [&](std::string_view key) -> std::optional<std::string> {
            return word.starts_with(key) ? std::optional(word.substr(key.size())) : std::nullopt;
        };
        if (const auto label = valueOf("label:"))
            filter.labels.push_back(*label);
        else if (const auto split = valueOf("split:"))
            filter.split = split;
        else if (const auto status = valueOf("status:"))
            filter.status = status;
        else
            filter.words.push_back(word);
    }
    return filter;
}

bool ItemFilter::matches(const Item &item, const ItemSummary &summary) const
{
    const auto lower = [](const std::string &name) { return QString::fromStdString(name).toLower().toStdString(); };
    if (!words.empty()) {
        const std::string path = lower(item.image);
        for (const std::string &word : words)
            if (path.find(word) == std::string::npos)
                return false;
    }
    for (const std::string &label : labels) {
        const auto contains = [&](const std::string &name) { return lower(name).find(label) != std::string::npos; };
        if (!std::any_of(summary.labels.begin(), summary.labels.end(), contains) && !contains(item.label))
            return false;
    }
    // A word that is still being typed matches what it begins; "none" is what has no split.
    const auto begins = [](std::string_view name, const std::string &typed) { return name.starts_with(typed); };
    if (split && !begins(item.split == Split::None ? "none" : splitName(item.split), *split))
        return false;
    return !status || begins(statusWord(summary.status), *status);
}

} // namespace masque
