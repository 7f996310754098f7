// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/index/RunQuery.h"

#include "core/base/text.h"
#include "core/runs/index/run_record.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace masque {

namespace {

constexpr const char *kPlain[] = {"name", "tags", "notes", "model", "folder"}; ///< where plain words are looked for

/// Words, of which quotation marks make one: tag:"two words".
Result<std::vector<std::string>> words(const std::string &text)
{
    std::vector<std::string> out;
    std::string word;
    bool isQuoted = false, isWord = false;
    for (const char c : text) {
        if (c == '"') {
            isQuoted = !isQuoted;
            isWord = true;
        } else if (!isQuoted && (c == ' ' || c == '\t' || c == '\n')) {
            if (isWord)
                out.push_back(word);
            word.clear();
            isWord = false;
        } else {
            word += c;
            isWord = true;
        }
    }
    if (isQuoted)
        return Error{ErrorCode::Option, "search: a quotation mark is open", "search"};
    if (isWord)
        out.push_back(word);
    return out;
}

std::optional<double> numberOf(const std::string &text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

std::string textOf(const Json &value)
{
    if (value.isString())
        return toLowerAscii(value.toString());
    if (!value.isArray())
        return value.isNull() ? "" : toLowerAscii(value.dump());
    std::string all;
    for (const auto &item : value.items())
        all += textOf(item) + "\n";
    return all;
}

/// A text may be asked of everything, options first: loss:dice is the option, loss<0.3 the figure.
const Json &textValue(const Json &record, const std::string &key)
{
    if (key == "tag")
        return record["tags"];
    const auto &option = record["options"][key];
    return option.isNull() ? record[key] : option;
}

Json numberValue(const Json &record, const std::string &key)
{
    if (key == "metric")
        return record["best_epoch"].toInt() > 0 ? record["best"] : Json();
    if (key == "epochs")
        return record["epochs_done"];
    if (key == "tests")
        return static_cast<std::uint64_t>(record["tests"].size());
    const auto &figure = record["figures"][key];
    if (!figure.isNull())
        return record["best_epoch"].toInt() > 0 ? figure : Json();
    return record[key].isNumber() ? record[key] : record["options"][key];
}

} // namespace

Result<RunQuery> RunQuery::parse(const std::string &text)
{
    const auto all = words(text);
    if (!all)
        return all.error();
    RunQuery query;
    for (auto word : *all) {
        Term term;
        if (word.size() > 1 && word.front() == '-') {
            term.isNegated = true;
            word.erase(0, 1);
        }
        const auto at = word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789");
        if (at != std::string::npos && at > 0 && std::string_view(":<>=").find(word[at]) != std::string_view::npos) {
            const bool isLong = word[at] != ':' && word.substr(at + 1, 1) == "=";
            term.key = word.substr(0, at);
            term.comparison = word.substr(at, isLong ? 2 : 1);
            term.text = toLowerAscii(word.substr(at + term.comparison.size()));
            term.number = numberOf(term.text);
            if (!term.number && (term.comparison.front() == '<' || term.comparison.front() == '>'))
                return Error{ErrorCode::Option, "search: " + word + " needs a number, as in metric>0.6", "search"};
        } else {
            term.text = toLowerAscii(word);
        }
        query.m_terms.push_back(std::move(term));
    }
    return query;
}

bool RunQuery::meets(const Term &term, const Json &record)
{
    if (term.key.empty())
        return std::any_of(std::begin(kPlain), std::end(kPlain),
                           [&](const char *key) { return textOf(record[key]).find(term.text) != std::string::npos; });
    if (term.comparison == ":")
        return textOf(textValue(record, term.key)).find(term.text) != std::string::npos;
    if (!term.number)
        return textOf(textValue(record, term.key)) == term.text;
    const auto value = numberValue(record, term.key);
    if (!value.isNumber())
        return false;
    const double is = value.toDouble(), wanted = *term.number;
    return term.comparison == "<"    ? is < wanted
           : term.comparison == "<=" ? is <= wanted
           : term.comparison == ">"  ? is > wanted
           : term.comparison == ">=" ? is >= wanted
                                     : is == wanted;
}

bool RunQuery::matches(const RunInfo &run) const
{
    if (m_terms.empty())
        return true;
    const auto record = toRecord(run);
    return std::all_of(m_terms.begin(), m_terms.end(),
                       [&](const Term &term) { return meets(term, record) != term.isNegated; });
}

} // namespace masque
