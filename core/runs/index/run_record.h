// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"

/// A run as one flat JSON object: what `masque runs --json` prints, what the index keeps and what a search looks at.
namespace masque {

/// Everything but epochs and findings. The keys are the same for every run.
Json toRecord(const RunInfo &run);
/// The folder is the record's own.
Result<RunInfo> fromRecord(const Json &record);

} // namespace masque
