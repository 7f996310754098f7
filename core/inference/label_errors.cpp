// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/label_errors.h"

#include "core/runs/SampleLoader.h"
#include "core/runs/run.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <functional>
#include <iterator>
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

std::size_t binOf(double confidence)
{
    constexpr auto kBins = static_cast<int>(LabelDoubt::kBins);
    return static_cast<std::size_t>(std::clamp(static_cast<int>(confidence * kBins), 0, kBins - 1));
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
    doubt.outlinePx = std::max(1, outlineLength(givenPixels > 0 ? isGiven : isSeen));
    const cv::Mat1f confidence(prediction.confidence(box));
    for (int y = 0; y < box.height; ++y)
        for (int x = 0; x < box.width; ++x)
            if ((isGiven(y, x) != 0) != (isSeen(y, x) != 0))
                ++doubt.pixels[seen(y, x)][binOf(confidence(y, x))];
    return doubt;
}

double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Pixels in which the network is surer of what it sees than it usually is of that class.
double surePixels(const LabelDoubt &doubt, const UsualConfidence &usual)
{
    double pixels = 0;
    for (const auto &[seen, counts] : doubt.pixels)
        for (auto bin = binOf(usual.of(seen)); bin < counts.size(); ++bin)
            pixels += counts[bin];
    return pixels;
}

/// Of all that is labelled.
double labelledOutline(const ImageDoubts &image)
{
    double sum = 0;
    for (const LabelDoubt &doubt : image.doubts)
        sum += doubt.kind == DoubtKind::Missing ? 0 : doubt.outlinePx;
    return sum;
}

} // namespace

std::string_view doubtName(DoubtKind kind)
{
    return kNames[static_cast<std::size_t>(kind)];
}

void UsualConfidence::add(const Prediction &prediction, const cv::Mat1b &truth)
{
    for (std::size_t id = 0; id < std::min(m_sums.size(), prediction.probabilities.size()); ++id) {
        const cv::Mat1b is(truth == static_cast<double>(id));
        const auto pixels = static_cast<double>(cv::countNonZero(is));
        m_sums[id].pixels += pixels;
        m_sums[id].probability += pixels * cv::mean(prediction.probabilities[id], is)[0];
    }
}

double UsualConfidence::of(int id) const
{
    const auto &sum = m_sums[static_cast<std::size_t>(id)];
    return sum.pixels > 0 ? sum.probability / sum.pixels : 1;
}

void rateDoubts(std::vector<ImageDoubts> &images, const UsualConfidence &usual)
{
    std::map<int, std::vector<double>> offsets; // of shapes that are labelled and seen
    for (auto &image : images)
        for (auto &doubt : image.doubts) {
            doubt.offsetPx = surePixels(doubt, usual) / doubt.outlinePx;
            if (doubt.kind == DoubtKind::Outline)
                offsets[doubt.given].push_back(doubt.offsetPx);
        }
    std::map<int, double> usualPx;
    for (auto &[id, values] : offsets)
        usualPx[id] = std::max(kLeastUsualPx, median(std::move(values)));
    const auto byScore = [](const auto &a, const auto &b) { return a.score > b.score; };
    for (auto &image : images) {
        for (auto &doubt : image.doubts) {
            const auto found = usualPx.find(doubt.kind == DoubtKind::Missing ? doubt.seen : doubt.given);
            doubt.score = doubt.offsetPx / (found == usualPx.end() ? 1.0 : found->second);
        }
        std::stable_sort(image.doubts.begin(), image.doubts.end(), byScore);
        image.score = image.doubts.empty() ? 0 : image.doubts.front().score;
    }
    std::stable_sort(images.begin(), images.end(), byScore);
}

std::vector<ImageDoubts> rateClasses(const std::vector<ImageClass> &images, int classes)
{
    const auto count = static_cast<std::size_t>(classes);
    std::vector<double> usual(count), labelled(count);
    for (const auto &image : images) {
        const auto given = static_cast<std::size_t>(image.truth);
        usual[given] += image.probabilities[given];
        ++labelled[given];
    }
    for (std::size_t id = 0; id < count; ++id)
        usual[id] = labelled[id] > 0 ? usual[id] / labelled[id] : 1;
    std::vector<ImageDoubts> out;
    for (const auto &image : images) {
        const auto given = static_cast<std::size_t>(image.truth);
        std::size_t seen = given == 0 ? count - 1 : 0;
        const auto over = [&](std::size_t id) { return image.probabilities[id] - usual[id]; };
        for (std::size_t id = 0; id < count; ++id)
            if (id != given && over(id) > over(seen))
                seen = id;
        const double score = count > 1 ? std::max(0.0, over(seen) - over(given)) : 0;
        ImageDoubts one{.item = image.item, .score = score};
        if (score > 0)
            one.doubts.push_back(
                {.kind = DoubtKind::Class, .given = image.truth, .seen = static_cast<int>(seen), .score = score});
        out.push_back(std::move(one));
    }
    std::ranges::stable_sort(out, std::greater(), &ImageDoubts::score);
    return out;
}

