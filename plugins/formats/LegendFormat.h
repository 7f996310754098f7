// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// A table that says the class of each image file: columns for the file (image, file, filename, path) and its class
/// (emotion, label, class), in any order, others are left out; a column split or usage. An image in several rows has
/// the class that most of them say, none where they are even. Files are relative to the table, or lie in images/ beside
/// it. Names of the seven emotions in other words (happiness, anger) are taken for them.
class LegendFormat : public WritingFormat {
public:
    std::string id() const override { return "legend-csv"; }
    std::string title() const override { return "Images with a table of classes"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// images/ and legend.csv (image, label, split), a row a vote where there are votes.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

} // namespace masque
