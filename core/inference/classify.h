// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/inference/Predictor.h"
#include "core/training/Metrics.h"

#include <optional>
#include <stop_token>
#include <vector>

/// Classes of whole images: what a network says of them, and how often it is right.
namespace masque {

/// Probabilities of the predictor's classes, summing to 1, for one image, CV_8UC3 RGB of any size: softmax of the
/// logits divided by the temperature, or, where the run's loss takes each class by itself, their sigmoids brought to
/// that sum.
/// No temperature: the predictor's own.
Result<std::vector<float>> classify(Predictor &, const cv::Mat &image, std::optional<double> temperature = {});
/// The same from the predictor's logits of it.
std::vector<float> classProbabilities(const Predictor &, const Logits &, std::optional<double> temperature = {});

/// One image's part in an evaluation.
struct ImageClass {
    std::size_t item = 0; ///< in Dataset::items
    int truth = 0;
    std::vector<float> probabilities = {};
    int said() const;          ///< the most probable class
    double confidence() const; ///< its probability
    double loss() const;       ///< cross-entropy
    bool isRight() const { return said() == truth; }
};

/// How far confidence and accuracy lie apart: the mean over bins of equal width, weighed by their images (Naeini et al.
/// 2015; Guo et al. 2017, eq. 3). 0 without images.
double expectedCalibrationError(const std::vector<ImageClass> &images, int bins = 15);
/// The temperature that the probabilities' logarithms are divided by for the least mean cross-entropy (Guo et al. 2017,
/// sec. 4.2), 0.05..20; to be fitted on validation images. 1 without images.
double fittedTemperature(const std::vector<ImageClass> &images);
/// The same images at another temperature.
std::vector<ImageClass> atTemperature(std::vector<ImageClass> images, double temperature);

struct ClassEvaluation {
    std::string split;
    MetricValues metrics;      ///< loss: mean cross-entropy of the probabilities
    ConfusionMatrix confusion; ///< rows ground truth, counts of images
    double ece = 0;
    LabelSet labels;
    std::vector<ImageClass> images;
    std::vector<Problem> skipped; ///< images without a class that the run knows

    /// The keys of `masque evaluate --json`; task: "emotion" where the classes are those of FER-2013, else
    /// "classification".
    Json toJson(const Dataset &) const;
    /// The images that are wrong with the greatest confidence, at most so many, as positions in images.
    std::vector<std::size_t> topMistakes(std::size_t most) const;
};
/// Fits the temperature to the evaluation of the run's validation images and keeps it beside the checkpoint
/// (temperature.json), where Predictor::load finds it. Errors: no images, a folder that cannot be written.
Result<double> keepTemperature(const Predictor &, const ClassEvaluation &validation);
ClassEvaluation evaluationOf(std::vector<ImageClass> images, const LabelSet &labels, const std::string &split);
/// At temperature 1, whatever the predictor's is.
Result<ClassEvaluation> evaluateClasses(Predictor &, const Dataset &, const std::vector<std::size_t> &items,
                                        const std::string &split, std::stop_token = {}, const Progress & = {});

} // namespace masque
