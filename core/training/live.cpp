// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/live.h"

#include <algorithm>

namespace masque {

bool WatchBudget::isDue(double trainedSeconds, double guess, bool isUrgent) const
{
    if (!isUrgent && trainedSeconds - m_last < m_interval)
        return false;
    return m_seconds + m_cost.value_or(guess) <= m_share * trainedSeconds;
}

void WatchBudget::add(double trainedSeconds, double seconds)
{
    constexpr double kForget = 0.8; // of a look that took unusually long
    m_seconds += seconds;
    ++m_looks;
    m_last = trainedSeconds;
    m_cost = std::max(seconds, kForget * m_cost.value_or(0));
}

} // namespace masque
