// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// FER-2013 as one table of pixels (`emotion,pixels,Usage`): Training, PublicTest (val) and PrivateTest (test). The
/// votes of FER+ (`fer2013new.csv`, a row for each of the table's; Barsoum et al. 2016) take the place of its classes:
/// an image is what more of its ten raters than for anything else say, and without class where that is no one of the
/// seven emotions, or two are even.
class FerTableFormat : public DatasetFormat {
public:
    std::string id() const override { return "fer-csv"; }
    std::string title() const override { return "FER-2013 table"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

/// MNIST's idx files, also gzipped: train-* and t10k-* (test).
class IdxFormat : public DatasetFormat {
public:
    std::string id() const override { return "mnist-idx"; }
    std::string title() const override { return "MNIST idx files"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

} // namespace masque
