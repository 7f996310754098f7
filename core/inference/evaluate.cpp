// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/evaluate.h"

#include "core/inference/uncertainty.h"
#include "core/runs/SampleLoader.h"
#include "core/training/train.h"

#include <algorithm>
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

constexpr std::size_t kWorstListed = 20;

/// What one image adds.
struct Counts {
    explicit Counts(int classes) : confusion(classes), boundary(classes) {}
    ConfusionMatrix confusion;
    BoundaryScore boundary;
    ImageScore score;
};

/// What the logits themselves say: their loss, and how sure they are.
Result<void> scoreLogits(Predictor &predictor, const Logits &logits, std::span<const std::uint8_t> target,
                         ImageScore &score)
{
    const auto loss = lossOf(predictor.loss(), logits, target);
    if (!loss)
        return loss.error();
    auto scratch = logits;
    const auto small =
        predictor.prediction(scratch, {logits.shape.width, logits.shape.height}, PredictionDetail::Probabilities);
    if (!small)
        return small.error();
    score.loss = *loss;
    score.entropy = uncertaintyOf(entropyMap(*small));
    score.margin = uncertaintyOf(marginMap(*small));
    return {};
}

std::vector<ConfusionCell> cellsOf(const ConfusionMatrix &confusion)
{
    std::vector<ConfusionCell> cells;
    for (int t = 0; t < confusion.classes(); ++t)
        for (int p = 0; p < confusion.classes(); ++p)
            if (const auto count = confusion.at(t, p); count > 0)
                cells.push_back({t, p, count});
    return cells;
}

/// The same as countImage where classes may overlap.
Result<void> countOverlaps(Predictor &predictor, const Dataset &dataset, const Item &item, const cv::Mat &image,
                           Counts &out)
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
    if (auto scored = scoreLogits(predictor, *logits, target, out.score); !scored)
        return scored;
    const auto prediction = predictor.prediction(*logits, {image.cols, image.rows}, PredictionDetail::LabelsOnly);
    if (!prediction)
        return prediction.error();
    for (int id = 1; id < predictor.labels().size(); ++id) { // 255 & id: the class's id where it is
        cv::Mat1b is(truth.plane(id) & id);
        is.setTo(kIgnoreId, truth.combination == kIgnoreId);
        const cv::Mat1b said(prediction->layers[static_cast<std::size_t>(id - 1)] & id);
        out.confusion.add(pixels(is), pixels(said));
        out.boundary.add(id, is, said);
    }
    return {};
}

Result<void> countImage(Predictor &predictor, const Dataset &dataset, const Item &item, Counts &out)
{
    auto image = readImage(dataset.absolute(item.image));
    if (!image)
        return image.error();
    if (predictor.loss().multiLabel)
        return countOverlaps(predictor, dataset, item, *image, out);
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
    if (auto scored = scoreLogits(predictor, *logits, pixels(target), out.score); !scored)
        return scored;
    const auto prediction = predictor.prediction(*logits, {image->cols, image->rows}, PredictionDetail::LabelsOnly);
    if (!prediction)
        return prediction.error();
    out.confusion.add(pixels(truth.isContinuous() ? truth : truth.clone()), pixels(prediction->labels));
    out.boundary.add(truth, prediction->labels);
    return {};
}

} // namespace

Result<Evaluation> evaluate(Predictor &predictor, const Dataset &dataset, const std::vector<std::size_t> &items,
                            const std::string &split, std::stop_token stop, const Progress &progress)
{
    Evaluation out;
    out.split = split;
    out.labels = predictor.labels();
    out.confusion = ConfusionMatrix(out.labels.size());
    out.boundary = BoundaryScore(out.labels.size());
    double lossSum = 0;
    try {
        for (std::size_t k = 0; k < items.size() && !stop.stop_requested(); ++k) {
            if (progress)
                progress(k, items.size());
            const auto &item = dataset.items[items[k]];
            Counts one(out.labels.size());
            if (const auto counted = countImage(predictor, dataset, item, one)) {
                out.confusion.add(one.confusion);
                out.boundary.add(one.boundary);
                one.score.item = items[k];
                one.score.meanIou = one.confusion.meanIou();
                one.score.boundaryF1 = one.boundary.meanF1();
                one.score.cells = cellsOf(one.confusion);
                lossSum += one.score.loss;
                out.scores.push_back(std::move(one.score));
                ++out.images;
            } else if (counted.error().code == ErrorCode::Device || counted.error().code == ErrorCode::Memory) {
                return counted.error();
            } else {
                out.skipped.push_back({item.image, counted.error().message});
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

std::vector<ImageScore> Evaluation::worst(std::size_t most) const
{
    auto sorted = scores;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) { return a.meanIou < b.meanIou; });
    sorted.resize(std::min(sorted.size(), most));
    return sorted;
}

Json Evaluation::toJson(const Dataset &dataset) const
{
    Json json = Json::object();
    json.set("task", "segmentation");
    json.set("split", split);
    json.set("images", images);
    metrics.addTo(json);
    json.set("boundary_f1", boundary.meanF1());
    Json classes = Json::array(), rows = Json::array(), files = Json::array();
    for (int id = 0; id < labels.size(); ++id) {
        Json entry = Json::object();
        entry.set("name", labels[id].name);
        entry.set("iou", confusion.iou(id));
        entry.set("dice", confusion.dice(id));
        entry.set("boundary_f1", boundary.f1(id));
        entry.set("pixels", confusion.truthPixels(id));
        classes.push_back(std::move(entry));
        Json row = Json::array();
        for (int said = 0; said < labels.size(); ++said)
            row.push_back(confusion.at(id, said));
        rows.push_back(std::move(row));
    }
    for (const auto &score : worst(kWorstListed)) {
        Json entry = Json::object();
        entry.set("file", dataset.items[score.item].image);
        entry.set("iou", score.meanIou);
        files.push_back(std::move(entry));
    }
    json.set("classes", std::move(classes));
    json.set("confusion", std::move(rows));
    json.set("worst", std::move(files));
    return json;
}

} // namespace masque
