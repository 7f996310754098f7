// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/inference/evaluate.h"
#include "studio/jobs/Job.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// A whole split by one model, and by another that it is compared with. Values for jobs; no widgets.
namespace masque {

struct SplitEvaluation {
    std::shared_ptr<const Evaluation> own;
    std::shared_ptr<const Evaluation> other; ///< its cells in own's classes; null: there is none
};

/// What is evaluated. own and other are runs' folders or checkpoint files; an empty other is none.
struct SplitRequest {
    std::shared_ptr<const Dataset> dataset;
    std::vector<std::size_t> items;
    std::string split; ///< "train", "val" or "test"; a look at "test" is kept in the run
    std::string own, other;
    std::shared_ptr<const Evaluation> known = {}; ///< what own said already
};
Result<SplitEvaluation> evaluateSplit(const SplitRequest &, const ModelList &, JobControl &);

/// The images as a table: file, split, mean IoU, boundary F1, loss, entropy, margin, where there is one the other's
/// mean IoU, and IoU a class; a line each, what is unknown is empty.
std::string scoresCsv(const SplitEvaluation &, const Dataset &);

} // namespace masque
