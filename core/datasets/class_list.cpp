// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/class_list.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <charconv>

namespace masque {

namespace {

std::optional<std::uint32_t> wholeNumber(const std::string &text)
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::vector<std::string> words(std::string line)
{
    const bool table = line.find_first_of(",;") != std::string::npos; // names may then hold spaces
    std::ranges::replace_if(
        line, [&](char c) { return table ? c == ';' : c == ' ' || c == '\t'; }, ',');
    std::vector<std::string> out;
    for (const auto &word : splitText(line, ','))
        if (const auto trimmedWord = trimmed(word); !trimmedWord.empty())
            out.push_back(trimmedWord);
    return out;
}

std::string joined(const std::vector<std::string> &all, std::size_t first, std::size_t end)
{
    return joinText({all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + static_cast<std::ptrdiff_t>(end)},
                    " ");
}

/// The three numbers from first on as a colour.
std::optional<std::uint32_t> colorAt(const std::vector<std::string> &all, std::size_t first)
{
    std::uint32_t color = 0;
    for (std::size_t i = first; i < first + 3; ++i) {
        const auto part = i < all.size() ? wholeNumber(all[i]) : std::nullopt;
        if (!part || *part > 255)
            return {};
        color = color << 8 | *part;
    }
    return color;
}

std::optional<ClassLine> colorThenName(const std::string &line)
{
    const auto all = words(line);
    const auto color = all.size() > 3 ? colorAt(all, 0) : std::nullopt;
    return color ? std::optional(ClassLine{joined(all, 3, all.size()), {}, color}) : std::nullopt;
}
std::optional<ClassLine> nameThenColor(const std::string &line)
{
    const auto all = words(line);
    const auto color = all.size() > 3 ? colorAt(all, all.size() - 3) : std::nullopt;
    return color ? std::optional(ClassLine{joined(all, 0, all.size() - 3), {}, color}) : std::nullopt;
}
std::optional<ClassLine> idThenName(const std::string &line)
{
    const auto all = words(line);
    const auto id = all.size() > 1 ? wholeNumber(all[0]) : std::nullopt;
    return id ? std::optional(ClassLine{joined(all, 1, all.size()), id, {}}) : std::nullopt;
}

} // namespace

Result<std::vector<std::string>> readLabelsTxt(const std::string &path)
{
    const auto text = readText(path, 1 << 20);
    if (!text)
        return text.error();
    std::vector<std::string> lines;
    for (const auto &line : splitText(*text, '\n'))
        if (auto name = trimmed(line); !name.empty())
            lines.push_back(std::move(name));
    return lines;
}

Result<std::vector<ClassLine>> readClassList(const std::string &path)
{
    auto lines = readLabelsTxt(path);
    if (!lines)
        return lines.error();
    if (path.ends_with(".csv") && !lines->empty() && !nameThenColor(lines->front()) && !idThenName(lines->front()))
        lines->erase(lines->begin());
    using Reader = std::optional<ClassLine> (*)(const std::string &);
    for (const Reader reader : {&colorThenName, &nameThenColor, &idThenName}) {
        std::vector<ClassLine> all;
        for (const auto &line : *lines)
            if (auto read = reader(line))
                all.push_back(std::move(*read));
        if (!all.empty() && all.size() == lines->size())
            return all;
    }
    std::vector<ClassLine> all;
    for (const auto &line : *lines)
        all.push_back({line});
    return all;
}

bool isVoidName(const std::string &name)
{
    static constexpr std::string_view kNames[] = {"void",    "unlabelled", "unlabeled", "ignore",
                                                  "ignored", "__ignore__", "unknown",   "undefined"};
    return std::ranges::find(kNames, toLowerAscii(name)) != std::end(kNames);
}

} // namespace masque
