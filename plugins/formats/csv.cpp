// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/csv.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <fstream>

namespace masque {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;
constexpr std::streamsize kMostHeader = 4096;

std::vector<std::string> namesOf(std::string_view line)
{
    constexpr std::string_view kMark = "\xef\xbb\xbf"; // of UTF-8, as spreadsheets write it
    if (line.starts_with(kMark))
        line.remove_prefix(kMark.size());
    auto names = csvFields(line);
    for (auto &name : names)
        name = toLowerAscii(trimmed(name));
    return names;
}

} // namespace

std::vector<std::string> csvFields(std::string_view line)
{
    std::vector<std::string> fields(1);
    bool isQuoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (isQuoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            fields.back() += c;
            ++i;
        } else if (c == '"') {
            isQuoted = !isQuoted;
        } else if (c == ',' && !isQuoted) {
            fields.emplace_back();
        } else if (c != '\r') {
            fields.back() += c;
        }
    }
    return fields;
}

int CsvTable::column(const std::vector<std::string> &names) const
{
    for (const auto &name : names)
        if (const auto found = std::ranges::find(columns, name); found != columns.end())
            return static_cast<int>(found - columns.begin());
    return -1;
}

const std::string &CsvTable::field(const std::vector<std::string> &row, int column) const
{
    static const std::string kNone;
    return column >= 0 && column < static_cast<int>(row.size()) ? row[static_cast<std::size_t>(column)] : kNone;
}

Result<CsvTable> readCsv(const std::string &path)
{
    const auto text = readText(path, kMostBytes);
    if (!text)
        return text.error();
    CsvTable table;
    bool isFirst = true;
    for (std::size_t at = 0; at < text->size();) {
        const std::size_t end = std::min(text->find('\n', at), text->size());
        const std::string_view line(text->data() + at, end - at);
        at = end + 1;
        if (isFirst)
            table.columns = namesOf(line);
        else if (line.find_first_not_of(" \r\t,") != std::string_view::npos)
            table.rows.push_back(csvFields(line));
        isFirst = false;
    }
    if (isFirst)
        return Error{ErrorCode::Format, path + ": is empty", path};
    return table;
}

std::vector<std::string> csvColumns(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    std::string start(kMostHeader, '\0');
    file.read(start.data(), kMostHeader);
    start.resize(static_cast<std::size_t>(file.gcount()));
    const auto end = start.find('\n');
    return end == std::string::npos ? std::vector<std::string>() : namesOf(std::string_view(start).substr(0, end));
}

} // namespace masque
