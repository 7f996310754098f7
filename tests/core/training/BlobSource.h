// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Random.h"
#include "core/training/SampleSource.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <string>

namespace masque {

/// Samples made of noise: one rectangle an image, whose colour tells its class. A variation mirrors the image and draws
/// other noise. Learned by a small network within a few epochs.
class BlobSource : public SampleSource {
public:
    BlobSource(std::size_t count, int classes, int side = 24) : m_count(count), m_classes(classes), m_side(side) {}

    /// Called before each sample is made; an error is passed on.
    std::function<Result<void>(std::size_t index)> before;
    /// May change the sample.
    std::function<void(std::size_t index, std::span<float>, std::span<std::uint8_t>)> after;
    mutable std::atomic<int> reads{0};

    std::size_t size() const override { return m_count; }
    int channels() const override { return 3; }
    int height() const override { return m_side; }
    int width() const override { return m_side; }
    std::size_t targetElements() const override { return static_cast<std::size_t>(m_side * m_side); }
    std::string name(std::size_t index) const override { return "blob" + std::to_string(index) + ".png"; }

    Result<void> read(std::size_t index, std::uint64_t variation, std::span<float> image,
                      std::span<std::uint8_t> target) const override
    {
        ++reads;
        if (before)
            if (auto allowed = before(index); !allowed)
                return allowed;
        auto layout = Random::of(index, 17);
        auto noise = Random::of(index, variation);
        const int side = m_side / 2, x0 = layout.below(m_side - side), y0 = layout.below(m_side - side);
        const int id = m_classes > 1 ? 1 + layout.below(m_classes - 1) : 0;
        const bool mirrored = variation % 2 == 1;
        for (int y = 0; y < m_side; ++y) {
            for (int x = 0; x < m_side; ++x) {
                const int from = mirrored ? m_side - 1 - x : x;
                const bool inside = from >= x0 && from < x0 + side && y >= y0 && y < y0 + side;
                const auto at = static_cast<std::size_t>(y * m_side + x);
                target[at] = static_cast<std::uint8_t>(inside ? id : 0);
                for (int c = 0; c < 3; ++c)
                    image[static_cast<std::size_t>(c) * targetElements() + at] =
                        static_cast<float>((inside ? 0.4 + 0.5 * ((id + c) % 3 == 0) : 0.2) + 0.1 * noise.uniform());
            }
        }
        if (after)
            after(index, image, target);
        return {};
    }

private:
    std::size_t m_count;
    int m_classes, m_side;
};

} // namespace masque
