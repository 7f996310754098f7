// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/label_errors.h"

#include "core/runs/SampleLoader.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>

namespace masque {

namespace {

/// Below so many pixels nothing is a shape: rasterising alone leaves such.
constexpr int kLeastPixels = 6;
/// No outline is usually better than this, however well a class is learnt.
constexpr double kLeastUsualPx = 0.1;

constexpr std::string_view kNames[] = {"missing", "spurious", "class", "outline"};

/// Pixels of a mask that have a neighbour, or the image's border, outside: its length, about.
int outlineLength(const cv::Mat1b &mask)
{
    cv::Mat inner;
    cv::erode(mask, inner, cv::getStructuringElement(cv::MORPH_CROSS, {3, 3}), {-1, -1}, 1, cv::BORDER_CONSTANT,
              cv::Scalar(0));
    return cv::countNonZero(mask) - cv::countNonZero(inner);
}

/// The id that most pixels of a place have.
int commonest(const cv::Mat1b &ids, const cv::Mat1b &where)
{
    int counts[256] = {};
    for (int y = 0; y < ids.rows; ++y)
        for (int x = 0; x < ids.cols; ++x)
            if (where(y, x))
                ++counts[ids(y, x)];
    return static_cast<int>(std::max_element(counts, counts + kIgnoreId) - counts);
}

/// One connected shape of class id, labelled and seen together.
LabelDoubt doubtOf(const Prediction &prediction, const cv::Mat1b &truth, int id, const cv::Rect &box,
                   const cv::Mat1b &shape)
{
    const cv::Mat1b given(truth(box)), seen(prediction.labels(box));
    const cv::Mat1b isGiven((given == id) & shape), isSeen((seen == id) & shape);
    LabelDoubt doubt{.kind = DoubtKind::Outline, .box = {box.x, box.y, box.width, box.height}, .given = id, .seen = id};
    const int givenPixels = cv::countNonZero(isGiven), bothPixels = cv::countNonZero(isGiven & isSeen);
    if (givenPixels == 0) {
        doubt.kind = DoubtKind::Missing;
        doubt.given = commonest(given, shape);
    } else if (bothPixels * 4 < givenPixels) {
        doubt.seen = commonest(seen, isGiven);
        doubt.kind = doubt.seen == 0 ? DoubtKind::Spurious : DoubtKind::Class;
    }
    cv::Mat1f away;
    cv::absdiff(prediction.probabilities[static_cast<std::size_t>(id)](box), cv::Mat1f(isGiven / 255.0), away);
    const double pixels = cv::mean(away, shape)[0] * cv::countNonZero(shape);
    doubt.offsetPx = pixels / std::max(1, outlineLength(givenPixels > 0 ? isGiven : isSeen));
    return doubt;
}

Result<std::vector<LabelDoubt>> doubtsOfItem(Predictor &predictor, const Dataset &dataset, const Item &item)
{
    const auto image = readImage(dataset.absolute(item.image));
    if (!image)
        return image.error();
    const auto ids = readLabelMap(dataset, item);
    if (!ids)
        return ids.error();
    if (ids->size() != image->size())
        return Error{ErrorCode::Data, item.image + ": its annotation has another size than the image", item.image};
    const auto prediction = predictor.predict(*image, PredictionDetail::Probabilities);
    if (!prediction)
        return prediction.error();
    return labelDoubts(*prediction, mapToLabels(*ids, dataset.labels, predictor.labels()), predictor.labels());
}

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// What is usual: the median displacement of the class's outlines, where it was seen at all.
void rate(std::vector<ImageDoubts> &images)
{
    std::map<int, std::vector<double>> offsets;
    for (const auto &image : images)
        for (const auto &doubt : image.doubts)
            if (doubt.kind == DoubtKind::Outline)
                offsets[doubt.given].push_back(doubt.offsetPx);
    std::map<int, double> usual;
    for (auto &[id, values] : offsets)
        usual[id] = std::max(kLeastUsualPx, median(std::move(values)));
    for (auto &image : images) {
        for (auto &doubt : image.doubts) {
            const auto found = usual.find(doubt.kind == DoubtKind::Missing ? doubt.seen : doubt.given);
            doubt.score = doubt.offsetPx / (found == usual.end() ? 1.0 : found->second);
        }
        std::stable_sort(image.doubts.begin(), image.doubts.end(),
                         [](const auto &a, const auto &b) { return a.score > b.score; });
        image.score = image.doubts.empty() ? 0 : image.doubts.front().score;
    }
    std::stable_sort(images.begin(), images.end(), [](const auto &a, const auto &b) { return a.score > b.score; });
}

} // namespace

std::string_view doubtName(DoubtKind kind)
{
    return kNames[static_cast<std::size_t>(kind)];
}

std::vector<LabelDoubt> labelDoubts(const Prediction &prediction, const cv::Mat1b &truth, const LabelSet &labels)
{
    std::vector<LabelDoubt> doubts;
    const cv::Mat1b counted(truth != kIgnoreId);
    for (int id = labels.hasBackground() ? 1 : 0; id < labels.size(); ++id) {
        const cv::Mat1b either(((truth == id) | (prediction.labels == id)) & counted);
        cv::Mat1i components;
        cv::Mat stats, centres;
        const int count = cv::connectedComponentsWithStats(either, components, stats, centres, 8);
        for (int k = 1; k < count; ++k) {
            if (stats.at<int>(k, cv::CC_STAT_AREA) < kLeastPixels)
                continue;
            const cv::Rect box(stats.at<int>(k, cv::CC_STAT_LEFT), stats.at<int>(k, cv::CC_STAT_TOP),
                               stats.at<int>(k, cv::CC_STAT_WIDTH), stats.at<int>(k, cv::CC_STAT_HEIGHT));
            doubts.push_back(doubtOf(prediction, truth, id, box, cv::Mat1b(components(box) == k)));
        }
    }
    return doubts;
}

Result<LabelErrors> findLabelErrors(Predictor &predictor, const Dataset &dataset, const std::vector<std::size_t> &items,
                                    std::stop_token stop, const Progress &progress)
try {
    LabelErrors out;
    out.labels = predictor.labels();
    for (std::size_t k = 0; k < items.size() && !stop.stop_requested(); ++k) {
        if (progress)
            progress(k, items.size());
        const auto &item = dataset.items[items[k]];
        if (auto doubts = doubtsOfItem(predictor, dataset, item))
            out.images.push_back({.item = items[k], .doubts = std::move(*doubts)});
        else if (doubts.error().code == ErrorCode::Device || doubts.error().code == ErrorCode::Memory)
            return doubts.error();
        else
            out.skipped.push_back({item.image, doubts.error().message});
    }
    if (progress)
        progress(items.size(), items.size());
    rate(out.images);
    return out;
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, std::string("looking for label errors failed: ") + e.what()};
}

