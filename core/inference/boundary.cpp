// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/boundary.h"

#include "core/annotations/LabelSet.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace masque {

namespace {

/// The least rectangle around each id of two maps; what is ignored has none.
std::array<cv::Rect, 256> boxesOf(const cv::Mat1b &truth, const cv::Mat1b &prediction)
{
    struct Box {
        int left = std::numeric_limits<int>::max(), top = left, right = -1, bottom = -1;
    };
    std::array<Box, 256> found;
    for (int y = 0; y < truth.rows; ++y) {
        const auto note = [y, &found](std::uint8_t id, int x) {
            auto &box = found[id];
            box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x), y};
        };
        for (int x = 0; x < truth.cols; ++x) {
            if (truth(y, x) == kIgnoreId)
                continue;
            note(truth(y, x), x);
            note(prediction(y, x), x);
        }
    }
    std::array<cv::Rect, 256> boxes;
    for (std::size_t id = 0; id < boxes.size(); ++id)
        if (const auto &box = found[id]; box.right >= 0)
            boxes[id] = {cv::Point(box.left, box.top), cv::Point(box.right + 1, box.bottom + 1)};
    return boxes;
}

/// Pixels that are of a class and have a known one of another above, below or beside them.
cv::Mat1b borderOf(const cv::Mat1b &is, const cv::Mat1b &known)
{
    static const cv::Mat cross = cv::getStructuringElement(cv::MORPH_CROSS, {3, 3});
    cv::Mat1b others(known & ~is);
    cv::dilate(others, others, cross);
    return cv::Mat1b(others & is);
}

/// The share of a border that lies within the tolerance of the other; neither is empty.
double shareNear(const cv::Mat1b &border, const cv::Mat1b &other, int tolerancePx)
{
    cv::Mat1f distance;
    cv::distanceTransform(other == 0, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
    const cv::Mat1b near(border & (distance <= tolerancePx + 1e-3));
    return static_cast<double>(cv::countNonZero(near)) / cv::countNonZero(border);
}

/// Of one class that occurs; the maps are cut to where it does, and a little more.
double boundaryF1(const cv::Mat1b &truth, const cv::Mat1b &prediction, int id, int tolerancePx)
{
    const cv::Mat1b known(truth != kIgnoreId), isTrue(truth == id), isSaid((prediction == id) & known);
    const auto right = borderOf(isTrue, known), said = borderOf(isSaid, known);
    const bool hasRight = cv::countNonZero(right) > 0, hasSaid = cv::countNonZero(said) > 0;
    if (!hasRight || !hasSaid)
        return !hasRight && !hasSaid && cv::countNonZero(isTrue) > 0 && cv::countNonZero(isSaid) > 0 ? 1 : 0;
    const double precision = shareNear(said, right, tolerancePx), recall = shareNear(right, said, tolerancePx);
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

} // namespace

int boundaryTolerancePx(cv::Size image)
{
    return static_cast<int>(std::ceil(0.0075 * std::hypot(image.width, image.height)));
}

BoundaryScore::BoundaryScore(int classes) : m_sums(static_cast<std::size_t>(std::max(0, classes))) {}

void BoundaryScore::addClass(std::size_t id, const cv::Rect &box, const cv::Mat1b &truth, const cv::Mat1b &prediction)
{
    if (box.empty())
        return;
    const cv::Rect around = (box + cv::Size(2, 2) - cv::Point(1, 1)) & cv::Rect({0, 0}, truth.size()); // its neighbours
    m_sums[id].f1 +=
        boundaryF1(truth(around), prediction(around), static_cast<int>(id), boundaryTolerancePx(truth.size()));
    ++m_sums[id].images;
}

void BoundaryScore::add(const cv::Mat1b &truth, const cv::Mat1b &prediction)
{
    const auto boxes = boxesOf(truth, prediction);
    for (std::size_t id = 0; id < std::min(m_sums.size(), boxes.size()); ++id)
        addClass(id, boxes[id], truth, prediction);
}

void BoundaryScore::add(int id, const cv::Mat1b &truth, const cv::Mat1b &prediction)
{
    const auto at = static_cast<std::size_t>(id);
    addClass(at, boxesOf(truth, prediction)[at], truth, prediction);
}

void BoundaryScore::add(const BoundaryScore &other)
{
    for (std::size_t id = 0; id < std::min(m_sums.size(), other.m_sums.size()); ++id) {
        m_sums[id].f1 += other.m_sums[id].f1;
        m_sums[id].images += other.m_sums[id].images;
    }
}

bool BoundaryScore::occurs(int id) const
{
    return m_sums[static_cast<std::size_t>(id)].images > 0;
}

double BoundaryScore::f1(int id) const
{
    const auto &sum = m_sums[static_cast<std::size_t>(id)];
    return sum.images > 0 ? sum.f1 / sum.images : 0;
}

double BoundaryScore::meanF1(int firstClass) const
{
    double sum = 0;
    int count = 0;
    for (int id = firstClass; id < static_cast<int>(m_sums.size()); ++id) {
        if (occurs(id)) {
            sum += f1(id);
            ++count;
        }
    }
    return count > 0 ? sum / count : 0;
}

} // namespace masque
