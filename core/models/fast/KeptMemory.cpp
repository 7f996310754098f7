// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/KeptMemory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#if defined(__linux__)
#include <sys/mman.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#endif

namespace masque::fast {

#if defined(__linux__)

namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kAddresses = std::size_t{1} << 38; ///< reserved, not used: pages come when they are touched
constexpr std::size_t kLeast = 64 << 10;                 ///< what is smaller is left to malloc
constexpr std::size_t kGrain = 4096;

/// One range of addresses, handed out in pieces by best fit; neighbours that are free become one.
class Arena {
public:
    Arena()
    {
        void *start =
            ::mmap(nullptr, kAddresses, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (start == MAP_FAILED)
            return;
        const auto address = reinterpret_cast<std::uintptr_t>(start);
        m_start = reinterpret_cast<char *>((address + kHugePage - 1) / kHugePage * kHugePage);
        ::madvise(m_start, kAddresses - kHugePage, MADV_HUGEPAGE);
        addFree(0, kAddresses - kHugePage);
    }
    bool isThere() const { return m_start != nullptr; }
    bool owns(const void *data) const
    {
        const auto *at = static_cast<const char *>(data);
        return at >= m_start && at < m_start + kAddresses;
    }

    /// Null if there is no room.
    void *take(std::size_t bytes)
    {
        const std::lock_guard lock(m_mutex);
        const auto size = (bytes + kGrain - 1) / kGrain * kGrain;
        const auto found = m_bySize.lower_bound({size, 0});
        if (found == m_bySize.end())
            return nullptr;
        const auto [there, offset] = *found;
        m_bySize.erase(found);
        m_free.erase(offset);
        if (there > size)
            addFree(offset + size, there - size);
        m_used[offset] = size;
        m_top = std::max(m_top, offset + size);
        return m_start + offset;
    }

    void give(void *data)
    {
        const std::lock_guard lock(m_mutex);
        const auto used = m_used.find(static_cast<std::size_t>(static_cast<char *>(data) - m_start));
        auto offset = used->first, size = used->second;
        m_used.erase(used);
        const auto next = m_free.lower_bound(offset);
        if (next != m_free.end() && next->first == offset + size) {
            size += next->second;
            removeFree(next);
        }
        if (const auto after = m_free.lower_bound(offset); after != m_free.begin()) {
            const auto before = std::prev(after);
            if (before->first + before->second == offset) {
                offset = before->first;
                size += before->second;
                removeFree(before);
            }
        }
        addFree(offset, size);
        if (m_keepers == 0)
            trim(0);
    }

    void keep()
    {
        const std::lock_guard lock(m_mutex);
        ++m_keepers;
    }
    void letGo(std::size_t bytesKept)
    {
        const std::lock_guard lock(m_mutex);
        if (--m_keepers == 0)
            trim(bytesKept);
    }

private:
    using Free = std::map<std::size_t, std::size_t>; ///< offset -> size

    void addFree(std::size_t offset, std::size_t size)
    {
        m_free[offset] = size;
        m_bySize.insert({size, offset});
    }
    void removeFree(Free::iterator at)
    {
        m_bySize.erase({at->second, at->first});
        m_free.erase(at);
    }
    /// Gives the free pages below the highest ever used back to the system, if there may be more than so many bytes.
    void trim(std::size_t bytesKept)
    {
        if (m_top <= bytesKept)
            return;
        for (const auto &[offset, size] : m_free)
            if (offset < m_top)
                ::madvise(m_start + offset, std::min(size, m_top - offset), MADV_DONTNEED);
        m_top = m_used.empty() ? 0 : m_used.rbegin()->first + m_used.rbegin()->second;
    }

    std::mutex m_mutex;
    char *m_start = nullptr;
    Free m_free;
    std::set<std::pair<std::size_t, std::size_t>> m_bySize;
    std::map<std::size_t, std::size_t> m_used;
    std::size_t m_top = 0; ///< above it no page has been touched since the last trim
    int m_keepers = 0;
};

/// Never destroyed: tensors may outlive everything.
Arena &arena()
{
    static auto *const arena = new Arena;
    return *arena;
}

class ArenaAllocator final : public c10::Allocator {
public:
    explicit ArenaAllocator(c10::Allocator *small) : m_small(small) { s_smallDeleter = small->raw_deleter(); }

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
    c10::DataPtr allocate(std::size_t bytes) override
    {
        return take(bytes);
    }
    void copy_data(void *to, const void *from, std::size_t bytes) const override
    {
        std::memcpy(to, from, bytes);
    }
#else
    c10::DataPtr allocate(std::size_t bytes) const override
    {
        return take(bytes);
    }
#endif
    c10::DeleterFnPtr raw_deleter() const override
    {
        return &remove;
    }

private:
    c10::DataPtr take(std::size_t bytes) const
    {
        void *data = bytes >= kLeast ? arena().take(bytes) : nullptr;
        return data != nullptr ? c10::DataPtr(data, data, &remove, c10::Device(c10::DeviceType::CPU))
                               : m_small->allocate(bytes);
    }
    static void remove(void *data)
    {
        if (arena().owns(data))
            arena().give(data);
        else if (data != nullptr)
            s_smallDeleter(data);
    }

    c10::Allocator *m_small;
    static inline c10::DeleterFnPtr s_smallDeleter = nullptr;
};

} // namespace

KeptMemory::KeptMemory(std::size_t bytesKeptAfterwards) : m_keptAfterwards(bytesKeptAfterwards)
{
    static const bool once [[maybe_unused]] = [] {
        if (arena().isThere())
            c10::SetCPUAllocator(new ArenaAllocator(c10::GetCPUAllocator()), 1); // for good, as the arena
        return true;
    }();
    arena().keep();
}

KeptMemory::~KeptMemory()
{
    arena().letGo(m_keptAfterwards);
}

#else

KeptMemory::KeptMemory(std::size_t bytesKeptAfterwards) : m_keptAfterwards(bytesKeptAfterwards) {}

KeptMemory::~KeptMemory() = default;

#endif

} // namespace masque::fast
