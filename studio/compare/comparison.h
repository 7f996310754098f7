// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/inference/evaluate.h"

#include <QImage>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

/// One image's prediction beside its ground truth, and a whole split's. Values for jobs; no widgets.
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
    };
    Result<Answer> predict(const std::string &run, const cv::Mat &image);
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

struct Comparison {
    cv::Mat1b prediction; ///< run's class ids, at the image's size
    LabelSet labels;      ///< the run's
    int epoch = 0;
    bool hasTruth = false;
    ConfusionMatrix confusion;
    QImage truthPicture, predictionPicture, differencePicture; ///< class and difference colours, clear elsewhere
};
Result<Comparison> predictAndCompare(PredictorCache &cache, const std::string &run, const cv::Mat &image,
                                     const Truth &truth);
/// The same prediction against another truth.
Result<Comparison> compareAgain(Comparison comparison, const Truth &truth);

} // namespace masque
