// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/classify.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/datasets/emotions.h"
#include "core/image/image_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace masque {

namespace {

constexpr double kLeast = 1e-12; ///< of a probability whose logarithm is taken

/// Softmax of values / temperature.
std::vector<float> softmax(const std::vector<double> &values, double temperature)
{
    const double most = *std::ranges::max_element(values);
    std::vector<float> out;
    double sum = 0;
    for (const double value : values)
        sum += std::exp((value - most) / temperature);
    for (const double value : values)
        out.push_back(static_cast<float>(std::exp((value - most) / temperature) / sum));
    return out;
}

std::vector<float> tempered(const std::vector<float> &probabilities, double temperature)
{
    std::vector<double> logs;
    for (const float p : probabilities)
        logs.push_back(std::log(std::max<double>(p, kLeast)));
    return softmax(logs, temperature);
}

double meanLoss(const std::vector<ImageClass> &images)
{
    double sum = 0;
    for (const auto &image : images)
        sum += image.loss();
    return images.empty() ? 0 : sum / static_cast<double>(images.size());
}

} // namespace

std::vector<float> classProbabilities(const Predictor &predictor, const Logits &logits,
                                      std::optional<double> temperature)
{
    std::vector<double> values(logits.values.begin(), logits.values.end());
    if (values.size() == 1) // a binary task's second class
        values.insert(values.begin(), 0);
    else if (!predictor.loss().isSoftmax())
        for (double &value : values)
            value = -std::log1p(std::exp(-value)); // of a sigmoid; softmax brings them to a sum of 1
    return softmax(values, temperature.value_or(predictor.temperature()));
}

Result<std::vector<float>> classify(Predictor &predictor, const cv::Mat &image, std::optional<double> temperature)
{
    const auto logits = predictor.logits(image);
    if (!logits)
        return logits.error();
    return classProbabilities(predictor, *logits, temperature);
}

int ImageClass::said() const
{
    return static_cast<int>(std::ranges::max_element(probabilities) - probabilities.begin());
}

double ImageClass::confidence() const
{
    return *std::ranges::max_element(probabilities);
}

double ImageClass::loss() const
{
    return -std::log(std::max<double>(probabilities[static_cast<std::size_t>(truth)], kLeast));
}

double expectedCalibrationError(const std::vector<ImageClass> &images, int bins)
{
    std::vector<double> gaps(static_cast<std::size_t>(bins)); // sum of confidence - right in each
    for (const auto &image : images) {
        const double confidence = image.confidence();
        const auto bin = std::min(bins - 1, static_cast<int>(confidence * bins));
        gaps[static_cast<std::size_t>(bin)] += confidence - (image.isRight() ? 1 : 0);
    }
    double sum = 0;
    for (const double gap : gaps)
        sum += std::abs(gap);
    return images.empty() ? 0 : sum / static_cast<double>(images.size());
}

std::vector<ImageClass> atTemperature(std::vector<ImageClass> images, double temperature)
{
    for (auto &image : images)
        image.probabilities = tempered(image.probabilities, temperature);
    return images;
}

double fittedTemperature(const std::vector<ImageClass> &images)
{
    if (images.empty())
        return 1;
    // The mean cross-entropy is convex in 1 / temperature: golden section over the logarithm finds its one minimum.
    const double ratio = (std::sqrt(5.0) - 1) / 2;
    const auto lossAt = [&](double logarithm) { return meanLoss(atTemperature(images, std::exp(logarithm))); };
    double low = std::log(0.05), high = std::log(20.0);
    double a = high - ratio * (high - low), b = low + ratio * (high - low);
    double lossA = lossAt(a), lossB = lossAt(b);
    while (high - low > 1e-3) {
        if (lossA < lossB) {
            high = std::exchange(b, a);
            lossB = lossA;
            a = high - ratio * (high - low);
            lossA = lossAt(a);
        } else {
            low = std::exchange(a, b);
            lossA = lossB;
            b = low + ratio * (high - low);
            lossB = lossAt(b);
        }
    }
    return std::exp((low + high) / 2);
}

