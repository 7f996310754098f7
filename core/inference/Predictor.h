// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "core/models/ModelFactory.h"
#include "core/training/LossSpec.h"

#include <opencv2/core.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace masque {

/// What the network says about one image, at the image's own size.
struct Prediction {
    cv::Mat1b labels;                     ///< most probable class id a pixel
    std::vector<cv::Mat1f> probabilities; ///< one a class, 0..1, summing to 1; empty unless asked for
    cv::Mat1f confidence;                 ///< probability of the winning class
    /// Where classes may overlap: 255 where each class but the background is, at a probability of 0.5 or more; labels
    /// is then the most probable of those, and probabilities do not sum to 1: the first is that there is none. Else
    /// empty.
    std::vector<cv::Mat1b> layers = {};
};

/// Which of the outputs cost memory.
enum class PredictionDetail { LabelsOnly, Probabilities };

struct RunInfo;

/// A trained network ready to be applied. Not thread-safe: one a thread.
class Predictor {
public:
    /// path: a run's folder (best.ckpt, else last.ckpt, else the model that was imported) or a checkpoint or model
    /// file.
    static Result<Predictor> load(const std::string &path, const ModelList &, const std::string &device = "auto");

    /// A network that is in memory, as a run of these classes and options has it; it must not be trained meanwhile.
    static Predictor of(std::shared_ptr<Network> network, const RunInfo &run, Size size, int epoch);

    /// image: CV_8UC3 RGB of any size. It is stretched to the network's size, the logits are resized back (bilinear),
    /// then argmax; a run that was trained on tiles predicts by tiles (blendTiles). An error of a run for whole images.
    Result<Prediction> predict(const cv::Mat &image, PredictionDetail = PredictionDetail::LabelsOnly);

    /// Logits at the scale that the network sees, for the run's loss: at its own size, or, by tiles, at the image's.
    Result<Logits> logits(const cv::Mat &image);
    /// The same of each, as fast as can be: small images go through the network batchSize() at once.
    Result<std::vector<Logits>> logits(std::span<const cv::Mat> images);
    int batchSize() const;
    /// What these logits say at the image's size; they are used as scratch.
    Result<Prediction> prediction(Logits &logits, Size size, PredictionDetail) const;

    const LabelSet &labels() const { return m_labels; }
    const std::string &checkpointPath() const { return m_path; }
    const LossSpec &loss() const { return m_loss; }
    Size inputSize() const { return m_size; }
    bool isTiled() const { return m_isTiled; }
    bool isOfImages() const { return m_isOfImages; } ///< it says a class of the whole image (classify)
    int epoch() const { return m_epoch; }
    /// What the logits of a class of images are divided by so that probabilities are as often right as they say
    /// (keepTemperature, for this checkpoint's epoch); else 1.
    double temperature() const { return m_temperature; }

private:
    using Infer = std::function<Result<Logits>(std::span<const float> images, BatchShape)>;
    Result<std::vector<Logits>> logitsOfInputs(std::span<const cv::Mat> inputs);

    Infer m_infer;
    LabelSet m_labels;
    std::string m_path;
    LossSpec m_loss;
    Size m_size;
    int m_channels = 3; ///< 1: it sees grey
    bool m_isTiled = false, m_isOfImages = false;
    int m_mostAtOnce = 16; ///< images
    int m_epoch = 0;
    double m_temperature = 1;
};

/// Beside a checkpoint: the temperature and the epoch that it was fitted to.
inline constexpr const char *kTemperatureFile = "temperature.json";

/// Logits of one image at the network's size -> what is seen at the image's size: each plane resized (bilinear), then
/// argmax and softmax. A single logit is a binary task's foreground. logits is used as scratch.
Result<Prediction> predictionFromLogits(Logits &logits, Size size, PredictionDetail);
/// The same where classes may overlap: a logit for each class but the background, each by its own sigmoid.
Result<Prediction> overlappingFromLogits(Logits &logits, Size size, PredictionDetail);

} // namespace masque
