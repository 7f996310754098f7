// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/export_run.h"

#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/datasets/Augmentation.h"
#include "core/image/image_file.h"
#include "core/inference/OnnxNetwork.h"
#include "core/inference/classify.h"
#include "core/inference/evaluate.h"
#include "core/inference/model_card.h"
#include "core/runs/SampleLoader.h"
#include "core/runs/run_folder.h"
#include "core/training/Checkpoint.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr std::size_t kCompared = 4; ///< images
constexpr double kTolerance = 1e-3;

/// What is written into the file itself.
Json factsOf(const LoadedCheckpoint &checkpoint)
{
    const auto &info = checkpoint.runInfo;
    const auto loss = LossSpec::fromJson(info["loss"]);
    const bool isOfImages = info["task"].toString() == taskName(Task::Classification);
    Json facts = Json::object(), classes = Json::array();
    const LabelSet labels = labelsFromJson(info["classes"]);
    for (const auto &label : labels.classes())
        classes.push_back(label.name);
    facts.set("model", checkpoint.spec.model);
    facts.set("network", checkpoint.spec.toJson());
    facts.set("task", info["task"]);
    facts.set("classes", std::move(classes));
    facts.set("multi_label", loss.multiLabel);
    facts.set("channels", checkpoint.spec.inputChannels);
    facts.set("width", info["width"]);
    facts.set("height", info["height"]);
    facts.set("tiles", info["tiles"]);
    facts.set("normalisation",
              checkpoint.spec.options["input_norm"].toString() == "imagenet"
                  ? "by ImageNet's mean 0.485, 0.456, 0.406 and standard deviation 0.229, 0.224, 0.225"
                  : "each channel about the image's own mean, all by its own spread, which counts as 0.02 at least");
    std::string output = isOfImages ? "It gives logits [N, K, 1, 1]" : "It gives logits [N, K, H, W]";
    if (loss.multiLabel)
        output += ", one for each class but the background; a class is there where its sigmoid is 0.5 or more.";
    else if (checkpoint.spec.outputChannels == 1)
        output += " of one plane, K = 1: the second class is where it is above 0 (a sigmoid above 0.5).";
    else
        output += "; the class is the greatest, probabilities are their softmax.";
    facts.set("output", output);
    facts.set("stride", strideOf(*checkpoint.network));
    facts.set("epoch", checkpoint.epoch);
    return facts;
}

/// What of the run's images the network is compared on, at its own size; noise where none can be read.
std::vector<float> pixelsToCompare(const ExportRequest &request, const SplitIndices &split, Size size,
                                   BatchShape &shape, int &images)
{
    std::vector<float> pixels;
    const std::size_t each = BatchShape{1, shape.channels, shape.height, shape.width}.elements();
    for (const auto *items : {&split.val, &split.test, &split.train})
        for (const auto item : *items) {
            if (static_cast<std::size_t>(images) == kCompared)
                break;
            const auto image = readImage(request.dataset->absolute(request.dataset->items[item].image));
            if (!image)
                continue;
            cv::Mat scaled;
            cv::Mat1b none;
            resizeSample(*image, {}, size, scaled, none);
            pixels.resize(pixels.size() + each);
            planarFromImage(scaled, std::span(pixels).last(each));
            ++images;
        }
    if (images == 0) {
        Random random(1);
        pixels.resize(each);
        std::ranges::generate(pixels, [&] { return static_cast<float>(random.uniform()); });
    }
    shape.count = std::max(1, images);
    return pixels;
}

/// What OpenCV's own reader makes of an ONNX file.
Result<Logits> inferOnnx(const std::string &path, std::span<const float> images, BatchShape shape)
{
    auto network = OnnxNetwork::load(path);
    return network ? network->infer(images, shape) : network.error();
}

/// Of validation; nothing where it cannot be evaluated.
std::optional<ConfusionMatrix> validationConfusion(const ExportRequest &request, const std::string &checkpoint,
                                                   const ModelList &models, const std::vector<std::size_t> &items,
                                                   std::stop_token stop, const Progress &progress)
{
    if (items.empty())
        return {};
    auto predictor = Predictor::load(checkpoint, models);
    if (!predictor)
        return {};
    if (predictor->isOfImages()) {
        const auto of = evaluateClasses(*predictor, *request.dataset, items, "val", stop, progress);
        return of ? std::optional(of->confusion) : std::nullopt;
    }
    const auto of = evaluate(*predictor, *request.dataset, items, "val", stop, progress);
    return of ? std::optional(of->confusion) : std::nullopt;
}

