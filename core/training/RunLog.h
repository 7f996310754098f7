// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

#include <string>

namespace masque {

/// A run's log.jsonl: one JSON object a line, appended and never rewritten, except that resuming cuts off what was
/// written after the last finished epoch.
class RunLog {
public:
    explicit RunLog(const std::string &runFolder);
    /// Starts an empty file.
    Result<void> start();
    /// Keeps the lines up to the end of this epoch; a torn last line goes too. A missing file is made.
    Result<void> cutAfter(int epoch);
    Result<void> write(const Json &line);
    Result<void> writeMessage(const std::string &message);

private:
    std::string m_path;
};

} // namespace masque
