// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "core/base/Json.h"
#include "core/datasets/split.h"

#include <string>
#include <vector>

/// The files of a run's folder, as run.cpp writes them and readRun reads them.
namespace masque {

struct RunInfo;
struct RunOptions;
struct TestUse;

/// A run's best checkpoint, or its last where there is none, or the model that was imported; a file is its own.
Result<std::string> checkpointOf(const std::string &runOrFile);

Json labelsToJson(const LabelSet &);
LabelSet labelsFromJson(const Json &);
std::string timeStamp(); ///< now, ISO 8601, local time

Result<void> writeRunFile(const RunInfo &); ///< run.json; what a person wrote there is kept, as keys not known here
Result<void> readRunOptions(const Json &, RunOptions &); ///< as options.json has them
std::vector<TestUse> readTestUses(const std::string &runFolder);
/// split.json. trainWindows: SampleLoader::windows of the training split, which tell its samples' images.
Result<void> writeRunSplit(const std::string &folder, const Dataset &, const SplitIndices &,
                           const std::vector<std::size_t> &trainWindows);
/// The new run's folder with run.json, options.json and split.json.
Result<void> writeRunStart(const RunInfo &run, const Dataset &dataset, const SplitIndices &split,
                           const std::vector<std::size_t> &trainWindows);

} // namespace masque
