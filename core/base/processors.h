// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace masque {

/// Hardware threads that this process may use: those of the machine, or what taskset, mpirun or Slurm left it. 1 at
/// least.
int usableProcessors();

} // namespace masque
