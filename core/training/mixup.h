// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace masque {

/// How much of each sample of a batch is itself, 0.5..1; the rest is its neighbour's, in the image as in the loss:
/// share
/// * L(own target) + (1 - share) * L(neighbour's) (Zhang et al. 2018, "mixup"). Drawn from Beta(alpha, alpha) for each
/// step of a run; 1 where alpha is 0. Differs: the larger part counts as the sample's own, so that figures are of that.
double mixShare(double alpha, std::uint64_t seed, int epoch, int step);

} // namespace masque
