// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/jobs/Job.h"

#include <QString>

#include <functional>

namespace masque {

/// Where the sample dataset lies or would be made: in the user's data folder.
QString sampleFolder();

/// Draws the sample dataset there if it is not yet, then calls opened on the GUI thread with the folder or an error's
/// text.
std::unique_ptr<Job> makeSampleJob(std::function<void(const QString &folder, const QString &error)> opened);

} // namespace masque
