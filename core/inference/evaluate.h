// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/inference/Predictor.h"
#include "core/inference/boundary.h"
#include "core/training/Metrics.h"

#include <stop_token>
#include <vector>

namespace masque {

/// How often a class was taken for another, or for itself: pixels.
struct ConfusionCell {
    int truth = 0, prediction = 0;
    std::int64_t pixels = 0;
    friend bool operator==(const ConfusionCell &, const ConfusionCell &) = default;
};

/// One image's part in an evaluation.
struct ImageScore {
    std::size_t item = 0; ///< in Dataset::items
    double meanIou = 0;   ///< over the classes that occur in it, as boundaryF1
    double boundaryF1 = 0;
    /// At the scale that the network sees: the run's loss, and means of entropyMap and marginMap, 0 (certain) to 1.
    double loss = 0, entropy = 0, margin = 0;
    std::vector<ConfusionCell> cells; ///< those that are not 0, row by row
};

/// Prediction against ground truth over many images: intersections and unions summed over all, ignore left out.
struct Evaluation {
    std::string split;
    int images = 0;
    MetricValues metrics; ///< at the images' own sizes; loss as the network sees them (logits), averaged over images
    /// Where classes may overlap, each but the background is counted by itself: in its own row and column, and what is
    /// not of it in the background's, so that the sum is pixels times classes.
    ConfusionMatrix confusion;
    BoundaryScore boundary; ///< where classes may overlap, of each but the background
    LabelSet labels;
    std::vector<ImageScore> scores; ///< in the order of the items that were asked for, without the skipped ones
    std::vector<Problem> skipped;   ///< images without usable ground truth
    /// The scores with the least mean IoU, ascending; at most so many.
    std::vector<ImageScore> worst(std::size_t most) const;
    /// The keys of `masque evaluate --json`; the dataset tells the names of the worst images.
    Json toJson(const Dataset &) const;
};
Result<Evaluation> evaluate(Predictor &, const Dataset &, const std::vector<std::size_t> &items,
                            const std::string &split, std::stop_token = {}, const Progress & = {});

/// Where prediction and truth differ, CV_8UC3 RGB: right foreground, missed, false, wrong class in colours safe for the
/// colour-blind on a dimmed image.
enum class DifferenceKind : std::uint8_t { BothBackground, Right, Missed, False, WrongClass, Ignored };
/// DifferenceKind a pixel. Where labels have no background, id 0 is a class like the others: right or wrong.
cv::Mat1b differenceMap(const cv::Mat1b &truth, const cv::Mat1b &prediction, const LabelSet &labels);
Color differenceColor(DifferenceKind);
/// The same of one class alone: right, missed or false; everything else is background.
cv::Mat1b classDifferenceMap(const cv::Mat1b &truth, const cv::Mat1b &prediction, int id);
/// Where a prediction is wrong, the class that should be there, or, where that is the background, the one that should
/// not; kIgnoreId where it is right or nothing is known.
cv::Mat1b wrongClasses(const cv::Mat1b &truth, const cv::Mat1b &prediction, const LabelSet &labels);

/// Which of two predictions is right.
enum class RivalKind : std::uint8_t { BothRight, OnlyFirst, OnlySecond, BothWrong, Ignored };
cv::Mat1b rivalMap(const cv::Mat1b &truth, const cv::Mat1b &first, const cv::Mat1b &second); ///< RivalKind a pixel
Color rivalColor(RivalKind);

/// RGB image with ids' colours laid over it; background, where labels have one, stays clear.
cv::Mat overlay(const cv::Mat &image, const cv::Mat1b &ids, const LabelSet &labels, double opacity);
/// Image | ground truth | prediction | difference side by side; truth may be empty.
cv::Mat sideBySide(const cv::Mat &image, const cv::Mat1b &truth, const cv::Mat1b &prediction, const LabelSet &labels);

} // namespace masque
