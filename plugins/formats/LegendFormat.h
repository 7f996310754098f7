// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// A table that says the class of each image file: columns for the file (image, file, filename, path) and its class
/// (emotion, label, class), in any order, others are left out; a column split or usage. An image in several rows has
/// the class that most of them say, none where they are even. Files are relative to the table, or lie in images/ beside
/// it. Names of the seven emotions in other words (happiness, anger) are taken for them.
class LegendFormat : public DatasetFormat {
public:
    std::string id() const override { return "legend-csv"; }
    std::string title() const override { return "Images with a table of classes"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

} // namespace masque
