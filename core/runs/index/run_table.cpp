// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/index/run_table.h"

#include <algorithm>

namespace masque {

namespace {

std::string text(const Json &value)
{
    return value.isString() ? value.toString() : value.isNull() ? std::string() : value.dump();
}

} // namespace

std::string epochsCsv(const RunInfo &run)
{
    const auto line = [](const Json &report, bool isHeading) {
        std::string out;
        for (const auto &[key, value] : report.members())
            if (key != "event" && key != "best")
                out += (out.empty() ? "" : ",") + (isHeading ? key : text(value));
        return out + "," + (isHeading ? "best" : text(report["best"].toBool() ? Json(1) : Json(0))) + "\n";
    };
    std::string csv = line(EpochReport{}.toJson(), true);
    for (const auto &epoch : run.epochs)
        csv += line(epoch.toJson(), false);
    return csv;
}

std::vector<OptionRow> differingOptions(const std::vector<RunInfo> &runs)
{
    std::vector<OptionRow> rows;
    std::vector<Json> options;
    for (const auto &run : runs)
        options.push_back(run.options.toJson());
    for (const auto &some : options)
        for (const auto &[key, ignored] : some.members()) {
            if (std::any_of(rows.begin(), rows.end(), [&](const auto &row) { return row.key == key; }))
                continue;
            rows.push_back({key, {}});
            for (const auto &each : options)
                rows.back().values.push_back(text(each[key]));
        }
    std::erase_if(rows, [](const OptionRow &row) {
        return std::equal(row.values.begin() + 1, row.values.end(), row.values.begin());
    });
    return rows;
}

} // namespace masque
