// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/train_options.h"

#include "core/base/files.h"
#include "core/inference/classify.h"
#include "core/inference/evaluate.h"
#include "core/inference/outputs.h"
#include "core/runs/SampleLoader.h"
#include "core/runs/run.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <set>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr int kSheetRows = 12;

struct PredictOptions {
    std::string run, out, write = "mask,overlay", split = "all", style = "polygons", sheet, device = "auto",
                          probabilities = "png";
    double tolerancePx = 1;
    std::vector<std::string> paths;
    bool overwrite = false;
    OptionWords cutout; ///< of CutoutOptions
};

/// One image to predict: where it lies, where its outputs go, how its ground truth is found.
struct Input {
    std::shared_ptr<const Dataset> dataset;
    Item item;
};

Result<void> addFolder(const CommandContext &context, const std::string &path, const std::string &format,
                       std::vector<Input> &inputs)
{
    auto dataset = openDataset(path, context.registry.formats, format);
    if (!dataset)
        return dataset.error();
    const auto shared = std::make_shared<const Dataset>(std::move(*dataset));
    for (const auto &item : shared->items)
        inputs.push_back({shared, item});
    return {};
}

void addFile(const std::string &path, std::vector<Input> &inputs)
{
    std::error_code ignored;
    const auto full = fs::absolute(path, ignored);
    Dataset dataset;
    dataset.root = full.parent_path().string();
    Item item;
    item.image = full.filename().string();
    item.json = full.stem().string() + ".json";
    inputs.push_back({std::make_shared<const Dataset>(std::move(dataset)), std::move(item)});
}

Result<std::vector<Input>> listInputs(const CommandContext &context, const PredictOptions &given)
{
    std::vector<Input> inputs;
    std::error_code ignored;
    for (const auto &path : given.paths) {
        if (fs::is_directory(path, ignored)) {
            if (auto added = addFolder(context, path, {}, inputs); !added)
                return added.error();
        } else if (fs::exists(path, ignored)) {
            addFile(path, inputs);
        } else {
            return Error{ErrorCode::Io, path + ": there is no such file or folder", path};
        }
    }
    if (!given.paths.empty())
        return inputs;

    auto run = readRun(given.run); // without a path: the run's own images
    if (!run)
        return run.error();
    if (auto added = addFolder(context, run->datasetRoot, run->datasetFormat, inputs); !added)
        return added.error();
    if (given.split == "all" || inputs.empty())
        return inputs;
    auto split = readRunSplit(run->folder, *inputs.front().dataset);
    if (!split)
        return split.error();
    std::vector<Input> chosen;
    for (const auto i : given.split == "train" ? split->train : given.split == "val" ? split->val : split->test)
        chosen.push_back(inputs[i]);
    return chosen;
}

/// Calls use(k, images) for the images from inputs[k] on, some at once; the next ones are read meanwhile.
template <typename Use>
Result<void> forImages(const std::vector<Input> &inputs, const PredictOptions &given, const CommandContext &context,
                       std::size_t atOnce, Use use)
{
    const auto read = [&](std::size_t first) {
        std::vector<Result<cv::Mat>> images;
        for (auto k = first; k < std::min(first + atOnce, inputs.size()); ++k)
            images.push_back(readImage(inputs[k].dataset->absolute(inputs[k].item.image)));
        return images;
    };
    ProgressLine progress("predicting");
    const auto count = progress.counter();
    std::size_t failed = 0;
    std::string firstFailure;
    auto next = std::async(std::launch::async, read, std::size_t{0});
    for (std::size_t k = 0; k < inputs.size(); k += atOnce) {
        if (context.stop.stop_requested())
            return Error{ErrorCode::Io, "interrupted after " + std::to_string(k) + " images", given.out};
        count(k, inputs.size());
        const auto images = next.get();
        if (k + atOnce < inputs.size())
            next = std::async(std::launch::async, read, k + atOnce);
        for (const auto &image : images)
            if (!image) { // one broken file must not cost the rest
                progress.message(image.error().message);
                firstFailure = failed++ ? firstFailure : image.error().message;
            }
        if (Result<void> used = use(k, images); !used)
            return used;
    }
    std::printf("%s\n", given.out.c_str());
    if (failed > 0)
        return Error{ErrorCode::Io,
                     std::to_string(failed) + " of " + std::to_string(inputs.size())
                         + " images could not be read, the first: " + firstFailure,
                     {}};
    return {};
}

/// Those that could be read, and their places.
std::pair<std::vector<cv::Mat>, std::vector<std::size_t>> readable(const std::vector<Result<cv::Mat>> &images)
{
    std::pair<std::vector<cv::Mat>, std::vector<std::size_t>> out;
    for (std::size_t i = 0; i < images.size(); ++i)
        if (images[i]) {
            out.first.push_back(*images[i]);
            out.second.push_back(i);
        }
    return out;
}

