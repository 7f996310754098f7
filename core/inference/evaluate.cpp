// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/evaluate.h"

#include "core/runs/SampleLoader.h"
#include "core/training/train.h"

#include <exception>

namespace masque {

namespace {

std::span<const std::uint8_t> pixels(const cv::Mat1b &map)
{
    return {map.data, map.total()};
}

Result<void> checkSize(const Item &item, const cv::Mat &map, const cv::Mat &image)
{
    if (map.size() == image.size())
        return {};
    return Error{ErrorCode::Data, item.image + ": its annotation has another size than the image", item.image};
}

/// The same where classes may overlap.
Result<double> addOverlaps(Predictor &predictor, const Dataset &dataset, const Item &item, const cv::Mat &image,
                           ConfusionMatrix &confusion)
{
    const auto map = readOverlapMap(dataset, item);
    if (!map)
        return map.error();
    if (auto fits = checkSize(item, map->combination, image); !fits)
        return fits.error();
    auto truth = mapToLabels(*map, dataset.labels, predictor.labels());
    auto logits = predictor.logits(image);
    if (!logits)
        return logits.error();

    cv::Mat unused;
    OverlapMap small{{}, truth.classes};
    resizeSample(image, truth.combination, {logits->shape.width, logits->shape.height}, unused, small.combination);
    std::vector<std::uint8_t> target(logits->values.size());
    planesFromOverlaps(small, predictor.labels().size(), target);
    const auto loss = lossOf(predictor.loss(), *logits, target);
    if (!loss)
        return loss;
    const auto prediction = predictor.prediction(*logits, {image.cols, image.rows}, PredictionDetail::LabelsOnly);
    if (!prediction)
        return prediction.error();
    for (int id = 1; id < predictor.labels().size(); ++id) { // 255 & id: the class's id where it is
        cv::Mat1b is(truth.plane(id) & id);
        is.setTo(kIgnoreId, truth.combination == kIgnoreId);
        const cv::Mat1b said(prediction->layers[static_cast<std::size_t>(id - 1)] & id);
        confusion.add(pixels(is), pixels(said));
    }
    return loss;
}

/// Adds one image; returns its loss at the scale that the network sees.
Result<double> addImage(Predictor &predictor, const Dataset &dataset, const Item &item, ConfusionMatrix &confusion)
{
    auto image = readImage(dataset.absolute(item.image));
    if (!image)
        return image.error();
    if (predictor.loss().multiLabel)
        return addOverlaps(predictor, dataset, item, *image, confusion);
    auto ids = readLabelMap(dataset, item);
    if (!ids)
        return ids.error();
    if (auto fits = checkSize(item, *ids, *image); !fits)
        return fits.error();
    const cv::Mat1b truth = mapToLabels(*ids, dataset.labels, predictor.labels());
    auto logits = predictor.logits(*image);
    if (!logits)
        return logits.error();

    cv::Mat unused;
    cv::Mat1b target;
    resizeSample(*image, truth, {logits->shape.width, logits->shape.height}, unused, target);
    const auto loss = lossOf(predictor.loss(), *logits, pixels(target));
    if (!loss)
        return loss;
    const auto prediction = predictor.prediction(*logits, {image->cols, image->rows}, PredictionDetail::LabelsOnly);
    if (!prediction)
        return prediction.error();
    confusion.add(pixels(truth.isContinuous() ? truth : truth.clone()), pixels(prediction->labels));
    return loss;
}

} // namespace

Result<Evaluation> evaluate(Predictor &predictor, const Dataset &dataset, const std::vector<std::size_t> &items,
                            const std::string &split, std::stop_token stop, const Progress &progress)
{
    Evaluation out;
    out.split = split;
    out.labels = predictor.labels();
    out.confusion = ConfusionMatrix(out.labels.size());
    double lossSum = 0;
    try {
        for (std::size_t k = 0; k < items.size() && !stop.stop_requested(); ++k) {
            if (progress)
                progress(k, items.size());
            const auto &item = dataset.items[items[k]];
            if (const auto loss = addImage(predictor, dataset, item, out.confusion)) {
                lossSum += *loss;
                ++out.images;
            } else if (loss.error().code == ErrorCode::Device || loss.error().code == ErrorCode::Memory) {
                return loss.error();
            } else {
                out.skipped.push_back({item.image, loss.error().message});
            }
        }
        if (progress)
            progress(items.size(), items.size());
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, std::string("evaluation failed: ") + e.what()};
    }
    if (out.images == 0 && !stop.stop_requested())
        return Error{ErrorCode::Data,
                     dataset.root + ": no image of the split '" + split + "' has ground truth to compare with"
                         + (out.skipped.empty() ? "" : ", the first problem: " + out.skipped.front().message),
                     dataset.root};
    out.metrics = MetricValues::of(out.confusion, out.images ? lossSum / out.images : 0, out.labels.hasBackground());
    return out;
}

Json Evaluation::toJson() const
{
    Json json = Json::object();
    json.set("task", "segmentation");
    json.set("split", split);
    json.set("images", images);
    metrics.addTo(json);
    Json classes = Json::array();
    for (int id = 0; id < labels.size(); ++id) {
        Json entry = Json::object();
        entry.set("name", labels[id].name);
        entry.set("iou", confusion.iou(id));
        entry.set("dice", confusion.dice(id));
        entry.set("pixels", confusion.truthPixels(id));
        classes.push_back(std::move(entry));
    }
    json.set("classes", std::move(classes));
    return json;
}

} // namespace masque
