// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/memory.h"

#include <fstream>
#include <string>

namespace masque {

namespace {

/// "VmHWM:   12345 kB" of a file of such lines.
std::int64_t kilobytesIn(const char *path, const std::string &key)
{
    std::ifstream file(path);
    std::string name;
    std::int64_t value = 0;
    while (file >> name) {
        if (name == key && file >> value)
            return value * 1024;
        file.ignore(1000, '\n');
    }
    return -1;
}

} // namespace

std::int64_t usedMemory()
{
    return kilobytesIn("/proc/self/status", "VmRSS:");
}

std::int64_t peakMemory()
{
    return kilobytesIn("/proc/self/status", "VmHWM:");
}

std::int64_t resetPeakMemory()
{
    std::ofstream("/proc/self/clear_refs") << "5";
    return usedMemory();
}

std::int64_t availableMemory()
{
    return kilobytesIn("/proc/meminfo", "MemAvailable:");
}

} // namespace masque
