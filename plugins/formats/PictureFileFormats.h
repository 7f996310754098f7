// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// FER-2013 as one table of pixels (`emotion,pixels,Usage`): Training, PublicTest (val) and PrivateTest (test). The
/// votes of FER+ (`fer2013new.csv`, a row for each of the table's; Barsoum et al. 2016) take the place of its classes:
/// an image is what more of its ten raters than for anything else say, and without class where that is no one of the
/// seven emotions, or two are even.
class FerTableFormat : public WritingFormat {
public:
    std::string id() const override { return "fer-csv"; }
    std::string title() const override { return "FER-2013 table"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// fer2013.csv, grey pictures of 48 x 48, and fer2013new.csv where there are votes.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

/// MNIST's idx files, also gzipped: train-* and t10k-* (test).
class IdxFormat : public WritingFormat {
public:
    std::string id() const override { return "mnist-idx"; }
    std::string title() const override { return "MNIST idx files"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// train-* and t10k-*, grey pictures of the first image's size; classes by their place in the list.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

} // namespace masque
