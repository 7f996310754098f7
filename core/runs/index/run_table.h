// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"

/// Runs in rows and columns.
namespace masque {

/// The epochs of a run as CSV: a heading, then one line an epoch and split, with the keys of log.jsonl.
std::string epochsCsv(const RunInfo &run);

/// The options in which runs differ, in the order of the form: key, and a text for each run ("" where its model has
/// none such).
struct OptionRow {
    std::string key;
    std::vector<std::string> values;
};
std::vector<OptionRow> differingOptions(const std::vector<RunInfo> &runs);

} // namespace masque
