// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/models/ModelFactory.h"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace masque {

/// A part of the images, and the run that learnt all but these.
struct Fold {
    std::string run; ///< its folder
    std::vector<std::size_t> items;
};

struct FoldsRequest {
    std::string run; ///< whose options the networks are trained by
    /// As the run takes it (fittedToTask).
    std::shared_ptr<const Dataset> dataset;
    std::vector<std::size_t> items = {}; ///< labelled images, positions in dataset
    int folds = 3;                       ///< 2..10
    bool again = false;                  ///< also where they are trained already
};

/// Trains a network for each fold, in RUN/folds: what one says of an image it did not learn from that image's label
/// (k-fold cross-validation). Folds that are trained stay, with their images, and are taken up again: one that was
/// stopped goes on, those that are done are only read. Images that were labelled since are in none. The progress
/// counts thousandths of a fold. Errors: another count of folds, too few images, and those of executeRun; after a stop
/// the list is empty.
Result<std::vector<Fold>> trainFolds(const FoldsRequest &, const ModelList &, std::stop_token = {},
                                     const Progress & = {});

} // namespace masque
