// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/inference/Predictor.h"

#include <stop_token>
#include <vector>

namespace masque {

/// An image that has no label yet, and why it is worth one.
struct NextImage {
    std::size_t item = 0;
    double uncertainty = 1; ///< mean entropy of what a run predicts (uncertaintyOf), 0..1; 1 without a run
    double distance = 0;    ///< to the nearest image that is labelled or comes before it
};

/// What an image looks like, in few figures: the mean colour and the contrast of 4x4 parts and, with a prediction's
/// probabilities, each class's share of them.
std::vector<float> imageFeatures(const cv::Mat &image, const Prediction *prediction = nullptr);

/// The order in which candidates teach most: each time the one whose distance to all that is labelled or chosen is
/// greatest, times its weight (k-centre greedy, Sener and Savarese 2018; the weight is ours). features: of all, scaled
/// here so that each varies alike. Returns count positions in candidates with their distances.
struct Chosen {
    std::size_t candidate = 0;
    double distance = 0;
};
std::vector<Chosen> chooseDiverse(std::vector<std::vector<float>> labelled, std::vector<std::vector<float>> candidates,
                                  const std::vector<double> &weights, std::size_t count);

/// The unlabelled images that teach most, the best first: uncertain for the run's network and unlike those that are
/// labelled. predictor may be null: by looks alone. Of many unlabelled images some hundreds are looked at, drawn by
/// seed. Images that cannot be read are left out.
Result<std::vector<NextImage>> imagesToLabel(Predictor *predictor, const Dataset &dataset,
                                             const std::vector<ItemSummary> &summaries, std::size_t count,
                                             std::uint64_t seed = 1, std::stop_token = {}, const Progress & = {});

} // namespace masque