cv::Mat1b groundTruth(const Input &input, const LabelSet &labels)
{
    if (!hasAnnotation(*input.dataset, input.item))
        return {};
    Dataset dataset = *input.dataset;
    if (dataset.labels.isEmpty() || !dataset.labelsFixed)
        dataset.labels = labels; // names that the run does not know are not drawn
    const auto ids = readLabelMap(dataset, input.item);
    return ids ? mapToLabels(*ids, dataset.labels, labels) : cv::Mat1b();
}

Result<void> checkTarget(const Input &input, const fs::path &target, const PredictOptions &given,
                         const std::vector<OutputKind> &kinds)
{
    std::error_code ignored;
    const auto image = fs::path(input.dataset->absolute(input.item.image));
    if (fs::equivalent(target.parent_path(), image.parent_path(), ignored))
        return Error{ErrorCode::Option,
                     given.out + ": is the folder of " + image.string()
                         + " itself; name another folder, so that no image or annotation is overwritten",
                     given.out};
    const bool writesJson = std::find(kinds.begin(), kinds.end(), OutputKind::LabelMe) != kinds.end();
    if (writesJson && !given.overwrite && fs::exists(target.string() + ".json", ignored))
        return Error{ErrorCode::Io, target.string() + ".json: is there already; --overwrite replaces it",
                     target.string()};
    return {};
}

Result<void> writeSheet(const std::vector<cv::Mat> &rows, const std::string &path)
{
    int width = 0, height = 0;
    for (const auto &row : rows) {
        width = std::max(width, row.cols);
        height += row.rows + 8;
    }
    cv::Mat sheet(std::max(1, height - 8), width, CV_8UC3, cv::Scalar::all(255));
    int y = 0;
    for (const auto &row : rows) {
        row.copyTo(sheet(cv::Rect(0, y, row.cols, row.rows)));
        y += row.rows + 8;
    }
    return writeImage(path, sheet);
}

/// OUT/classes.csv: file, the most probable class, its probability, and that of each class.
Result<void> predictClasses(const CommandContext &context, const PredictOptions &given, Predictor &predictor,
                            const std::vector<Input> &inputs)
{
    const auto quoted = [](std::string text) {
        for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2)
            text.insert(at, 1, '"');
        return text.find_first_of(",\"\n") == std::string::npos ? text : '"' + text + '"';
    };
    const auto number = [](float value) {
        char text[16];
        std::snprintf(text, sizeof text, "%.6f", value);
        return std::string(text);
    };
    std::string csv = "file,class,confidence";
    for (const auto &name : predictor.labels().names())
        csv += "," + quoted(name);
    if (auto folder = makeFolder(given.out); !folder)
        return folder;
    const auto atOnce = static_cast<std::size_t>(predictor.batchSize());
    return forImages(inputs, given, context, atOnce, [&](std::size_t first, const auto &all) -> Result<void> {
        const auto [images, places] = readable(all);
        const auto logits = predictor.logits(images);
        if (!logits)
            return logits.error();
        for (std::size_t i = 0; i < images.size(); ++i) {
            const auto k = first + places[i];
            const ImageClass said{.item = k, .truth = 0, .probabilities = classProbabilities(predictor, (*logits)[i])};
            csv += "\n" + quoted(inputs[k].item.image) + "," + quoted(predictor.labels()[said.said()].name) + ","
                   + number(static_cast<float>(said.confidence()));
            for (const float probability : said.probabilities)
                csv += "," + number(probability);
        }
        return first + all.size() < inputs.size() ? Result<void>()
                                                  : writeFileAtomically(given.out + "/classes.csv", csv + "\n");
    });
}

/// By the flags that were given, which ask for cut-outs to be written.
Result<Cutter> cutterOf(const PredictOptions &given, const std::vector<OutputKind> &kinds)
{
    Json json = Json::object();
    if (auto parsed = parseOptionWords(given.cutout, cutoutTable().specs(), {}, json); !parsed)
        return parsed.error();
    if (!json.members().empty() && std::find(kinds.begin(), kinds.end(), OutputKind::Cutout) == kinds.end())
        return Error{ErrorCode::Option, "--" + json.members().front().first + " is for cut-outs: add cutout to --write",
                     "write"};
    CutoutOptions options;
    if (auto applied = cutoutTable().apply(json, options); !applied)
        return applied.error();
    return Cutter::make(options);
}