Result<double> keepTemperature(const Predictor &predictor, const ClassEvaluation &validation)
{
    if (validation.images.empty())
        return Error{ErrorCode::Data, predictor.checkpointPath() + ": no validation image to fit a temperature to",
                     predictor.checkpointPath()};
    const double temperature = fittedTemperature(validation.images);
    Json json = Json::object();
    json.set("epoch", predictor.epoch());
    json.set("temperature", temperature);
    json.set("images", static_cast<std::uint64_t>(validation.images.size()));
    json.set("ece", expectedCalibrationError(validation.images));
    json.set("ece_at_temperature", expectedCalibrationError(atTemperature(validation.images, temperature)));
    const auto file = std::filesystem::path(predictor.checkpointPath()).replace_filename(kTemperatureFile);
    if (auto written = writeFileAtomically(file.string(), json.dump(2) + "\n"); !written)
        return written.error();
    return temperature;
}

ClassEvaluation evaluationOf(std::vector<ImageClass> images, const LabelSet &labels, const std::string &split)
{
    ClassEvaluation out;
    out.split = split;
    out.labels = labels;
    out.confusion = ConfusionMatrix(labels.size());
    for (const auto &image : images) {
        const auto truth = static_cast<std::uint8_t>(image.truth), said = static_cast<std::uint8_t>(image.said());
        out.confusion.add({&truth, 1}, {&said, 1});
    }
    out.metrics = MetricValues::of(out.confusion, meanLoss(images), false);
    out.ece = expectedCalibrationError(images);
    out.images = std::move(images);
    return out;
}

Result<ClassEvaluation> evaluateClasses(Predictor &predictor, const Dataset &dataset,
                                        const std::vector<std::size_t> &items, const std::string &split,
                                        std::stop_token stop, const Progress &progress)
{
    std::vector<ImageClass> images;
    std::vector<Problem> skipped;
    for (std::size_t k = 0; k < items.size() && !stop.stop_requested(); ++k) {
        const auto &item = dataset.items[items[k]];
        const auto name = imageClass(dataset, item, predictor.labels());
        const auto truth = name ? predictor.labels().idOf(*name) : std::nullopt;
        const auto image = readImage(dataset.absolute(item.image));
        if (!truth || !image) {
            skipped.push_back({item.image, !name    ? name.error().message
                                           : !truth ? "its class '" + *name + "' is none of the run's"
                                                    : image.error().message});
        } else {
            auto probabilities = classify(predictor, *image, 1);
            if (!probabilities)
                return probabilities.error();
            images.push_back({items[k], *truth, std::move(*probabilities)});
        }
        if (progress)
            progress(k + 1, items.size());
    }
    auto out = evaluationOf(std::move(images), predictor.labels(), split);
    out.skipped = std::move(skipped);
    return out;
}

std::vector<std::size_t> ClassEvaluation::topMistakes(std::size_t most) const
{
    std::vector<std::size_t> wrong;
    for (std::size_t k = 0; k < images.size(); ++k)
        if (!images[k].isRight())
            wrong.push_back(k);
    std::ranges::stable_sort(wrong, [&](auto a, auto b) { return images[a].confidence() > images[b].confidence(); });
    wrong.resize(std::min(most, wrong.size()));
    return wrong;
}

Json ClassEvaluation::toJson(const Dataset &dataset) const
{
    Json json = Json::object();
    json.set("task", areEmotions(labels) ? "emotion" : "classification");
    json.set("split", split);
    json.set("images", static_cast<std::uint64_t>(images.size()));
    json.set("loss", metrics.loss);
    json.set("accuracy", metrics.pixelAccuracy);
    json.set("balanced_accuracy", metrics.balancedAccuracy);
    json.set("macro_f1", metrics.meanDice);
    json.set("ece", ece);
    Json classes = Json::array(), rows = Json::array(), worst = Json::array();
    for (int id = 0; id < labels.size(); ++id) {
        Json one = Json::object(), row = Json::array();
        one.set("name", labels[id].name);
        one.set("precision", confusion.precision(id));
        one.set("recall", confusion.recall(id));
        one.set("f1", confusion.dice(id));
        one.set("support", confusion.truthPixels(id));
        classes.push_back(std::move(one));
        for (int said = 0; said < labels.size(); ++said)
            row.push_back(confusion.at(id, said));
        rows.push_back(std::move(row));
    }
    constexpr std::size_t kListed = 20;
    for (const auto k : topMistakes(kListed)) {
        Json one = Json::object();
        one.set("file", dataset.items[images[k].item].image);
        one.set("truth", labels[images[k].truth].name);
        one.set("said", labels[images[k].said()].name);
        one.set("confidence", images[k].confidence());
        worst.push_back(std::move(one));
    }
    json.set("classes", std::move(classes));
    json.set("confusion", std::move(rows));
    json.set("worst", std::move(worst));
    return json;
}

} // namespace masque
