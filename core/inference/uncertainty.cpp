// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/uncertainty.h"

#include "core/annotations/LabelSet.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace masque {

namespace {

/// p log p, 0 where p is.
cv::Mat1f timesItsLog(const cv::Mat1f &p)
{
    cv::Mat1f log;
    cv::log(cv::max(p, 1e-12), log);
    return cv::Mat1f(p.mul(log));
}

/// What a class that may overlap others says by itself: all planes but the first, which says that there is none.
std::span<const cv::Mat1f> ownPlanes(const Prediction &prediction)
{
    return std::span(prediction.probabilities).subspan(1);
}

} // namespace

cv::Mat1f entropyMap(const Prediction &prediction)
{
    cv::Mat1f sum(prediction.labels.size(), 0.f);
    const auto count = static_cast<double>(prediction.probabilities.size());
    if (prediction.layers.empty()) {
        for (const auto &p : prediction.probabilities)
            sum -= timesItsLog(p);
        return cv::Mat1f(sum / std::log(std::max(2.0, count)));
    }
    for (const auto &p : ownPlanes(prediction))
        sum -= timesItsLog(p) + timesItsLog(cv::Mat1f(1 - p));
    return cv::Mat1f(sum / ((count - 1) * std::log(2.0)));
}

cv::Mat1f marginMap(const Prediction &prediction)
{
    cv::Mat first = cv::Mat1f::zeros(prediction.labels.size()), second = first.clone();
    if (prediction.layers.empty()) {
        for (const auto &p : prediction.probabilities) {
            cv::Mat weaker;
            cv::min(first, p, weaker);
            cv::max(second, weaker, second);
            cv::max(first, p, first);
        }
        return cv::Mat1f(1 - (first - second));
    }
    for (const auto &p : ownPlanes(prediction))
        cv::max(first, cv::Mat(1 - cv::abs(2 * p - 1)), first);
    return first;
}

cv::Mat1f crossEntropyMap(const Prediction &prediction, const cv::Mat1b &truth)
{
    constexpr double kLeast = 1e-7; // a loss of 16 for what was thought impossible
    cv::Mat1f sum(truth.size(), 0.f);
    const bool isOverlapping = !prediction.layers.empty();
    for (std::size_t id = isOverlapping ? 1 : 0; id < prediction.probabilities.size(); ++id) {
        const auto &p = prediction.probabilities[id];
        const cv::Mat1b is(truth == static_cast<double>(id));
        cv::Mat1f right(truth.size(), 1.f); // what it says of the truth
        p.copyTo(right, is);
        if (isOverlapping)
            cv::Mat1f(1 - p).copyTo(right, ~is);
        cv::Mat1f log;
        cv::log(cv::max(right, kLeast), log);
        sum -= log;
    }
    if (isOverlapping)
        sum /= static_cast<double>(ownPlanes(prediction).size());
    sum.setTo(0, truth == kIgnoreId);
    return sum;
}

double uncertaintyOf(const cv::Mat1f &map)
{
    return map.empty() ? 0 : cv::mean(map)[0];
}

} // namespace masque
