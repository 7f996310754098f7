// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"
#include "core/training/Metrics.h"
#include "core/training/ModelFile.h"

#include <optional>
#include <string>

/// The texts beside an exported model; private to core/inference.
namespace masque {

/// What a card tells.
struct CardFacts {
    std::string file; ///< name of the model's file
    ModelFileKind kind = ModelFileKind::TorchScript;
    Json model = {}; ///< as written into the file (exportRun)
    std::optional<RunInfo> run = {};
    std::array<std::size_t, 3> images = {}; ///< of train, val, test
    std::int64_t parameters = 0;
    std::optional<ConfusionMatrix> confusion = {}; ///< of val
    std::string compared = {};                     ///< a sentence
};
/// Markdown: what it is, data, classes, input, options, figures a split, confusion, limits.
std::string modelCard(const CardFacts &);

/// Short programs that load the file and run it on an image.
std::string pythonExample(const CardFacts &);
std::string cppExample(const CardFacts &);

} // namespace masque