Json LabelErrors::toJson(const Dataset &dataset, std::size_t doubtsAnImage) const
{
    Json json = Json::object(), list = Json::array(), left = Json::array();
    for (const auto &image : images) {
        Json entry = Json::object(), doubts = Json::array();
        entry.set("file", dataset.items[image.item].image);
        entry.set("score", image.score);
        for (std::size_t i = 0; i < std::min(doubtsAnImage, image.doubts.size()); ++i) {
            const auto &doubt = image.doubts[i];
            Json one = Json::object(), box = Json::array();
            one.set("kind", std::string(doubtName(doubt.kind)));
            for (const int value : {doubt.box.x, doubt.box.y, doubt.box.width, doubt.box.height})
                box.push_back(value);
            one.set("box", std::move(box));
            one.set("given", labels[doubt.given].name);
            one.set("seen", labels[doubt.seen].name);
            one.set("offset_px", doubt.offsetPx);
            one.set("score", doubt.score);
            doubts.push_back(std::move(one));
        }
        entry.set("doubts", std::move(doubts));
        list.push_back(std::move(entry));
    }
    for (const auto &problem : skipped) {
        Json one = Json::object();
        one.set("file", problem.file);
        one.set("problem", problem.message);
        left.push_back(std::move(one));
    }
    json.set("images", std::move(list));
    json.set("skipped", std::move(left));
    return json;
}

} // namespace masque
