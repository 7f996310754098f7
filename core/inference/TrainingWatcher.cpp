// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/TrainingWatcher.h"

#include "core/annotations/rasterise.h"
#include "core/base/files.h"
#include "core/datasets/tiles.h"
#include "core/image/image_file.h"
#include "core/inference/Predictor.h"
#include "core/runs/SampleLoader.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr std::size_t kPinned = 4;
constexpr int kSidePx = 384, kKeptSidePx = 192;
constexpr int kKeptEpochs = 200;

std::string previewsOf(const std::string &runFolder)
{
    return runFolder + "/previews";
}

std::string epochText(int epoch)
{
    char text[16];
    std::snprintf(text, sizeof text, "%04d", epoch);
    return text;
}

/// RUN/previews/0003-1.png: the second pinned image after the third epoch.
std::string previewFile(const std::string &runFolder, int epoch, std::size_t pin)
{
    return previewsOf(runFolder) + "/" + epochText(epoch) + "-" + std::to_string(pin) + ".png";
}

cv::Mat1b reduced(const cv::Mat1b &ids)
{
    const double share = std::max(ids.cols, ids.rows) / static_cast<double>(kKeptSidePx);
    cv::Mat1b small = ids;
    if (share > 1)
        cv::resize(ids, small, {}, 1 / share, 1 / share, cv::INTER_NEAREST);
    return small;
}

} // namespace

TrainingWatcher::TrainingWatcher(Sink sink) : m_sink(std::move(sink)) {}

void TrainingWatcher::setCurrent(const std::string &name, const cv::Mat &image, Annotation annotation)
{
    auto shared = std::make_shared<const Annotation>(std::move(annotation));
    const std::lock_guard lock(m_mutex);
    m_current = {name, image, {}};
    m_annotation = std::move(shared);
}

void TrainingWatcher::begin(const Dataset &dataset, const RunInfo &run, const SplitIndices &split)
{
    m_run = run;
    m_isOfImages = dataset.task == Task::Classification;
    m_size = parseSize(run.options.data.size).value_or(Size{});
    m_pins = readPins(run, dataset, split);
    Json names = Json::array();
    for (const auto &pin : m_pins)
        names.push_back(pin.name);
    Json json = Json::object();
    json.set("images", std::move(names));
    if (makeFolder(previewsOf(run.folder)))
        (void)writeFileAtomically(previewsOf(run.folder) + "/images.json", json.dump(2)); // a picture less, no failure
}

void TrainingWatcher::look(const std::shared_ptr<Network> &network, const WatchMoment &moment)
try {
    auto predictor = Predictor::of(network, m_run, m_size, moment.epoch);
    WatchFrame frame{.moment = moment, .labels = m_run.labels};
    for (const auto &pin : m_pins) {
        auto prediction = predictor.predict(pin.image);
        frame.pinned.push_back({pin, prediction ? std::move(prediction->labels) : cv::Mat1b()});
    }
    frame.current = lookAtCurrent(predictor);
    frame.isKept = moment.isEpochEnd && keep(frame);
    if (m_sink)
        m_sink(std::move(frame));
} catch (const std::exception &) {
    // a look that fails must not end the training
}

std::optional<WatchedImage> TrainingWatcher::lookAtCurrent(Predictor &predictor)
{
    SmallSample sample;
    std::shared_ptr<const Annotation> annotation;
    {
        const std::lock_guard lock(m_mutex);
        sample = m_current;
        annotation = m_annotation;
    }
    if (sample.image.empty())
        return std::nullopt;
    if (!annotation->shapes.empty() && !m_isOfImages)
        sample.ids = labelMapOf(*annotation, m_run.labels, Size{sample.image.cols, sample.image.rows});
    if (m_run.options.data.tiles) {
        const Rect middle{(sample.image.cols - m_size.width) / 2, (sample.image.rows - m_size.height) / 2, m_size.width,
                          m_size.height};
        cutWindow(sample.image, sample.ids, middle, sample.image, sample.ids);
    } else if (const double share = std::max(sample.image.cols, sample.image.rows) / static_cast<double>(kSidePx);
               share > 1) {
        cv::resize(sample.image, sample.image, {}, 1 / share, 1 / share, cv::INTER_AREA);
        if (!sample.ids.empty())
            cv::resize(sample.ids, sample.ids, sample.image.size(), 0, 0, cv::INTER_NEAREST);
    }
    auto prediction = predictor.predict(sample.image);
    if (!prediction)
        return std::nullopt;
    return WatchedImage{std::move(sample), std::move(prediction->labels)};
}

bool TrainingWatcher::keep(const WatchFrame &frame) const
{
    const int every = (m_run.options.training.epochs + kKeptEpochs - 1) / kKeptEpochs;
    if (frame.moment.epoch % std::max(1, every) != 0)
        return false;
    const auto palette = m_run.labels.palette();
    for (std::size_t k = 0; k < frame.pinned.size(); ++k)
        if (const auto png = encodeIdPng(reduced(frame.pinned[k].labels), palette))
            if (!writeFileAtomically(previewFile(m_run.folder, frame.moment.epoch, k), *png))
                return false;
    return true;
}

std::vector<std::size_t> pinnedItems(const SplitIndices &split)
{
    const auto &from = split.val.empty() ? split.train : split.val;
    const std::size_t count = std::min(kPinned, from.size());
    std::vector<std::size_t> items;
    for (std::size_t k = 0; k < count; ++k)
        items.push_back(from[k * from.size() / count]);
    return items;
}

std::vector<SmallSample> readPins(const RunInfo &run, const Dataset &dataset, const SplitIndices &split)
{
    const auto window = run.options.data.tiles ? parseSize(run.options.data.size).value_or(Size{}) : Size{};
    std::vector<SmallSample> pins;
    for (const std::size_t i : pinnedItems(split)) {
        const auto &item = dataset.items[i];
        if (auto sample =
                window.isEmpty() ? readSmallSample(dataset, item, kSidePx) : readMiddle(dataset, item, window)) {
            sample->ids = sample->ids.empty() ? sample->ids : mapToLabels(sample->ids, dataset.labels, run.labels);
            pins.push_back(std::move(*sample));
        }
    }
    return pins;
}

std::vector<int> keptPreviews(const std::string &runFolder)
{
    std::vector<int> epochs;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(previewsOf(runFolder), error)) {
        int epoch = 0, pin = 0;
        if (std::sscanf(entry.path().filename().c_str(), "%d-%d.png", &epoch, &pin) == 2 && pin == 0)
            epochs.push_back(epoch);
    }
    std::sort(epochs.begin(), epochs.end());
    return epochs;
}

std::vector<cv::Mat1b> readPreviews(const std::string &runFolder, int epoch, const std::vector<std::string> &images)
{
    const auto json = readJsonFile(previewsOf(runFolder) + "/images.json");
    std::vector<cv::Mat1b> out(images.size());
    for (std::size_t k = 0; json && k < (*json)["images"].items().size(); ++k) {
        const auto found = std::find(images.begin(), images.end(), (*json)["images"].items()[k].toString());
        if (found == images.end())
            continue;
        if (const auto ids = readIdImage(previewFile(runFolder, epoch, k)); ids && ids->ids.type() == CV_8UC1)
            out[static_cast<std::size_t>(found - images.begin())] = ids->ids;
    }
    return out;
}

} // namespace masque