Result<void> checkFree(const ExportRequest &request)
{
    std::error_code ignored;
    for (const auto &file : exportedFiles(request.file))
        if (!request.overwrite && fs::exists(file, ignored))
            return Error{ErrorCode::Io,
                         file + ": is there already; name another file, or allow that it is written over", file};
    return {};
}

} // namespace

std::vector<std::string> exportedFiles(const std::string &file)
{
    const auto stem = fs::path(file).replace_extension().string();
    return {file, stem + "_card.md", stem + "_example.py", stem + "_example.cpp"};
}

Result<ExportReport> exportRun(const ExportRequest &request, const ModelList &models, std::stop_token stop,
                               const Progress &progress)
try {
    if (auto free = checkFree(request); !free)
        return free.error();
    const auto path = checkpointOf(request.run);
    if (!path)
        return path.error();
    auto checkpoint = loadCheckpoint(*path, models);
    if (!checkpoint)
        return checkpoint.error();
    CardFacts card{.file = fs::path(request.file).filename().string(),
                   .kind = request.kind,
                   .model = factsOf(*checkpoint),
                   .parameters = parameterCount(*checkpoint->network)};
    SplitIndices split;
    if (const auto run = readRun(fs::path(*path).parent_path().string())) {
        card.run = *run;
        if (request.dataset)
            if (auto read = readRunSplit(run->folder, *request.dataset))
                split = std::move(*read);
        card.images = {split.train.size(), split.val.size(), split.test.size()};
    }
    card.confusion = validationConfusion(request, *path, models, split.val, stop, progress);
    if (stop.stop_requested())
        return Error{ErrorCode::Io, "interrupted", request.file};

    if (auto made = makeFolder(fs::absolute(request.file).parent_path().string()); !made)
        return made.error();
    const std::string draft = request.file + ".part";
    if (auto written = writeModelFile(*checkpoint, request.kind, card.model, draft); !written)
        return written.error();

    ExportReport report;
    const int step = request.kind == ModelFileKind::Onnx ? strideOf(*checkpoint->network) : 1;
    const auto rounded = [&](const char *side) {
        return (static_cast<int>(card.model[side].toInt()) + step - 1) / step * step;
    };
    const Size size{rounded("width"), rounded("height")};
    BatchShape shape{1, checkpoint->spec.inputChannels, size.height, size.width};
    const auto pixels = pixelsToCompare(request, split, size, shape, report.images);
    const auto wanted = infer(*checkpoint->network, pixels, shape, "cpu");
    if (!wanted)
        return wanted.error();
    const auto got = request.kind == ModelFileKind::Onnx
                         ? inferOnnx(draft, pixels, shape)
                         : inferModelFile(draft, request.kind, checkpoint->spec, models, pixels, shape);
    std::error_code ignored;
    if (!got) {
        fs::remove(draft, ignored);
        return Error{got.error().code, request.file + ": was written and cannot be read back: " + got.error().message,
                     request.file};
    }
    double most = 1;
    bool isAlike = wanted->values.size() == got->values.size();
    for (std::size_t i = 0; isAlike && i < wanted->values.size(); ++i) {
        const double far = std::abs(double{wanted->values[i]} - double{got->values[i]});
        isAlike = std::isfinite(far);
        report.difference = std::max(report.difference, far);
        most = std::max(most, std::abs(double{wanted->values[i]}));
    }
    report.tolerance = kTolerance * most;
    char difference[96];
    std::snprintf(difference, sizeof difference, "%.2g, where logits reach %.3g", report.difference, most);
    if (!isAlike || report.difference > report.tolerance) {
        fs::remove(draft, ignored);
        return Error{ErrorCode::Internal,
                     request.file
                         + ": was not written, since it would say something else than the studio: logits differ by "
                         + difference,
                     request.file};
    }
    fs::rename(draft, request.file);
    card.compared = "Read back and run on "
                    + (report.images > 0 ? std::to_string(report.images) + " images of the dataset" : "noise")
                    + ", the file's logits differ from the studio's by at most " + difference + ".";
    report.files = exportedFiles(request.file);
    const std::array texts = {modelCard(card), pythonExample(card), cppExample(card)};
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (auto written = writeFileAtomically(report.files[i + 1], texts[i]); !written)
            return written.error();
    return report;
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, request.file + ": writing the model failed: " + e.what(), request.file};
}

} // namespace masque
