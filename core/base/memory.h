// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

/// The process's and the machine's memory in bytes, as Linux's /proc says; -1 where it says nothing.
namespace masque {

std::int64_t usedMemory();      ///< what this process holds now (resident)
std::int64_t peakMemory();      ///< the most this process has held since it began or since the last reset
std::int64_t resetPeakMemory(); ///< begins a new peak at what is held now, which is returned
std::int64_t availableMemory(); ///< what can be had without swapping

} // namespace masque
