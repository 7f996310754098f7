// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Trainer.h"

#include <algorithm>
#include <cstdio>

/// What reaches into a training while it runs (core/training/live.h).
namespace masque {

Result<void> Trainer::changeSamples(int epoch)
{
    if (!m_setup.changeSamples)
        return {};
    m_changes = m_setup.changeSamples(epoch, m_progress.step == 0);
    return m_changes.news ? say(*m_changes.news) : Result<void>();
}

Result<void> Trainer::sayWatched()
{
    const double trained = std::chrono::duration<double>(Clock::now() - m_started).count() - m_watchBudget.seconds();
    char text[120];
    std::snprintf(text, sizeof text, " while training: %.1f s, %.1f %% of the training's %.1f s",
                  m_watchBudget.seconds(), 100 * m_watchBudget.seconds() / trained, trained);
    const int looks = m_watchBudget.looks();
    return say("looked at " + (looks == 1 ? "once" : std::to_string(looks) + " times") + text);
}

void Trainer::watch(const Pass &pass, bool isEpochEnd)
{
    if (!m_setup.watch)
        return;
    constexpr double kImages = 5.0 / 3; // five are usually looked at, without a backward pass
    const double trained = std::chrono::duration<double>(Clock::now() - m_started).count() - m_watchBudget.seconds();
    const double guess = kImages * pass.seconds / std::max(1, pass.images);
    if (!m_watchBudget.isDue(trained, guess, isEpochEnd))
        return;
    const auto start = Clock::now();
    {
        const WeightAverage::Scope averaged(m_average ? &*m_average : nullptr); // what is validated, too
        m_setup.watch(
            m_setup.network,
            {pass.epoch, pass.epoch - 1 + static_cast<double>(pass.step) / std::max(1, pass.steps), isEpochEnd});
    }
    setComputeThreads(threadCount());
    m_setup.network->train(true);
    freeze(pass.epoch);
    m_watchBudget.add(trained, std::chrono::duration<double>(Clock::now() - start).count());
}

} // namespace masque
