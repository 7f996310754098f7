// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/Predictor.h"

#include "core/base/files.h"
#include "core/datasets/Augmentation.h"
#include "core/inference/model_import.h"
#include "core/inference/tiling.h"
#include "core/runs/SampleLoader.h"
#include "core/runs/run.h"
#include "core/runs/run_folder.h"
#include "core/training/Checkpoint.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>

namespace masque {

namespace {

/// The logits of one image, over their memory.
std::vector<cv::Mat1f> channelPlanes(Logits &logits)
{
    const auto &shape = logits.shape;
    std::vector<cv::Mat1f> planes;
    const auto plane = static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width);
    for (int c = 0; c < shape.channels; ++c)
        planes.emplace_back(shape.height, shape.width, logits.values.data() + static_cast<std::size_t>(c) * plane);
    return planes;
}

/// One plane a class; a single logit z is the pair (0, z), whose softmax is sigmoid(z).
std::vector<cv::Mat1f> classPlanes(Logits &logits)
{
    auto planes = channelPlanes(logits);
    if (planes.size() == 1)
        planes.insert(planes.begin(), cv::Mat1f(logits.shape.height, logits.shape.width, 0.f));
    return planes;
}

auto inferring(std::shared_ptr<Network> network, std::string device)
{
    return [network = std::move(network), device = std::move(device)](std::span<const float> images, BatchShape shape) {
        return infer(*network, images, shape, device);
    };
}

} // namespace

Result<Predictor> Predictor::load(const std::string &path, const ModelList &models, const std::string &device)
{
    const auto found = checkpointOf(path);
    if (!found)
        return found.error();
    const std::string &file = *found;
    const auto resolved = resolveDevice(device);
    if (!resolved)
        return resolved.error();
    if (isModelFile(file)) {
        auto model = loadImported(file, *resolved);
        if (!model)
            return model.error();
        Predictor out;
        out.m_infer = std::move(model->infer);
        out.m_path = file;
        out.m_labels = std::move(model->labels);
        out.m_loss = model->loss;
        out.m_size = model->size;
        out.m_channels = model->description.grey ? 1 : 3;
        out.m_isTiled = model->description.tiles;
        out.m_isOfImages = model->description.task == taskName(Task::Classification);
        out.m_mostAtOnce = 1; // a trace may know no other number
        return out;
    }
    auto checkpoint = loadCheckpoint(file, models);
    if (!checkpoint)
        return checkpoint.error();

    Predictor out;
    out.m_infer = inferring(std::move(checkpoint->network), *resolved);
    out.m_path = file;
    out.m_epoch = checkpoint->epoch;
    out.m_channels = checkpoint->spec.inputChannels;
    const auto &info = checkpoint->runInfo;
    out.m_labels = labelsFromJson(info["classes"]);
    out.m_loss = LossSpec::fromJson(info["loss"]);
    out.m_size = {static_cast<int>(info["width"].toInt()), static_cast<int>(info["height"].toInt())};
    out.m_isTiled = info["tiles"].toBool();
    out.m_isOfImages = info["task"].toString() == taskName(Task::Classification);
    if (const auto kept = readJsonFile(std::filesystem::path(file).replace_filename(kTemperatureFile).string());
        kept && (*kept)["epoch"].toInt() == out.m_epoch)
        out.m_temperature = std::clamp((*kept)["temperature"].toDouble(1), 0.05, 20.0);
    if (out.m_channels != 1 && out.m_channels != 3)
        return Error{ErrorCode::Unsupported,
                     file + ": its network takes " + std::to_string(out.m_channels)
                         + " channels; images have three, or one in grey",
                     file};
    const int classes =
        out.m_loss.multiLabel ? checkpoint->spec.outputChannels + 1 : std::max(2, checkpoint->spec.outputChannels);
    if (out.m_labels.size() != classes || out.m_size.width < 1 || out.m_size.height < 1 || out.m_size.width > 8192
        || out.m_size.height > 8192)
        return Error{ErrorCode::Format, file + ": its classes or input size are missing or do not fit its network",
                     file};
    return out;
}

Predictor Predictor::of(std::shared_ptr<Network> network, const RunInfo &run, Size size, int epoch)
{
    Predictor out;
    out.m_infer = inferring(std::move(network), run.device);
    out.m_labels = run.labels;
    out.m_loss = LossSpec::of(run.options.training, {});
    out.m_size = size;
    out.m_channels = run.options.data.grey ? 1 : 3;
    out.m_isTiled = run.options.data.tiles;
    out.m_epoch = epoch;
    return out;
}

int Predictor::batchSize() const
{
    constexpr int kPixels = 1 << 17; // measured: from 192x192 on more images at once gain nothing
    return std::clamp(kPixels / (m_size.width * m_size.height), 1, m_mostAtOnce);
}

