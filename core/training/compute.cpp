// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/compute.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif
#if defined(__linux__)
#include <sys/resource.h>
#endif

namespace masque {

namespace {

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
void setAutocast(torch::DeviceType device, bool enabled)
{
    at::autocast::set_autocast_dtype(device, torch::kBFloat16);
    at::autocast::set_autocast_enabled(device, enabled);
}
#else
void setAutocast(torch::DeviceType device, bool enabled)
{
    if (device == torch::kCUDA) {
        at::autocast::set_autocast_gpu_dtype(torch::kBFloat16);
        at::autocast::set_enabled(enabled);
    } else {
        at::autocast::set_autocast_cpu_dtype(torch::kBFloat16);
        at::autocast::set_cpu_enabled(enabled);
    }
}
#endif

} // namespace

void keepMemoryBetweenSteps()
{
#if defined(__GLIBC__)
    static const bool once [[maybe_unused]] = [] {
        mallopt(M_MMAP_MAX, 0);
        mallopt(M_TRIM_THRESHOLD, -1);
        mallopt(M_TOP_PAD, 256 << 20);
        return true;
    }();
#endif
}

void releaseKeptMemory()
{
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

void lowerThreadPriority()
{
#if defined(__linux__)
    constexpr int kSteps = 3;                                            // about half the weight of a normal thread
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + kSteps); // 0: on Linux the calling thread alone
#endif
}

AutocastScope::AutocastScope(const torch::Device &device, bool enabled) : m_device(device.type()), m_enabled(enabled)
{
    if (m_enabled)
        setAutocast(m_device, true);
}

AutocastScope::~AutocastScope()
{
    if (m_enabled) {
        setAutocast(m_device, false);
        at::autocast::clear_cache(); // the weights that it converted are about to change
    }
}

} // namespace masque
