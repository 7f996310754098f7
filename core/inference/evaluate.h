// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/inference/Predictor.h"
#include "core/training/Metrics.h"

#include <stop_token>
#include <vector>

namespace masque {

/// Prediction against ground truth over many images: intersections and unions summed over all, ignore left out.
struct Evaluation {
    std::string split;
    int images = 0;
    MetricValues metrics; ///< at the images' own sizes; loss as the network sees them (logits), averaged over images
    /// Where classes may overlap, each but the background is counted by itself: in its own row and column, and what is
    /// not of it in the background's, so that the sum is pixels times classes.
    ConfusionMatrix confusion;
    LabelSet labels;
    std::vector<Problem> skipped; ///< images without usable ground truth
    Json toJson() const;          ///< the keys of `masque evaluate --json`
};
Result<Evaluation> evaluate(Predictor &, const Dataset &, const std::vector<std::size_t> &items,
                            const std::string &split, std::stop_token = {}, const Progress & = {});

/// Where prediction and truth differ, CV_8UC3 RGB: right foreground, missed, false, wrong class in colours safe for the
/// colour-blind on a dimmed image.
enum class DifferenceKind : std::uint8_t { BothBackground, Right, Missed, False, WrongClass, Ignored };
/// DifferenceKind a pixel. Where labels have no background, id 0 is a class like the others: right or wrong.
cv::Mat1b differenceMap(const cv::Mat1b &truth, const cv::Mat1b &prediction, const LabelSet &labels);
Color differenceColor(DifferenceKind);

/// RGB image with ids' colours laid over it; background, where labels have one, stays clear.
cv::Mat overlay(const cv::Mat &image, const cv::Mat1b &ids, const LabelSet &labels, double opacity);
/// Image | ground truth | prediction | difference side by side; truth may be empty.
cv::Mat sideBySide(const cv::Mat &image, const cv::Mat1b &truth, const cv::Mat1b &prediction, const LabelSet &labels);

} // namespace masque
