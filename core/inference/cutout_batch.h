// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"
#include "core/inference/cutout.h"

#include <stop_token>
#include <string>

namespace masque {

/// Which images are cut out, by whose mask, and where the files go.
struct CutoutRequest {
    std::string run = {}; ///< a run's folder or checkpoint; empty: each image's own annotation
    Dataset dataset;      ///< its items are cut out; its classes are known (indexDataset)
    CutoutOptions options = {};
    std::string out = {}; ///< folder, made if missing: OUT/<image's path below the dataset>_cutout.png
    enum class Existing { Refuse, Replace } existing = Existing::Refuse;
};

struct CutoutReport {
    int written = 0;
    int unlabelled = 0; ///< images without an annotation, where that is the mask
    int failed = 0;
    std::string problem; ///< of the first that failed
};

/// Cuts out all items. A broken image costs none of the others. Errors, before anything is written: options, the run,
/// a run of no masks, files that are there already, a folder that holds the images themselves. What was written when
/// stop was asked for stays.
Result<CutoutReport> cutOutAll(const CutoutRequest &, const ModelList &, std::stop_token = {}, const Progress & = {});

/// A dataset of what lies in a folder, with its classes.
Result<Dataset> datasetOfFolder(const std::string &path, const FormatList &, std::stop_token = {});

} // namespace masque
