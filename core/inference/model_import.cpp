// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/model_import.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/inference/OnnxNetwork.h"
#include "core/runs/run_folder.h"
#include "core/training/ScriptModel.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr const char *kDescriptionFile = "model.json";
constexpr std::array<double, 3> kImageNetMean = {0.485, 0.456, 0.406}, kImageNetDeviation = {0.229, 0.224, 0.225};

using Infer = std::function<Result<Logits>(std::span<const float>, BatchShape)>;

/// What a channel is shifted and divided by.
struct Scaling {
    std::array<double, 3> mean{}, deviation{1, 1, 1};
};

Result<std::array<double, 3>> numbers(const std::string &text, const char *field)
{
    std::vector<double> values;
    for (const auto &part : splitText(text, ',')) {
        const auto word = trimmed(part);
        double value = 0;
        const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (code != std::errc() || end != word.data() + word.size() || !std::isfinite(value))
            return Error{ErrorCode::Option, std::string(field) + ": '" + word + "' is no number", field};
        values.push_back(value);
    }
    if (values.size() == 1)
        values.resize(3, values[0]);
    if (values.size() != 3)
        return Error{ErrorCode::Option,
                     std::string(field) + ": one number is needed, or one for each of three channels", field};
    return std::array{values[0], values[1], values[2]};
}

Result<Scaling> scalingOf(const ModelDescription &description)
{
    Scaling out;
    if (description.range == "0..255")
        out.deviation.fill(1.0 / 255);
    else if (description.range == "-1..1")
        out = {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}};
    else if (description.range == "imagenet")
        out = {kImageNetMean, kImageNetDeviation};
    else if (description.range == "own") {
        const auto mean = numbers(description.mean, "mean"), deviation = numbers(description.deviation, "deviation");
        if (!mean)
            return mean.error();
        if (!deviation)
            return deviation.error();
        if (std::ranges::any_of(*deviation, [](double value) { return value <= 0; }))
            return Error{ErrorCode::Option, "deviation: must be above 0", "deviation"};
        out = {*mean, *deviation};
    }
    return out;
}

std::vector<float> scaled(std::span<const float> images, const BatchShape &shape, const Scaling &scaling, bool isBgr)
{
    std::vector<float> out(images.size());
    const auto plane = static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width);
    const auto planes = static_cast<std::size_t>(shape.channels);
    for (std::size_t i = 0; i < images.size() / plane; ++i) {
        const auto channel = i % planes;
        const auto target = isBgr && planes == 3 ? i - channel + (planes - 1 - channel) : i;
        const auto mean = static_cast<float>(scaling.mean[channel]);
        const auto factor = static_cast<float>(1 / scaling.deviation[channel]);
        std::transform(images.begin() + static_cast<std::ptrdiff_t>(i * plane),
                       images.begin() + static_cast<std::ptrdiff_t>((i + 1) * plane),
                       out.begin() + static_cast<std::ptrdiff_t>(target * plane),
                       [=](float value) { return (value - mean) * factor; });
    }
    return out;
}

/// Probabilities as the logits whose softmax, or sigmoid, they are.
void fromProbabilities(Logits &logits, bool isSigmoid)
{
    constexpr float kLeast = 1e-7f;
    for (float &value : logits.values) {
        value = std::clamp(value, kLeast, 1 - kLeast);
        value = isSigmoid ? std::log(value / (1 - value)) : std::log(value);
    }
}

/// Logits of another size than the network's input, brought to it.
void enlarge(Logits &logits, Size size)
{
    auto &shape = logits.shape;
    if (shape.height == size.height && shape.width == size.width)
        return;
    Logits out{{shape.count, shape.channels, size.height, size.width}, {}};
    out.values.resize(out.shape.elements());
    for (int k = 0; k < shape.count * shape.channels; ++k) {
        const cv::Mat1f from(shape.height, shape.width,
                             logits.values.data() + std::ptrdiff_t{k} * shape.height * shape.width);
        cv::Mat1f to(size.height, size.width, out.values.data() + std::ptrdiff_t{k} * size.height * size.width);
        cv::resize(from, to, to.size(), 0, 0, cv::INTER_LINEAR);
    }
    logits = std::move(out);
}

LabelSet labelsOf(const ModelDescription &description)
{
    const bool isOfImages = description.task == taskName(Task::Classification);
    LabelSet labels;
    for (const auto &part :
         splitText(description.classes, description.classes.find(';') != std::string::npos ? ';' : ','))
        if (auto name = trimmed(part); !name.empty()) {
            const bool isBackground = labels.isEmpty() && !isOfImages && toLowerAscii(name) == "background";
            labels.add(isBackground ? std::string(kBackgroundName) : name);
        }
    return labels;
}

