// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace masque::fast {

/// While one lives, memory of large tensors on the CPU that is freed is kept for the next ones, in huge pages where the
/// system has them: a step would otherwise spend half its time on getting its memory anew, page by page. The last one
/// to go gives back what is free, if that is more than so many bytes. Process-wide, thread-safe; does nothing where the
/// system cannot reserve the address space.
class KeptMemory {
public:
    explicit KeptMemory(std::size_t bytesKeptAfterwards);
    ~KeptMemory();
    KeptMemory(const KeptMemory &) = delete;
    KeptMemory &operator=(const KeptMemory &) = delete;

private:
    std::size_t m_keptAfterwards;
};

} // namespace masque::fast
