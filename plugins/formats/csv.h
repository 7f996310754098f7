// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/base/csv.h"

#include <string>
#include <string_view>
#include <vector>

/// Small tables of text (RFC 4180): commas, quotes, one line a row.
namespace masque {

/// The fields of one line; "" in a quoted field is a quote.
std::vector<std::string> csvFields(std::string_view line);

struct CsvTable {
    std::vector<std::string> columns; ///< in lower case
    std::vector<std::vector<std::string>> rows;
    int column(const std::vector<std::string> &names) const; ///< the first that has one of the names; -1
    /// A field of a row; empty where the row is shorter.
    const std::string &field(const std::vector<std::string> &row, int column) const;
};
/// Errors name the file: not there, of more than 64 MiB, empty.
Result<CsvTable> readCsv(const std::string &path);
/// The first line's names, in lower case; empty where it cannot be read.
std::vector<std::string> csvColumns(const std::string &path);

} // namespace masque
