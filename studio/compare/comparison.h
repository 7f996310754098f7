// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/inference/evaluate.h"

#include <QImage>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

/// One image's prediction beside its ground truth. Values for jobs; no widgets.
namespace masque {

/// Keeps a run's network loaded between jobs. Loads it anew when the run is another or its checkpoint has been
/// rewritten. Thread-safe: one prediction at a time.
class PredictorCache {
public:
    explicit PredictorCache(ModelList models) : m_models(std::move(models)) {}
    struct Answer {
        Prediction prediction;
        LabelSet labels;
        int epoch = 0;
        /// The same with probabilities, at a size of at most so many pixels that all classes fit some megabytes.
        std::shared_ptr<const Prediction> small = {};
    };
    enum class Want { Labels, Probabilities }; ///< whether small is made
    /// run: a folder or a checkpoint file.
    Result<Answer> predict(const std::string &run, const cv::Mat &image, Want want = Want::Labels);
    const ModelList &models() const { return m_models; }

private:
    const ModelList m_models;
    std::mutex m_mutex;
    std::string m_run, m_stamp;
    std::optional<Predictor> m_predictor;
};

/// What is compared. truth's labels are the dataset's.
struct Truth {
    Annotation annotation;
    LabelSet labels;
    bool isKnown() const { return annotation.checked || !annotation.shapes.empty(); }
};

/// What the panels of prediction and difference show, and which pixels are marked in all of them.
struct ComparisonLook {
    enum class Said { Prediction, Entropy, Margin, Loss, Probability };
    enum class Differs { Kinds, Classes, OneClass, Rivals };
    Said said = Said::Prediction;
    Differs differs = Differs::Kinds;
    int saidClass = 0, differsClass = 0;            ///< of Probability and OneClass
    std::optional<std::pair<int, int>> marked = {}; ///< truth taken for prediction
    bool operator==(const ComparisonLook &) const = default;
};

struct Comparison {
    cv::Mat1b prediction; ///< run's class ids, at the image's size
    LabelSet labels;      ///< the run's
    int epoch = 0;
    std::shared_ptr<const Prediction> small; ///< as in PredictorCache::Answer
    cv::Mat1b other;                         ///< of the model it is compared with, in the run's ids; may be empty
    int otherEpoch = 0;
    std::string otherProblem; ///< why there is none
    bool hasTruth = false;
    ConfusionMatrix confusion;
    BoundaryScore boundary;
    double heatMost = 1; ///< what the brightest colour of a heat map stands for
    /// Class and difference colours, clear elsewhere; heat maps are smaller than the image.
    QImage truthPicture, predictionPicture, differencePicture, otherPicture, markPicture;
};

/// Which networks say something about an image, and what of it is shown.
struct ComparisonRequest {
    std::string run, other; ///< folders or checkpoint files; an empty other is none
    cv::Mat image;
    Truth truth;
    ComparisonLook look = {};
};
Result<Comparison> predictAndCompare(PredictorCache &own, PredictorCache &other, const ComparisonRequest &);
/// The same prediction against another truth, or looked at in another way.
Result<Comparison> compareAgain(Comparison comparison, const Truth &truth, const ComparisonLook &look);

} // namespace masque