/// How the model's outputs are counted, from one run of it on grey.
Result<LossSpec> lossOf(const std::string &file, const ModelDescription &description, const LabelSet &labels,
                        const Logits &said)
{
    LossSpec loss;
    loss.multiLabel = description.overlapping;
    const int outputs = said.shape.channels;
    const int wanted = labels.size() - (description.overlapping ? 1 : 0);
    const bool isBinary = outputs == 1 && labels.size() == 2;
    loss.name = description.overlapping || isBinary ? "bce" : "ce";
    if (outputs != wanted && !isBinary)
        return Error{ErrorCode::Data,
                     file + ": gives " + std::to_string(outputs) + " channels, and " + std::to_string(labels.size())
                         + " classes are named" + (description.overlapping ? ", the background among them" : ""),
                     "classes"};
    const bool isOfImages = description.task == taskName(Task::Classification);
    if (isOfImages != (said.shape.height == 1 && said.shape.width == 1))
        return Error{ErrorCode::Data,
                     file + ": gives " + std::to_string(said.shape.width) + "x" + std::to_string(said.shape.height)
                         + " values a class, which is no " + description.task,
                     "task"};
    return loss;
}

Result<Infer> inferring(const std::string &file, const std::string &device)
{
    if (file.ends_with(".onnx")) {
        auto network = OnnxNetwork::load(file);
        if (!network)
            return network.error();
        return Infer([network = std::move(*network)](std::span<const float> images, BatchShape shape) mutable {
            return network.infer(images, shape);
        });
    }
    auto program = ScriptModel::load(file, device);
    if (!program)
        return program.error();
    return Infer([program = std::move(*program)](std::span<const float> images, BatchShape shape) mutable {
        return program.infer(images, shape);
    });
}

Result<ImportedModel> prepared(const std::string &file, const ModelDescription &description, const std::string &device)
{
    ImportedModel out;
    out.description = description;
    out.labels = labelsOf(description);
    if (out.labels.size() < 2)
        return Error{ErrorCode::Option, "classes: at least two names are needed, in the order of the model's outputs",
                     "classes"};
    const auto size = parseSize(description.size);
    if (!size)
        return size.error();
    out.size = *size;
    const auto scaling = scalingOf(description);
    if (!scaling)
        return scaling.error();
    auto run = inferring(file, device);
    if (!run)
        return run.error();
    const bool isOfImages = description.task == taskName(Task::Classification), isBgr = description.channels == "bgr";
    const BatchShape shape{1, description.grey ? 1 : 3, size->height, size->width};
    const auto said = (*run)(scaled(std::vector<float>(shape.elements(), 0.5f), shape, *scaling, isBgr), shape);
    if (!said)
        return said.error();
    const auto loss = lossOf(file, description, out.labels, *said);
    if (!loss)
        return loss.error();
    out.loss = *loss;
    const bool isSigmoid = loss->name == "bce", isOfProbabilities = description.output == "probabilities";
    out.infer = [=, run = std::move(*run), scaling = *scaling](std::span<const float> images,
                                                               BatchShape given) -> Result<Logits> {
        auto logits = run(scaled(images, given, scaling, isBgr), given);
        if (!logits)
            return logits;
        if (isOfProbabilities)
            fromProbabilities(*logits, isSigmoid);
        if (!isOfImages)
            enlarge(*logits, {given.width, given.height});
        return logits;
    };
    return out;
}

std::string namesText(const Json &names)
{
    std::vector<std::string> all;
    bool hasComma = false;
    for (const auto &name : names.items()) {
        all.push_back(name.toString());
        hasComma = hasComma || all.back().find(',') != std::string::npos;
    }
    return joinText(all, hasComma ? "; " : ", ");
}

} // namespace

const OptionTable<ModelDescription> &modelDescriptionTable()
{
    using D = ModelDescription;
    static const auto table = [] {
        OptionTable<D> t;
        t.add({.key = "task",
               .label = "Task",
               .help = "segmentation: a class of each pixel; classification: one of the whole image.",
               .group = "Outputs",
               .type = OptionType::Choice,
               .choices = {"segmentation", "classification"}},
              &D::task)
            .add({.key = "classes",
                  .label = "Classes",
                  .help = "Their names in the order of the outputs, with commas between: background, person.",
                  .group = "Outputs"},
                 &D::classes)
            .add({.key = "output",
                  .label = "Values",
                  .help = "What it gives: logits, or probabilities (after softmax or sigmoid).",
                  .group = "Outputs",
                  .type = OptionType::Choice,
                  .choices = {"logits", "probabilities"}},
                 &D::output)
            .add({.key = "overlapping",
                  .label = "Classes may overlap",
                  .help = "An output for each class but the first, the background, each by its own sigmoid.",
                  .group = "Outputs",
                  .type = OptionType::Bool,
                  .advanced = true},
                 &D::overlapping)
            .add({.key = "size",
                  .label = "Input size",
                  .help = "What an image is scaled to: 256, or 256x192 (width x height).",
                  .group = "Input",
                  .unit = "px"},
                 &D::size)
            .add({.key = "range",
                  .label = "Normalisation",
                  .help =
                      "The range of its input; imagenet: by ImageNet's mean and standard deviation; own: by the two "
                      "below.",
                  .group = "Input",
                  .type = OptionType::Choice,
                  .choices = {"0..1", "0..255", "-1..1", "imagenet", "own"}},
                 &D::range)
            .add({.key = "mean",
                  .label = "Mean",
                  .help = "Of range own, where 1 is white: one number, or one for each of red, green and blue.",
                  .group = "Input",
                  .advanced = true},
                 &D::mean)
            .add({.key = "deviation",
                  .label = "Standard deviation",
                  .help = "Of range own, as the mean.",
                  .group = "Input",
                  .advanced = true},
                 &D::deviation)
            .add({.key = "grey",
                  .label = "Grey",
                  .help = "It takes one channel.",
                  .group = "Input",
                  .type = OptionType::Bool,
                  .advanced = true},
                 &D::grey)
            .add({.key = "channels",
                  .label = "Order of channels",
                  .help = "rgb, or bgr as OpenCV reads images.",
                  .group = "Input",
                  .type = OptionType::Choice,
                  .choices = {"rgb", "bgr"},
                  .advanced = true},
                 &D::channels)
            .add({.key = "tiles",
                  .label = "Tiles",
                  .help = "It sees windows of that size at the image's own scale, rather than the image scaled to it.",
                  .group = "Input",
                  .type = OptionType::Bool,
                  .advanced = true},
                 &D::tiles);
        return t;
    }();
    return table;
}