void addTrainingLosses(std::vector<ImageDoubts> &images, const Dataset &dataset, const std::vector<SampleLoss> &losses)
{
    std::map<std::string, double> lossOf;
    for (const auto &sample : losses)
        lossOf[sample.image] = sample.loss;
    std::vector<double> scores, outlines;
    for (const auto &image : images) {
        scores.push_back(image.score); // they are in order
        outlines.push_back(labelledOutline(image));
    }
    // Where nothing is labelled an outline still has a length, or nothing would be less than a little.
    const double least = std::max(1.0, outlines.empty() ? 0.0 : median(outlines) / 8);
    std::vector<std::pair<double, std::size_t>> learnt; // loss for each pixel of outline, place in images
    for (std::size_t i = 0; i < images.size(); ++i)
        if (const auto found = lossOf.find(dataset.items[images[i].item].image); found != lossOf.end())
            learnt.emplace_back(found->second / (outlines[i] + least), i);
    if (learnt.empty())
        return;
    std::ranges::stable_sort(learnt, std::greater(), &std::pair<double, std::size_t>::first);
    const double usual = learnt[learnt.size() / 2].first;
    for (std::size_t rank = 0; rank < learnt.size(); ++rank) {
        const auto &[loss, i] = learnt[rank];
        images[i].lossRatio = usual > 0 ? loss / usual : 1;
        if (loss > usual)
            images[i].score = std::max(images[i].score, scores[rank]);
    }
    std::ranges::stable_sort(images, std::greater(), &ImageDoubts::score);
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

namespace {

std::string folderOf(const Predictor &predictor)
{
    return std::filesystem::path(predictor.checkpointPath()).parent_path().string();
}

/// The mirrorings (cv::flip's codes) that a run's network was trained to see alike.
std::vector<int> mirroringsOf(const std::string &runFolder)
{
    const auto run = readRun(runFolder);
    if (!run)
        return {}; // a checkpoint that stands alone
    const auto &flips = run->options.augmentation;
    std::vector<int> codes;
    if (flips.flipHorizontal)
        codes.push_back(1);
    if (flips.flipVertical)
        codes.push_back(0);
    if (codes.size() == 2)
        codes.push_back(-1);
    return codes;
}

/// The mean of what is seen in the image and in its mirrorings, so that what only one of them makes the network see
/// counts less.
Result<Prediction> seenFromAllSides(Predictor &predictor, const cv::Mat &image, const std::vector<int> &mirrorings)
{
    auto sum = predictor.predict(image, PredictionDetail::Probabilities);
    if (!sum || mirrorings.empty() || !sum->layers.empty())
        return sum;
    for (const int code : mirrorings) {
        cv::Mat mirrored;
        cv::flip(image, mirrored, code);
        const auto seen = predictor.predict(mirrored, PredictionDetail::Probabilities);
        if (!seen)
            return seen.error();
        for (std::size_t id = 0; id < sum->probabilities.size(); ++id) {
            cv::flip(seen->probabilities[id], mirrored, code);
            sum->probabilities[id] += cv::Mat1f(mirrored);
        }
    }
    sum->confidence.setTo(0);
    sum->labels.setTo(0);
    for (std::size_t id = 0; id < sum->probabilities.size(); ++id) {
        auto &plane = sum->probabilities[id];
        plane /= static_cast<float>(mirrorings.size() + 1);
        const cv::Mat1b more(plane > sum->confidence);
        plane.copyTo(sum->confidence, more);
        sum->labels.setTo(static_cast<double>(id), more);
    }
    return sum;
}

/// Looks through images and gathers what is doubted.
class DoubtSearch {
public:
    explicit DoubtSearch(const Dataset &dataset) : m_dataset(dataset) {}

    /// Errors are those of the device; an image that cannot be read is skipped.
    Result<void> look(Predictor &predictor, const std::vector<std::size_t> &items, std::stop_token stop,
                      const std::function<void()> &done)
    {
        if (m_out.labels.isEmpty()) {
            m_out.labels = predictor.labels();
            m_usual = UsualConfidence(m_out.labels.size());
        }
        const auto mirrorings = mirroringsOf(folderOf(predictor));
        for (const std::size_t item : items) {
            if (stop.stop_requested())
                return {};
            const auto looked =
                predictor.isOfImages() ? lookAtClass(predictor, item) : lookAtMask(predictor, item, mirrorings);
            if (!looked && (looked.error().code == ErrorCode::Device || looked.error().code == ErrorCode::Memory))
                return looked.error();
            if (!looked)
                m_out.skipped.push_back({m_dataset.items[item].image, looked.error().message});
            done();
        }
        return {};
    }

    Result<LabelErrors> errors(const std::string &runFolder)
    {
        if (m_out.images.empty() && m_classes.empty() && !m_out.skipped.empty())
            return Error{ErrorCode::Data, "no label could be looked at, the first: " + m_out.skipped.front().message,
                         m_out.skipped.front().file};
        if (m_classes.empty())
            rateDoubts(m_out.images, m_usual);
        else
            m_out.images = rateClasses(m_classes, m_out.labels.size());
        if (const auto losses = alwaysHighLosses(runFolder)) // none of a checkpoint that stands alone
            addTrainingLosses(m_out.images, m_dataset, *losses);
        return std::move(m_out);
    }

private:
    Result<void> lookAtMask(Predictor &predictor, std::size_t at, const std::vector<int> &mirrorings)
    {
        const auto &item = m_dataset.items[at];
        const auto image = readImage(m_dataset.absolute(item.image));
        if (!image)
            return image.error();
        const auto ids = readLabelMap(m_dataset, item);
        if (!ids)
            return ids.error();
        if (ids->size() != image->size())
            return Error{ErrorCode::Data, item.image + ": its annotation has another size than the image", item.image};
        const auto prediction = seenFromAllSides(predictor, *image, mirrorings);
        if (!prediction)
            return prediction.error();
        const auto truth = mapToLabels(*ids, m_dataset.labels, predictor.labels());
        m_usual.add(*prediction, truth);
        m_out.images.push_back({.item = at, .doubts = labelDoubts(*prediction, truth, predictor.labels())});
        return {};
    }

    Result<void> lookAtClass(Predictor &predictor, std::size_t at)
    {
        auto of = evaluateClasses(predictor, m_dataset, {at}, {});
        if (!of)
            return of.error();
        std::ranges::move(of->images, std::back_inserter(m_classes));
        std::ranges::move(of->skipped, std::back_inserter(m_out.skipped));
        return {};
    }

    const Dataset &m_dataset;
    LabelErrors m_out;
    UsualConfidence m_usual{0};
    std::vector<ImageClass> m_classes;
};

} // namespace

Result<LabelErrors> findLabelErrors(Predictor &predictor, const Dataset &dataset, const std::vector<std::size_t> &items,
                                    std::stop_token stop, const Progress &progress)
try {
    DoubtSearch search(dataset);
    std::size_t count = 0;
    const auto done = [&] {
        if (progress)
            progress(++count, items.size());
    };
    if (auto looked = search.look(predictor, items, stop, done); !looked)
        return looked.error();
    return search.errors(folderOf(predictor));
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, std::string("looking for label errors failed: ") + e.what()};
}

Result<LabelErrors> findLabelErrors(const std::vector<Fold> &folds, const std::string &runFolder,
                                    const ModelList &models, const std::string &device, const Dataset &dataset,
                                    std::stop_token stop, const Progress &progress)
try {
    DoubtSearch search(dataset);
    std::size_t count = 0, all = 0;
    for (const Fold &fold : folds)
        all += fold.items.size();
    const auto done = [&] {
        if (progress)
            progress(++count, all);
    };
    for (const Fold &fold : folds) {
        auto predictor = Predictor::load(fold.run, models, device);
        if (!predictor)
            return predictor.error();
        if (auto looked = search.look(*predictor, fold.items, stop, done); !looked)
            return looked.error();
    }
    return search.errors(runFolder);
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
        entry.set("loss_ratio", image.lossRatio);
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
