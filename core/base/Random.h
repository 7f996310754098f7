// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <utility>

namespace masque {

/// A small seeded generator (SplitMix64, Steele et al. 2014) whose sequence is the same on every platform, unlike the
/// standard library's distributions. Mix several integers into one seed to draw independently of order and threads.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    template <typename... Seeds>
    static Random of(Seeds... seeds)
    {
        std::uint64_t mixed = 0x9e3779b97f4a7c15ull;
        ((mixed = Random(mixed ^ static_cast<std::uint64_t>(seeds)).next()), ...);
        return Random(mixed);
    }

    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9e3779b97f4a7c15ull);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }            ///< [0, 1)
    double uniform(double low, double high) { return low + (high - low) * uniform(); }    ///< [low, high)
    int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); } ///< 0 .. n-1, n > 0
    bool chance(double probability) { return uniform() < probability; }
    double normal();                 ///< mean 0, standard deviation 1 (Box-Muller)
    double gamma(double shape);      ///< shape > 0, scale 1 (Marsaglia and Tsang 2000)
    double beta(double a, double b); ///< 0..1, a and b > 0

    /// Fisher-Yates.
    template <typename Range>
    void shuffle(Range &range)
    {
        for (auto n = range.size(); n > 1; --n)
            std::swap(range[n - 1], range[next() % n]);
    }

private:
    std::uint64_t m_state;
};

} // namespace masque