bool isModelFile(const std::string &file)
{
    return std::ranges::any_of(std::array{".onnx", ".pt", ".torchscript"},
                               [&](const char *suffix) { return toLowerAscii(file).ends_with(suffix); });
}

std::optional<ModelDescription> describedInside(const std::string &file)
{
    const auto facts = modelFileFacts(file);
    if (!facts)
        return {};
    ModelDescription out;
    out.task = (*facts)["task"].toString() == taskName(Task::Classification) ? "classification" : "segmentation";
    out.classes = namesText((*facts)["classes"]);
    out.size = std::to_string((*facts)["width"].toInt()) + "x" + std::to_string((*facts)["height"].toInt());
    out.grey = (*facts)["channels"].toInt() == 1;
    out.overlapping = (*facts)["multi_label"].toBool();
    out.tiles = (*facts)["tiles"].toBool();
    return out;
}

Result<ImportedModel> loadImported(const std::string &file, const std::string &device)
{
    const auto beside = fs::path(file).replace_filename(kDescriptionFile).string();
    std::error_code ignored;
    ModelDescription description;
    if (fs::path(file).stem() == "model" && fs::exists(beside, ignored)) {
        const auto kept = readJsonFile(beside);
        if (!kept)
            return kept.error();
        if (auto applied = modelDescriptionTable().apply(*kept, description); !applied)
            return Error{ErrorCode::Format, beside + ": " + applied.error().message, beside};
    } else if (auto inside = describedInside(file)) {
        description = std::move(*inside);
    } else {
        return Error{ErrorCode::Data,
                     file
                         + ": does not say what it takes and gives; masque import, or Import Model in Train, asks once "
                           "and keeps it",
                     file};
    }
    return prepared(file, description, device);
}

Result<RunInfo> importModel(const ImportRequest &request)
try {
    if (!isModelFile(request.file))
        return Error{ErrorCode::Unsupported, request.file + ": is no model file (.pt, .torchscript, .onnx)", "file"};
    const auto model = prepared(request.file, request.description, "cpu");
    if (!model)
        return model.error();
    const bool isOnnx = request.file.ends_with(".onnx");
    RunInfo run;
    run.name = request.name.empty() ? fs::path(request.file).stem().string() : request.name;
    run.datasetRoot = request.dataset.root;
    run.datasetFormat = request.dataset.format;
    run.device = "cpu";
    run.started = timeStamp();
    run.state = kImported;
    run.parent = request.file;
    run.initReport = "imported from " + request.file;
    run.labels = model->labels;
    auto &made = run.options.data;
    made.model = isOnnx ? "onnx" : "torchscript";
    made.task = request.description.task;
    made.size = request.description.size;
    made.grey = request.description.grey;
    made.tiles = request.description.tiles;
    run.folder = newRunFolder(run.datasetRoot, made.model);
    SplitIndices split;
    for (std::size_t i = 0; i < request.dataset.items.size(); ++i)
        split.val.push_back(i);
    if (auto folder = makeFolder(run.folder); !folder)
        return folder.error();
    const auto file = run.folder + (isOnnx ? "/model.onnx" : "/model.pt");
    std::error_code failed;
    if (!fs::copy_file(request.file, file, failed))
        return Error{ErrorCode::Io, file + ": cannot be written: " + failed.message(), file};
    const auto description = modelDescriptionTable().toJson(request.description).dump(2);
    if (auto kept = writeFileAtomically(run.folder + "/" + kDescriptionFile, description); !kept)
        return kept.error();
    if (auto written = writeRunStart(run, request.dataset, split, {}); !written)
        return written.error();
    return run;
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, request.file + ": importing failed: " + e.what(), request.file};
}

} // namespace masque
