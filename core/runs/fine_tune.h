// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"

namespace masque {

/// A run of whole images that goes on with its last layer alone, on what joined the dataset since.
struct FineTuneRequest {
    std::string run;                        ///< folder of the run to go on from
    std::shared_ptr<const Dataset> dataset; ///< with the new images
    int epochs = 6;
};

/// The images with a class of the run's, positions in the dataset, that neither the run nor those that it was
/// fine-tuned from were given; none of val or test. Errors: no such run, one that makes masks, a file that cannot be
/// read.
Result<std::vector<std::size_t>> unseenImages(const RunInfo &run, const Dataset &dataset);

/// Learns the unseen images, those of earlier fine-tunings, and for each of them a few of the old ones, so that these
/// are not forgotten: a run of its own, whose parent is the one it went on from and whose validation images are the
/// same, so that both runs' figures can be compared. Seconds for small pictures. Errors: nothing unseen, and those of
/// executeRun.
Result<RunInfo> fineTune(const FineTuneRequest &, const ModelList &, std::stop_token, const RunSink &);

} // namespace masque
