// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/tiling.h"

#include "core/datasets/tiles.h"

#include <algorithm>

namespace masque {

namespace {

constexpr double kOverlap = 0.25;
constexpr std::size_t kAtOnce = 16; ///< windows that are held in memory

/// A roof: 1 in the middle, near 0 at the border.
cv::Mat1f roof(Size size)
{
    const auto slope = [](int i, int length) { return static_cast<float>(std::min(i + 0.5, length - i - 0.5)); };
    cv::Mat1f weights(size.height, size.width);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            weights(y, x) = slope(x, size.width) * slope(y, size.height);
    weights /= 0.25 * size.width * size.height;
    return weights;
}

cv::Mat1f plane(Logits &logits, int channel)
{
    const auto &shape = logits.shape;
    const auto pixels = static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width);
    return {shape.height, shape.width, logits.values.data() + static_cast<std::size_t>(channel) * pixels};
}

} // namespace

Result<Logits> blendTiles(const cv::Mat &image, Size window,
                          const std::function<Result<std::vector<Logits>>(std::span<const cv::Mat>)> &predict)
{
    const auto weights = roof(window);
    Logits out;
    cv::Mat1f sum(image.size(), 0.f);
    const auto tiles = tilesOf({image.cols, image.rows}, window, kOverlap);
    std::vector<cv::Mat> cuts;
    for (std::size_t k = 0; k < tiles.size(); ++k) {
        cv::Mat1b noMask;
        cutWindow(image, {}, tiles[k].window, cuts.emplace_back(), noMask);
        if (cuts.size() < kAtOnce && k + 1 < tiles.size())
            continue;
        auto all = predict(cuts);
        if (!all)
            return all.error();
        for (std::size_t i = 0; i < cuts.size(); ++i) {
            auto &logits = (*all)[i];
            const auto &tile = tiles[k + 1 - cuts.size() + i];
            if (logits.shape.height != window.height || logits.shape.width != window.width)
                return Error{ErrorCode::Internal, "tiling: a window's logits have another size than the window"};
            if (out.values.empty()) {
                out.shape = {1, logits.shape.channels, image.rows, image.cols};
                out.values.resize(out.shape.elements());
            }
            const auto seen = tile.window.intersected({0, 0, image.cols, image.rows});
            const cv::Rect there(seen.x, seen.y, seen.width, seen.height);
            const cv::Rect here(seen.x - tile.window.x, seen.y - tile.window.y, seen.width, seen.height);
            sum(there) += weights(here);
            for (int c = 0; c < out.shape.channels; ++c) {
                auto target = plane(out, c)(there);
                target += plane(logits, c)(here).mul(weights(here));
            }
        }
        cuts.clear();
    }
    for (int k = 0; k < out.shape.channels; ++k) {
        auto target = plane(out, k);
        cv::divide(target, sum, target);
    }
    return out;
}

} // namespace masque