Result<std::vector<Logits>> Predictor::logitsOfInputs(std::span<const cv::Mat> inputs)
{
    std::vector<Logits> out;
    while (!inputs.empty()) {
        const auto now = inputs.first(std::min(inputs.size(), static_cast<std::size_t>(batchSize())));
        inputs = inputs.subspan(now.size());
        BatchShape shape{1, m_channels, m_size.height, m_size.width};
        const auto each = shape.elements();
        shape.count = static_cast<int>(now.size());
        std::vector<float> planar(shape.elements());
        for (std::size_t i = 0; i < now.size(); ++i)
            planarFromImage(now[i], std::span(planar).subspan(i * each, each));
        auto batch = m_infer(planar, shape);
        if (!batch)
            return batch.error();
        if (now.size() == 1) {
            out.push_back(std::move(*batch));
            continue;
        }
        auto one = batch->shape;
        one.count = 1;
        for (auto at = batch->values.begin(); at != batch->values.end();) {
            const auto end = at + static_cast<std::ptrdiff_t>(one.elements());
            out.push_back({one, {at, end}});
            at = end;
        }
    }
    return out;
}

Result<std::vector<Logits>> Predictor::logits(std::span<const cv::Mat> images)
{
    try {
        std::vector<Logits> out;
        if (m_isTiled) {
            for (const auto &image : images) {
                auto blended = blendTiles(image, m_size,
                                          [this](std::span<const cv::Mat> windows) { return logitsOfInputs(windows); });
                if (!blended)
                    return blended.error();
                out.push_back(std::move(*blended));
            }
            return out;
        }
        std::vector<cv::Mat> scaled(images.size());
        cv::Mat1b none;
        for (std::size_t i = 0; i < images.size(); ++i)
            resizeSample(images[i], {}, m_size, scaled[i], none);
        return logitsOfInputs(scaled);
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, std::string("prediction failed: ") + e.what()};
    }
}

Result<Logits> Predictor::logits(const cv::Mat &image)
{
    auto all = logits(std::span(&image, 1));
    return all ? Result<Logits>(std::move(all->front())) : all.error();
}

Result<Prediction> Predictor::predict(const cv::Mat &image, PredictionDetail detail)
{
    auto values = logits(image);
    if (!values)
        return values.error();
    return prediction(*values, {image.cols, image.rows}, detail);
}

Result<Prediction> Predictor::prediction(Logits &logits, Size size, PredictionDetail detail) const
{
    if (m_isOfImages)
        return Error{ErrorCode::Unsupported, m_path + ": this run says a class of the whole image and makes no masks",
                     m_path};
    return m_loss.multiLabel ? overlappingFromLogits(logits, size, detail) : predictionFromLogits(logits, size, detail);
}

Result<Prediction> overlappingFromLogits(Logits &logits, Size size, PredictionDetail detail)
try {
    Prediction out;
    out.labels = cv::Mat1b::zeros(size.height, size.width);
    cv::Mat1f none(size.height, size.width, 1.f), best(size.height, size.width, 0.f);
    if (detail == PredictionDetail::Probabilities)
        out.probabilities.push_back(none); // shares its pixels
    for (const auto &plane : channelPlanes(logits)) {
        cv::Mat1f p;
        cv::resize(-plane, p, {size.width, size.height}, 0, 0, cv::INTER_LINEAR);
        cv::exp(p, p);
        cv::divide(1.0, p + 1, p);
        const cv::Mat1b layer(p >= 0.5), wins(layer & (p > best));
        out.layers.push_back(layer);
        out.labels.setTo(static_cast<double>(out.layers.size()), wins);
        p.copyTo(best, wins);
        cv::multiply(none, 1 - p, none);
        if (detail == PredictionDetail::Probabilities)
            out.probabilities.push_back(p);
    }
    none.copyTo(out.confidence);
    best.copyTo(out.confidence, out.labels != 0);
    return out;
} catch (const std::exception &e) {
    return Error{ErrorCode::Memory, std::string("prediction failed: ") + e.what()};
}

Result<Prediction> predictionFromLogits(Logits &logits, Size size, PredictionDetail detail)
{
    try {
        Prediction out;
        out.labels = cv::Mat1b::zeros(size.height, size.width);
        const auto planes = classPlanes(logits);
        cv::Mat best;
        cv::Mat1f sum(size.height, size.width, 0.f);
        std::vector<cv::Mat1f> scaled(planes.size());
        for (std::size_t c = 0; c < planes.size(); ++c) {
            cv::resize(planes[c], scaled[c], {size.width, size.height}, 0, 0, cv::INTER_LINEAR);
            if (c == 0) {
                best = scaled[c].clone();
            } else {
                out.labels.setTo(static_cast<double>(c), scaled[c] > best);
                cv::max(best, scaled[c], best);
            }
        }
        for (auto &plane : scaled) { // softmax, with the greatest logit taken off first
            plane -= best;
            cv::exp(plane, plane);
            sum += plane;
        }
        cv::divide(1.0, sum, out.confidence);
        if (detail == PredictionDetail::Probabilities)
            for (auto &plane : scaled)
                cv::multiply(plane, out.confidence, out.probabilities.emplace_back());
        return out;
    } catch (const std::exception &e) {
        return Error{ErrorCode::Memory, std::string("prediction failed: ") + e.what()};
    }
}

} // namespace masque
