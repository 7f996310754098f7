// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace masque {

/// Calls work(0) .. work(count - 1) on a few threads, the caller's among them, which alone reports progress, at most
/// about thirty times a second. work must not throw. Returns when all are done or stop is requested.
template <typename Work>
void forEachIndex(std::size_t count, std::stop_token stop, const Progress &progress, Work work)
{
    std::atomic<std::size_t> next{0}, done{0};
    const auto run = [&](const auto &report) {
        for (std::size_t i = next++; i < count && !stop.stop_requested(); i = next++) {
            work(i);
            ++done;
            report();
        }
    };
    {
        const std::size_t threads =
            std::min<std::size_t>({std::max(2u, std::thread::hardware_concurrency()), 4u, count});
        std::vector<std::jthread> helpers;
        for (std::size_t i = 1; i < threads; ++i)
            helpers.emplace_back([&] { run([] {}); });
        auto last = std::chrono::steady_clock::now();
        run([&] {
            const auto now = std::chrono::steady_clock::now();
            if (progress && now - last > std::chrono::milliseconds(33)) {
                last = now;
                progress(done, count);
            }
        });
    }
    if (progress)
        progress(done, count);
}

} // namespace masque
