// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/common.h"
#include "core/runs/run.h"

#include <map>
#include <memory>
#include <string>

namespace masque {

using OptionWords = std::map<std::string, std::string>; ///< option key -> what the flag said; empty: not given

/// A flag for one option of a table, once, whose word comes into words.
void addOptionFlag(CLI::App &command, const OptionSpec &spec, OptionWords &words, const std::string &group);
/// Puts the values of the flags that were given into out. Errors: not among the specs (of the model), no valid value.
Result<void> parseOptionWords(const OptionWords &words, const std::vector<OptionSpec> &specs, const std::string &model,
                              Json &out);

/// What the commands share that train or look at what would be trained.
struct TrainOptions {
    std::string data, run, optionsFile, format, classNames, resume;
    bool watch = false;
    OptionWords words;
};

/// The dataset, --options, --format, --class-names and one flag an option of the form: all tables, and what any model
/// has.
void addTrainOptions(CLI::App &command, const PluginRegistry &registry, const std::shared_ptr<TrainOptions> &options);

/// Opens the dataset and reads the options: file first, then the flags that were given; or the run to be resumed.
Result<RunRequest> runRequest(const CommandContext &context, const TrainOptions &given);

} // namespace masque
