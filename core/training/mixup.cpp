// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/mixup.h"

#include "core/base/Random.h"

#include <algorithm>

namespace masque {

double mixShare(double alpha, std::uint64_t seed, int epoch, int step)
{
    constexpr int kStream = 0x6d6978; // apart from what else is drawn for a step
    if (alpha <= 0)
        return 1;
    const double share = Random::of(seed, epoch, step, kStream).beta(alpha, alpha);
    return std::max(share, 1 - share);
}

} // namespace masque
