// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/tiling.h"

#include "core/datasets/tiles.h"

#include <algorithm>

namespace masque {

namespace {

constexpr double kOverlap = 0.25;

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
                          const std::function<Result<Logits>(const cv::Mat &)> &predict)
{
    const auto weights = roof(window);
    Logits out;
    cv::Mat1f sum(image.size(), 0.f);
    for (const auto &tile : tilesOf({image.cols, image.rows}, window, kOverlap)) {
        cv::Mat cut;
        cv::Mat1b noMask;
        cutWindow(image, {}, tile.window, cut, noMask);
        auto logits = predict(cut);
        if (!logits)
            return logits.error();
        if (logits->shape.height != window.height || logits->shape.width != window.width)
            return Error{ErrorCode::Internal, "tiling: a window's logits have another size than the window"};
        if (out.values.empty()) {
            out.shape = {1, logits->shape.channels, image.rows, image.cols};
            out.values.resize(out.shape.elements());
        }
        const auto seen = tile.window.intersected({0, 0, image.cols, image.rows});
        const cv::Rect there(seen.x, seen.y, seen.width, seen.height);
        const cv::Rect here(seen.x - tile.window.x, seen.y - tile.window.y, seen.width, seen.height);
        sum(there) += weights(here);
        for (int k = 0; k < out.shape.channels; ++k) {
            auto target = plane(out, k)(there);
            target += plane(*logits, k)(here).mul(weights(here));
        }
    }
    for (int k = 0; k < out.shape.channels; ++k) {
        auto target = plane(out, k);
        cv::divide(target, sum, target);
    }
    return out;
}

} // namespace masque
