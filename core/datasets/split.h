// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

namespace masque {

/// Positions in Dataset::items. Disjoint; only items with an annotation.
struct SplitIndices {
    std::vector<std::size_t> train, val, test;
};

/// Uses the dataset's own splits where it has them. Unsplit: seeded ratios. Train + test only: val is taken from train.
/// Train + val only: no test. candidates are the items that may be used (annotated ones).
SplitIndices makeSplit(const Dataset &, const std::vector<std::size_t> &candidates, double valRatio, double testRatio,
                       std::uint64_t seed);

/// Split named by a path component or list-file stem: train/training, val/valid/validation, test/testing (any case);
/// None otherwise.
Split splitFromName(std::string_view name);

} // namespace masque
