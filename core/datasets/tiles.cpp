// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/tiles.h"

#include <cmath>

namespace masque {

namespace {

/// Along one axis: where a window begins, and which part of the image is its own.
struct Span {
    int start, ownStart, ownEnd;
};

std::vector<Span> spansOf(int length, int window, double overlap)
{
    if (length <= window)
        return {{(length - window) / 2, 0, length}};
    const double step = std::max(1.0, window * (1 - overlap));
    const int last = static_cast<int>(std::ceil((length - window) / step));
    std::vector<Span> spans;
    for (int i = 0; i <= last; ++i) {
        const int start = static_cast<int>(std::lround(static_cast<double>(length - window) * i / last));
        const int ownStart = spans.empty() ? 0 : (spans.back().start + window + start) / 2;
        if (!spans.empty())
            spans.back().ownEnd = ownStart;
        spans.push_back({start, ownStart, length});
    }
    return spans;
}

} // namespace

std::vector<Tile> tilesOf(Size image, Size window, double overlap)
{
    std::vector<Tile> tiles;
    const auto columns = spansOf(image.width, window.width, overlap);
    for (const auto &y : spansOf(image.height, window.height, overlap))
        for (const auto &x : columns)
            tiles.push_back({{x.start, y.start, window.width, window.height},
                             {x.ownStart, y.ownStart, x.ownEnd - x.ownStart, y.ownEnd - y.ownStart}});
    return tiles;
}

void cutWindow(const cv::Mat &image, const cv::Mat1b &mask, const Rect &window, cv::Mat &imageOut, cv::Mat1b &maskOut)
{
    const auto inside = window.intersected({0, 0, image.cols, image.rows});
    const cv::Rect part(inside.x, inside.y, inside.width, inside.height);
    const int left = inside.x - window.x, top = inside.y - window.y;
    const int right = window.right() - inside.right(), bottom = window.bottom() - inside.bottom();
    cv::Mat cut;
    cv::Mat1b cutMask;
    cv::copyMakeBorder(image(part), cut, top, bottom, left, right, cv::BORDER_REFLECT);
    if (!mask.empty())
        cv::copyMakeBorder(mask(part), cutMask, top, bottom, left, right, cv::BORDER_CONSTANT | cv::BORDER_ISOLATED,
                           cv::Scalar(255));
    imageOut = cut;
    maskOut = cutMask;
}

} // namespace masque
