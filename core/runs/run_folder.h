// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "core/base/Json.h"
#include "core/datasets/split.h"

#include <string>

/// The files of a run's folder, as run.cpp writes them and readRun reads them.
namespace masque {

struct RunInfo;

Json labelsToJson(const LabelSet &);
LabelSet labelsFromJson(const Json &);
std::string timeStamp(); ///< now, ISO 8601, local time

Result<void> writeRunFile(const RunInfo &); ///< run.json; keys that Masque does not know are kept
/// split.json. trainWindows: SampleLoader::windows of the training split, which tell its samples' images.
Result<void> writeRunSplit(const std::string &folder, const Dataset &, const SplitIndices &,
                           const std::vector<std::size_t> &trainWindows);

} // namespace masque
