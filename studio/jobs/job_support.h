// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/jobs/Job.h"

namespace masque {

/// job.process() behind the wall where exceptions become an Error.
Result<void> processGuarded(Job &job, JobControl &control);

/// Lets the calling thread, and the threads that it starts, step back behind the GUI's. A no-op where the system has no
/// priority a thread.
void stepBehindGui();

} // namespace masque
