// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/training/ModelFile.h"

#include <stop_token>

/// A run's network for other programs.
namespace masque {

struct ExportRequest {
    std::string run;  ///< folder or checkpoint
    std::string file; ///< what to write; its card and examples go beside it
    ModelFileKind kind = ModelFileKind::TorchScript;
    bool overwrite = false;
    /// The run's, for what is measured and compared on its images; null: on noise, and the card says so.
    std::shared_ptr<const Dataset> dataset = {};
};
struct ExportReport {
    std::vector<std::string> files; ///< all that was written, the model first
    int images = 0;                 ///< real ones that were compared; 0: noise
    double difference = 0;          ///< the greatest between the file's logits and the studio's
    double tolerance = 0;           ///< what it may be: a thousandth of the greatest logit
};

/// Names of what exportRun writes for a file: itself, FILE's stem + "_card.md", "_example.py", "_example.cpp".
std::vector<std::string> exportedFiles(const std::string &file);

/// Writes the run's best checkpoint, reads it back on another way and compares what it says of some of the run's images
/// (validation first) with what the studio says. Beside it a model card (Mitchell et al. 2019), which needs the
/// validation images to be evaluated, and programs of some lines that use the file. Errors: a file is there already, no
/// checkpoint, a difference beyond the tolerance (then nothing is written).
Result<ExportReport> exportRun(const ExportRequest &, const ModelList &, std::stop_token = {}, const Progress & = {});

} // namespace masque