Result<void> predict(const CommandContext &context, const PredictOptions &given)
{
    const auto kinds = parseOutputKinds(given.write);
    if (!kinds)
        return kinds.error();
    auto cutter = cutterOf(given, *kinds);
    if (!cutter)
        return cutter.error();
    auto predictor = Predictor::load(given.run, context.registry.models, given.device);
    if (!predictor)
        return predictor.error();
    auto inputs = listInputs(context, given);
    if (!inputs)
        return inputs.error();
    if (inputs->empty())
        return Error{ErrorCode::Data, "there are no images to predict", {}};
    if (predictor->isOfImages())
        return predictClasses(context, given, *predictor, *inputs);

    const OutputOptions output{.kinds = *kinds,
                               .style = given.style == "masks" ? ShapeStyle::Masks : ShapeStyle::Polygons,
                               .tolerancePx = given.tolerancePx,
                               .probabilities =
                                   given.probabilities == "npy" ? ProbabilityFormat::Npy : ProbabilityFormat::Png,
                               .cutter = std::move(*cutter)};
    const bool wantsProbabilities = std::any_of(kinds->begin(), kinds->end(), [](OutputKind kind) {
        return kind != OutputKind::Mask && kind != OutputKind::Overlay;
    });
    const auto detail = wantsProbabilities ? PredictionDetail::Probabilities : PredictionDetail::LabelsOnly;

    std::set<std::string> used;
    std::vector<std::string> stems;
    for (const auto &input : *inputs) {
        const auto target = fs::path(given.out) / stems.emplace_back(outputStem(input.item.image, used));
        if (auto folder = makeFolder(target.parent_path().string()); !folder)
            return folder;
        if (auto safe = checkTarget(input, target, given, *kinds); !safe)
            return safe;
    }
    std::vector<cv::Mat> rows;
    const auto atOnce = static_cast<std::size_t>(predictor->batchSize());
    auto done = forImages(*inputs, given, context, atOnce, [&](std::size_t first, const auto &all) -> Result<void> {
        const auto [images, places] = readable(all);
        auto logits = predictor->logits(images);
        if (!logits)
            return logits.error();
        for (std::size_t i = 0; i < images.size(); ++i) {
            const auto &image = images[i];
            const auto &input = (*inputs)[first + places[i]];
            const auto prediction = predictor->prediction((*logits)[i], {image.cols, image.rows}, detail);
            if (!prediction)
                return prediction.error();
            const auto files = writeOutputs(*prediction, image, input.dataset->absolute(input.item.image),
                                            predictor->labels(), output, given.out, stems[first + places[i]]);
            if (!files)
                return files.error();
            if (!given.sheet.empty() && static_cast<int>(rows.size()) < kSheetRows) {
                auto truth = groundTruth(input, predictor->labels());
                if (truth.size() != image.size())
                    truth.release();
                rows.push_back(sideBySide(image, truth, prediction->labels, predictor->labels()));
            }
        }
        return {};
    });
    if (!rows.empty())
        if (auto written = writeSheet(rows, given.sheet); !written)
            return written;
    return done;
}

} // namespace

void addPredictCommand(CLI::App &app, CommandList &commands)
{
    auto options = std::make_shared<PredictOptions>();
    auto *command = app.add_subcommand("predict", "Apply a run to images");
    command->add_option("run", options->run, "the run's folder or a checkpoint in it")->required();
    command->add_option("paths", options->paths, "images or folders [the run's own dataset]");
    command->add_option("--out", options->out, "folder for the results")->required();
    command
        ->add_option("--write", options->write,
                     "of labelme,mask,overlay,cutout,probabilities; a run for classes of images writes classes.csv")
        ->capture_default_str();
    command->add_option("--shapes", options->style, "labelme shapes: polygons or masks")
        ->check(CLI::IsMember({"polygons", "masks"}))
        ->capture_default_str();
    command
        ->add_option("--tolerance", options->tolerancePx,
                     "pixels that a polygon's outline may lie off the mask's; 0: every step of it")
        ->check(CLI::Range(0.0, 1000.0))
        ->capture_default_str();
    command
        ->add_option("--probabilities", options->probabilities,
                     "png: 16 bits, a file a class; npy: float32 [classes, height, width]")
        ->check(CLI::IsMember({"png", "npy"}))
        ->capture_default_str();
    command->add_option("--split", options->split, "without paths: train, val, test or all")
        ->check(CLI::IsMember({"train", "val", "test", "all"}))
        ->capture_default_str();
    command->add_option("--sheet", options->sheet, "also one picture: image, ground truth, prediction, difference");
    command->add_option("--device", options->device, "auto, cpu or cuda")->capture_default_str();
    for (const auto &spec : cutoutTable().specs())
        addOptionFlag(*command, spec, options->cutout, spec.group);
    command->add_flag("--overwrite", options->overwrite, "replace LabelMe files that are in --out already");
    commands.push_back({command, [options](const CommandContext &context) { return predict(context, *options); }});
}

} // namespace masque
