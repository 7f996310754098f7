// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <functional>
#include <optional>
#include <string>

namespace masque {

/// One of several processes that train together, as its launcher says.
struct Launch {
    int rank = 0, size = 2;   ///< of all processes, on all machines
    int localRank = 0;        ///< among those of this machine: which of its GPUs
    std::string address = {}; ///< name or address of rank 0's machine
    int port = 0;             ///< there
};

/// An environment variable's value; nothing where it is not set or empty.
using Variables = std::function<std::optional<std::string>(const char *name)>;

/// What the launcher's variables say: RANK, WORLD_SIZE and LOCAL_RANK, else Open MPI's, else Slurm's within a step,
/// else those of MPICH and Intel MPI. MASTER_ADDR and MASTER_PORT go before what is known otherwise: that all are on
/// one machine, or which is the first of Slurm's. Nothing where there is no launcher or one process only. Errors name
/// the variable and what was expected.
Result<std::optional<Launch>> readLaunch(const Variables &variables);
/// Of this process's environment.
Result<std::optional<Launch>> readLaunch();

/// The first host of Slurm's list: "n[03-07,9],m1" begins with "n03".
Result<std::string> firstHost(const std::string &nodes);

} // namespace masque
