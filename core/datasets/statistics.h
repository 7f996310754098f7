// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

#include <optional>
#include <utility>

namespace masque {

/// What a person wants to know of a dataset before training: the classes' shares, how large images are, how many shapes
/// one has.
struct DatasetStatistics {
    DatasetFigures figures;
    std::int64_t pixels = 0; ///< of the labelled images, ignored ones too; 0 for whole images' classes
    std::vector<std::pair<Size, int>> sizes = {};        ///< and images of it, the commonest first
    std::vector<std::pair<int, int>> shapesAnImage = {}; ///< shapes, and labelled images with so many, ascending

    std::int64_t ignoredPixels() const;
    double share(std::int64_t ofPixels) const; ///< 0..1, of all pixels
    /// Three tables one below the other, with a heading each.
    std::string toCsv() const;
};

/// Of the items of a split, or of all. What a summary does not know yet is read; reads every annotation and rasterises
/// it.
DatasetStatistics datasetStatistics(IndexedDataset, std::optional<Split>, std::stop_token stop = {},
                                    const Progress &progress = {});

} // namespace masque
