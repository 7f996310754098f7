// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/uncertainty.h"

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

double uncertaintyOf(const cv::Mat1f &map)
{
    return map.empty() ? 0 : cv::mean(map)[0];
}

} // namespace masque
