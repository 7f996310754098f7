// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/comparison.h"

#include "core/annotations/rasterise.h"
#include "core/runs/SampleLoader.h"
#include "studio/training/pictures.h"

#include <exception>
#include <filesystem>

namespace masque {

namespace {

/// Changes whenever a checkpoint of the run is written.
std::string checkpointStamp(const std::string &run)
{
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

} // namespace

Result<PredictorCache::Answer> PredictorCache::predict(const std::string &run, const cv::Mat &image)
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
    auto prediction = m_predictor->predict(image);
    if (!prediction)
        return prediction.error();
    return Answer{std::move(*prediction), m_predictor->labels(), m_predictor->epoch()};
}

Result<Comparison> predictAndCompare(PredictorCache &cache, const std::string &run, const cv::Mat &image,
                                     const Truth &truth)
{
    auto answer = cache.predict(run, image);
    if (!answer)
        return answer.error();
    Comparison comparison;
    comparison.prediction = std::move(answer->prediction.labels);
    comparison.labels = std::move(answer->labels);
    comparison.epoch = answer->epoch;
    comparison.predictionPicture = idsToQImage(comparison.prediction, comparison.labels);
    return compareAgain(std::move(comparison), truth);
}

Result<Comparison> compareAgain(Comparison comparison, const Truth &truth)
{
    comparison.confusion = ConfusionMatrix(comparison.labels.size());
    comparison.truthPicture = comparison.differencePicture = {};
    comparison.hasTruth = truth.isKnown();
    if (!comparison.hasTruth)
        return comparison;
    try {
        const Size size{comparison.prediction.cols, comparison.prediction.rows};
        const cv::Mat1b ids =
            mapToLabels(rasterise(truth.annotation, truth.labels, size), truth.labels, comparison.labels);
        comparison.confusion.add(pixels(ids), pixels(comparison.prediction));
        comparison.truthPicture = idsToQImage(ids, comparison.labels);
        comparison.differencePicture = differenceToQImage(differenceMap(ids, comparison.prediction, comparison.labels));
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, std::string("comparing failed: ") + e.what()};
    }
    return comparison;
}

} // namespace masque
