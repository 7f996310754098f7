// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <string>

/// How training uses the machine; private to core/training.
namespace masque {

/// Lets glibc keep the memory of one step for the next instead of giving it back to the system and faulting it in again
/// (a quarter of a step's time otherwise). Process-wide, done once.
void keepMemoryBetweenSteps();
/// Gives what is kept back to the system.
void releaseKeptMemory();

/// Makes the calling thread, and those it starts, yield to the rest of the program (Linux).
void lowerThreadPriority();

/// While it lives, the matrix work of this thread is done in bfloat16 (autocast), if asked for.
class AutocastScope {
public:
    AutocastScope(const torch::Device &device, bool enabled);
    ~AutocastScope();
    AutocastScope(const AutocastScope &) = delete;
    AutocastScope &operator=(const AutocastScope &) = delete;

private:
    torch::DeviceType m_device;
    bool m_enabled;
};

} // namespace masque
