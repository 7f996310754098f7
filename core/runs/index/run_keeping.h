// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"

#include <optional>
#include <string>
#include <vector>

/// What is done with runs beside training: named, tagged, put into the queue, tested, deleted. All of it in the files
/// of the run's own folder.
namespace masque {

struct RunEdit {
    std::optional<std::string> name = {}, notes = {};
    std::optional<std::vector<std::string>> tags = {};
};
/// Changes run.json. A name must not be empty; tags are trimmed, empty and double ones left out.
Result<void> editRun(const std::string &folder, const RunEdit &edit);
/// "a, b" -> {"a", "b"}.
std::vector<std::string> parseTags(const std::string &text);

/// Says why a run cannot be deleted: it is none, or it is being trained, be it by another process.
Result<void> checkDeletable(const std::string &folder);
/// Deletes a run's folder with everything in it, and nothing that is no run.
Result<void> deleteRun(const std::string &folder);

/// Makes the folder of a run that waits, last in the queue: executeRun with resume begins it.
Result<RunInfo> queueRun(const RunRequest &request);
/// The waiting runs among these, in their order.
std::vector<RunInfo> waitingRuns(const std::vector<RunInfo> &runs);
/// Lets two waiting runs change places.
Result<void> swapInQueue(const RunInfo &a, const RunInfo &b);

Json toJson(const TestUse &use);
TestUse testUseFromJson(const Json &json);
/// Appends to the run's tests.jsonl; use.when is filled in.
Result<void> recordTestUse(const std::string &folder, TestUse use);

} // namespace masque
