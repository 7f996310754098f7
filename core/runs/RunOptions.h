// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"
#include "core/datasets/Augmentation.h"
#include "core/datasets/Dataset.h"
#include "core/training/TrainingOptions.h"

#include <optional>
#include <string>
#include <vector>

namespace masque {

/// What is trained on, beside TrainingOptions.
struct DataOptions {
    std::string task = "auto"; ///< as setTask; auto: what the dataset is
    std::string model = "unet";
    std::string size = "128"; ///< "S" or "WxH": the network's input
    bool grey = false;        ///< the network sees brightness alone, one channel
    bool tiles = false;       ///< windows of that size at the image's own scale, rather than the image stretched to it
    double valRatio = 0.2;
    double testRatio = 0;
    std::string init;       ///< a run or a file of weights (initialiseFrom) to start from
    std::string initLayers; ///< of it, by the beginnings of their names; empty: all
};
const OptionTable<DataOptions> &dataTable();
/// The defaults for a dataset, or for what it is taken for: of whole images a network for such, at their own size where
/// the first of them is small.
DataOptions suggestedOptions(const Dataset &, std::optional<Task> task = {});

/// Everything a run is made from: four tables and the model's own, flat in one JSON object (options.json) and as flags.
struct RunOptions {
    DataOptions data;
    TrainingOptions training;
    AugmentationOptions augmentation;
    Json model = Json::object(); ///< the model's own options

    Json toJson() const; ///< flat
};

/// The specs of all tables in form order; model options of the named model included (none if unknown).
std::vector<OptionSpec> runOptionSpecs(const std::vector<OptionSpec> &modelSpecs);
/// Sets what json names. Unknown keys are an error with a suggestion.
Result<void> applyRunOptions(const Json &json, const std::vector<OptionSpec> &modelSpecs, RunOptions &options);

/// "192" -> 192x192, "256x192" -> width 256, height 192. Sides 16..4096.
Result<Size> parseSize(const std::string &text);

} // namespace masque
