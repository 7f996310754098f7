// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/comparison.h"

#include "core/annotations/rasterise.h"
#include "core/inference/uncertainty.h"
#include "core/runs/SampleLoader.h"
#include "studio/training/pictures.h"

#include <opencv2/imgproc.hpp>

#include <cmath>
#include <exception>
#include <filesystem>

namespace masque {

namespace {

constexpr QColor kMarkColor(240, 228, 66); // Okabe and Ito's yellow, which no difference has

/// Changes whenever a checkpoint of the run is written.
std::string checkpointStamp(const std::string &run)
{
    std::error_code none;
    if (std::filesystem::is_regular_file(run, none))
        return std::to_string(std::filesystem::last_write_time(run, none).time_since_epoch().count());
    std::string stamp;
    for (const char *name : {"/best.ckpt", "/last.ckpt"}) {
        std::error_code error;
        const auto time = std::filesystem::last_write_time(run + name, error);
        stamp += error ? "-" : std::to_string(time.time_since_epoch().count());
        if (!error)
            break; // the one that is loaded
    }
    return stamp;
}

std::span<const std::uint8_t> pixels(const cv::Mat1b &map)
{
    return {map.data, map.total()};
}

/// So that the probabilities of all classes are at most 128 MiB, and no heat map is finer than a screen.
Size smallSize(cv::Size image, int classes)
{
    constexpr double kMostValues = 32 << 20;
    constexpr int kMostSide = 1536;
    return sizeWithin(image, std::min(kMostSide, static_cast<int>(std::sqrt(kMostValues / std::max(1, classes)))));
}

/// The heat map of a look, and what its brightest colour stands for. truth may be empty.
std::pair<cv::Mat1f, double> heatOf(const Prediction &small, const cv::Mat1b &truth, const ComparisonLook &look)
{
    switch (look.said) {
    case ComparisonLook::Said::Entropy: return {entropyMap(small), 1};
    case ComparisonLook::Said::Margin: return {marginMap(small), 1};
    case ComparisonLook::Said::Probability: {
        const auto id = static_cast<std::size_t>(look.saidClass);
        return {id < small.probabilities.size() ? small.probabilities[id] : cv::Mat1f(), 1};
    }
    case ComparisonLook::Said::Loss: {
        if (truth.empty())
            return {};
        cv::Mat1b reduced;
        cv::resize(truth, reduced, small.labels.size(), 0, 0, cv::INTER_NEAREST);
        const cv::Mat1f loss = crossEntropyMap(small, reduced);
        double most = 0;
        cv::minMaxLoc(loss, nullptr, &most);
        return {loss, std::max(most, 1.0)};
    }
    case ComparisonLook::Said::Prediction: break;
    }
    return {};
}

QImage differenceOf(const Comparison &comparison, const cv::Mat1b &truth, const ComparisonLook &look)
{
    const auto &said = comparison.prediction;
    switch (look.differs) {
    case ComparisonLook::Differs::Classes:
        return idsToQImage(wrongClasses(truth, said, comparison.labels), comparison.labels, kIgnoreId);
    case ComparisonLook::Differs::OneClass:
        return differenceToQImage(classDifferenceMap(truth, said, look.differsClass));
    case ComparisonLook::Differs::Rivals:
        return comparison.other.empty() ? QImage() : rivalsToQImage(rivalMap(truth, said, comparison.other));
    case ComparisonLook::Differs::Kinds: break;
    }
    return differenceToQImage(differenceMap(truth, said, comparison.labels));
}

} // namespace

Result<PredictorCache::Answer> PredictorCache::predict(const std::string &run, const cv::Mat &image, Want want)
{
    const std::lock_guard lock(m_mutex);
    const std::string stamp = checkpointStamp(run);
    if (!m_predictor || run != m_run || stamp != m_stamp) {
        m_predictor.reset();
        auto loaded = Predictor::load(run, m_models);
        if (!loaded)
            return loaded.error();
        m_predictor = std::move(*loaded);
        m_run = run;
        m_stamp = stamp;
    }
    auto logits = m_predictor->logits(image);
    if (!logits)
        return logits.error();
    Answer answer{{}, m_predictor->labels(), m_predictor->epoch()};
    if (want == Want::Probabilities) {
        auto scratch = *logits;
        const auto size = smallSize(image.size(), answer.labels.size());
        auto small = m_predictor->prediction(scratch, size, PredictionDetail::Probabilities);
        if (!small)
            return small.error();
        answer.small = std::make_shared<const Prediction>(std::move(*small));
    }
    auto prediction = m_predictor->prediction(*logits, {image.cols, image.rows}, PredictionDetail::LabelsOnly);
    if (!prediction)
        return prediction.error();
    answer.prediction = std::move(*prediction);
    return answer;
}

Result<Comparison> predictAndCompare(PredictorCache &own, PredictorCache &other, const ComparisonRequest &request)
{
    auto answer = own.predict(request.run, request.image, PredictorCache::Want::Probabilities);
    if (!answer)
        return answer.error();
    Comparison comparison;
    comparison.prediction = std::move(answer->prediction.labels);
    comparison.labels = std::move(answer->labels);
    comparison.epoch = answer->epoch;
    comparison.small = std::move(answer->small);
    if (!request.other.empty()) {
        auto second = other.predict(request.other, request.image);
        if (second) {
            comparison.other = mapToLabels(second->prediction.labels, second->labels, comparison.labels);
            comparison.otherEpoch = second->epoch;
        } else {
            comparison.otherProblem = second.error().message;
        }
    }
    return compareAgain(std::move(comparison), request.truth, request.look);
}

Result<Comparison> compareAgain(Comparison comparison, const Truth &truth, const ComparisonLook &look)
try {
    comparison.confusion = ConfusionMatrix(comparison.labels.size());
    comparison.boundary = BoundaryScore(comparison.labels.size());
    comparison.truthPicture = comparison.differencePicture = comparison.markPicture = {};
    comparison.otherPicture = idsToQImage(comparison.other, comparison.labels);
    comparison.hasTruth = truth.isKnown();
    cv::Mat1b ids;
    if (comparison.hasTruth) {
        const Size size{comparison.prediction.cols, comparison.prediction.rows};
        ids = mapToLabels(labelMapOf(truth.annotation, truth.labels, size), truth.labels, comparison.labels);
        comparison.confusion.add(pixels(ids), pixels(comparison.prediction));
        comparison.boundary.add(ids, comparison.prediction);
        comparison.truthPicture = idsToQImage(ids, comparison.labels);
        comparison.differencePicture = differenceOf(comparison, ids, look);
        if (look.marked) {
            const auto [is, said] = *look.marked;
            comparison.markPicture =
                whereToQImage(cv::Mat1b((ids == is) & (comparison.prediction == said)), kMarkColor);
        }
    }
    if (look.said == ComparisonLook::Said::Prediction || !comparison.small) {
        comparison.predictionPicture = idsToQImage(comparison.prediction, comparison.labels);
    } else {
        const auto [heat, most] = heatOf(*comparison.small, ids, look);
        comparison.heatMost = most;
        comparison.predictionPicture = heatToQImage(heat, most);
    }
    return comparison;
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, std::string("comparing failed: ") + e.what()};
}

} // namespace masque
