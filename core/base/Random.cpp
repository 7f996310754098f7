// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"

#include <cmath>
#include <numbers>

namespace masque {

double Random::normal()
{
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

double Random::gamma(double shape)
{
    if (shape < 1) // their note on shapes below 1
        return gamma(shape + 1) * std::pow(1 - uniform(), 1 / shape);
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
        const double x = normal(), v = std::pow(1 + c * x, 3);
        if (v > 0 && std::log(1 - uniform()) < 0.5 * x * x + d - d * v + d * std::log(v))
            return d * v;
    }
}

double Random::beta(double a, double b)
{
    const double x = gamma(a), y = gamma(b);
    return x + y > 0 ? x / (x + y) : chance(a / (a + b)) ? 1 : 0; // both may be too small for a double
}

} // namespace masque
