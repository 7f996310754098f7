// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/next_image.h"

#include "core/base/Random.h"
#include "core/image/image_file.h"
#include "core/inference/uncertainty.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

namespace masque {

namespace {

using Features = std::vector<float>;

constexpr int kParts = 4;              // a side
constexpr std::size_t kLookedAt = 400; // of the unlabelled, and of the labelled
constexpr int kSidePx = 256;           // to which an image is reduced before it is looked at
constexpr double kLeastUncertainty = 1e-3;

void addMeans(const cv::Mat &plane, Features &features)
{
    cv::Mat small;
    cv::resize(plane, small, {kParts, kParts}, 0, 0, cv::INTER_AREA);
    small.convertTo(small, CV_32F);
    const cv::Mat row = small.reshape(1, 1);
    features.insert(features.end(), row.begin<float>(), row.end<float>());
}

/// Each feature with mean 0 and spread 1 over both, one that is always the same with 0.
void standardise(std::vector<Features> &first, std::vector<Features> &second)
{
    const auto &any = first.empty() ? second : first;
    for (std::size_t k = 0; !any.empty() && k < any.front().size(); ++k) {
        double sum = 0, squares = 0;
        for (const auto *all : {&first, &second})
            for (const auto &one : *all) {
                sum += one[k];
                squares += static_cast<double>(one[k]) * one[k];
            }
        const auto count = static_cast<double>(first.size() + second.size());
        const double mean = sum / count, spread = std::sqrt(std::max(0.0, squares / count - mean * mean));
        for (auto *all : {&first, &second})
            for (auto &one : *all)
                one[k] = spread > 1e-9 ? static_cast<float>((one[k] - mean) / spread) : 0;
    }
}

double distanceOf(const Features &a, const Features &b)
{
    double sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k)
        sum += static_cast<double>(a[k] - b[k]) * (a[k] - b[k]);
    return std::sqrt(sum);
}

/// Features of some of the items; those that cannot be read are taken out of items.
struct Looked {
    std::vector<Features> features;
    std::vector<double> uncertainty;
};
Result<Looked> lookAt(Predictor *predictor, const Dataset &dataset, std::vector<std::size_t> &items,
                      std::stop_token stop, const Progress &progress)
{
    Looked out;
    std::vector<std::size_t> readable;
    for (std::size_t k = 0; k < items.size() && !stop.stop_requested(); ++k) {
        if (progress)
            progress(k, items.size());
        const auto image = readThumbnail(dataset.absolute(dataset.items[items[k]].image), kSidePx);
        if (!image)
            continue;
        auto prediction =
            predictor ? predictor->predict(*image, PredictionDetail::Probabilities) : Result<Prediction>(Prediction{});
        if (!prediction)
            return prediction.error();
        readable.push_back(items[k]);
        out.features.push_back(imageFeatures(*image, predictor ? &*prediction : nullptr));
        out.uncertainty.push_back(predictor ? uncertaintyOf(entropyMap(*prediction)) : 1);
    }
    items = std::move(readable);
    return out;
}

} // namespace

std::vector<float> imageFeatures(const cv::Mat &image, const Prediction *prediction)
{
    Features features;
    cv::Mat grey, edges, absolute;
    addMeans(image, features);
    cv::cvtColor(image, grey, cv::COLOR_RGB2GRAY);
    cv::Laplacian(grey, edges, CV_32F);
    absolute = cv::abs(edges);
    addMeans(absolute, features);
    if (prediction)
        for (const auto &plane : prediction->probabilities)
            addMeans(plane, features);
    return features;
}

std::vector<Chosen> chooseDiverse(std::vector<Features> labelled, std::vector<Features> candidates,
                                  const std::vector<double> &weights, std::size_t count)
{
    standardise(labelled, candidates);
    if (labelled.empty() && !candidates.empty())
        labelled.emplace_back(candidates.front().size(), 0.f); // their mean
    std::vector<double> nearest(candidates.size(), std::numeric_limits<double>::max());
    for (std::size_t i = 0; i < candidates.size(); ++i)
        for (const auto &other : labelled)
            nearest[i] = std::min(nearest[i], distanceOf(candidates[i], other));
    std::vector<Chosen> chosen;
    std::vector<bool> isTaken(candidates.size());
    while (chosen.size() < std::min(count, candidates.size())) {
        std::size_t best = candidates.size();
        for (std::size_t i = 0; i < candidates.size(); ++i)
            if (!isTaken[i] && (best == candidates.size() || nearest[i] * weights[i] > nearest[best] * weights[best]))
                best = i;
        isTaken[best] = true;
        chosen.push_back({best, nearest[best]});
        for (std::size_t i = 0; i < candidates.size(); ++i)
            nearest[i] = std::min(nearest[i], distanceOf(candidates[i], candidates[best]));
    }
    return chosen;
}

Result<std::vector<NextImage>> imagesToLabel(Predictor *predictor, const Dataset &dataset,
                                             const std::vector<ItemSummary> &summaries, std::size_t count,
                                             std::uint64_t seed, std::stop_token stop, const Progress &progress)
try {
    std::vector<std::size_t> labelled, open;
    for (std::size_t i = 0; i < std::min(dataset.items.size(), summaries.size()); ++i) {
        const auto status = summaries[i].status;
        if (status == ItemStatus::New)
            open.push_back(i);
        else if (status == ItemStatus::Labelled || status == ItemStatus::Reviewed)
            labelled.push_back(i);
    }
    Random random(seed);
    for (auto *items : {&labelled, &open}) {
        random.shuffle(*items);
        items->resize(std::min(items->size(), kLookedAt));
    }
    const auto known = lookAt(predictor, dataset, labelled, stop, {});
    if (!known)
        return known.error();
    const auto found = lookAt(predictor, dataset, open, stop, progress);
    if (!found)
        return found.error();
    std::vector<double> weights;
    for (const double uncertainty : found->uncertainty)
        weights.push_back(std::max(uncertainty, kLeastUncertainty));
    std::vector<NextImage> out;
    for (const auto &[candidate, distance] : chooseDiverse(known->features, found->features, weights, count))
        out.push_back({open[candidate], found->uncertainty[candidate], distance});
    return out;
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, std::string("looking for the next image failed: ") + e.what()};
}

} // namespace masque
