// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/RunOptions.h"

#include "core/base/text.h"
#include "core/image/image_file.h"

#include <charconv>

namespace masque {

namespace {

void appendSpecs(std::vector<OptionSpec> &out, const std::vector<OptionSpec> &specs)
{
    out.insert(out.end(), specs.begin(), specs.end());
}

void merge(Json &out, const Json &part)
{
    for (const auto &[key, value] : part.members())
        out.set(key, value);
}

/// The members of json that specs know.
Json known(const Json &json, const std::vector<OptionSpec> &specs)
{
    Json out = Json::object();
    for (const auto &spec : specs)
        if (const Json *value = json.find(spec.key))
            out.set(spec.key, *value);
    return out;
}

} // namespace

DataOptions suggestedOptions(const Dataset &dataset, std::optional<Task> task)
{
    constexpr int kSmallSide = 128;
    DataOptions options;
    if (task.value_or(dataset.task) == Task::Segmentation)
        return options;
    options.model = "emotion-resnet9";
    const auto info = dataset.items.empty() ? Result<ImageInfo>(Error{})
                                            : readImageInfo(dataset.absolute(dataset.items.front().image));
    if (info && info->size.width <= kSmallSide && info->size.height <= kSmallSide)
        options.size = std::to_string(info->size.width) + "x" + std::to_string(info->size.height);
    else if (dataset.task == Task::Segmentation) // flags, or rectangles as faces are
        options.size = "64";
    return options;
}

const OptionTable<DataOptions> &dataTable()
{
    static const auto table = [] {
        OptionTable<DataOptions> t;
        t.add({.key = "model", .label = "Model", .help = "The network to train.", .group = "Model"},
              &DataOptions::model)
            .add({.key = "task",
                  .label = "Task",
                  .help =
                      "segmentation: a class of each pixel, by masks; classification: one of each image, by folders, "
                      "flags or rectangles; emotion: that with the seven of FER-2013; auto: by the data.",
                  .group = "Data",
                  .type = OptionType::Choice,
                  .choices = {"auto", "segmentation", "classification", "emotion"}},
                 &DataOptions::task)
            .add({.key = "size",
                  .label = "Input size",
                  .help = "What the network sees at once: one number for a square, or WIDTHxHEIGHT. Images are "
                          "stretched to it, or cut into tiles.",
                  .group = "Data",
                  .unit = "px"},
                 &DataOptions::size)
            .add({.key = "grey",
                  .label = "Grey",
                  .help = "The network sees brightness alone, one channel instead of three: for what has no colour, or "
                          "where colour is not to matter.",
                  .group = "Data",
                  .type = OptionType::Bool},
                 &DataOptions::grey)
            .add({.key = "tiles",
                  .label = "Tiles",
                  .help = "For large images with small things: windows of the input size at the image's own resolution "
                          "instead of the whole image stretched; predictions are put together from such windows.",
                  .group = "Data",
                  .type = OptionType::Bool},
                 &DataOptions::tiles)
            .add({.key = "val_ratio",
                  .label = "Validation share",
                  .help = "Share of the images held back for validation where the dataset has no split of its own.",
                  .group = "Data",
                  .type = OptionType::Real,
                  .minimum = 0,
                  .maximum = 0.9},
                 &DataOptions::valRatio)
            .add({.key = "test_ratio",
                  .label = "Test share",
                  .help = "Share kept for one final, honest figure; never used while training or choosing.",
                  .group = "Data",
                  .type = OptionType::Real,
                  .minimum = 0,
                  .maximum = 0.9},
                 &DataOptions::testRatio)
            .add({.key = "init",
                  .label = "Start from",
                  .help =
                      "Weights to start from as far as they fit, else from scratch: a run, a checkpoint, a "
                      "state_dict of PyTorch (.pth, .safetensors), or ImageNet's of an encoder (torchvision, timm).",
                  .group = "Model",
                  .advanced = true,
                  .isFile = true},
                 &DataOptions::init)
            .add({.key = "init_layers",
                  .label = "Start from, layers",
                  .help = "Only these layers of it, by the beginnings of their names: encoder,down.0",
                  .group = "Model",
                  .advanced = true},
                 &DataOptions::initLayers);
        return t;
    }();
    return table;
}

Json RunOptions::toJson() const
{
    Json json = dataTable().toJson(data);
    merge(json, model);
    merge(json, trainingTable().toJson(training));
    merge(json, augmentationTable().toJson(augmentation));
    return json;
}

std::vector<OptionSpec> runOptionSpecs(const std::vector<OptionSpec> &modelSpecs)
{
    std::vector<OptionSpec> specs;
    appendSpecs(specs, dataTable().specs());
    appendSpecs(specs, modelSpecs);
    appendSpecs(specs, trainingTable().specs());
    appendSpecs(specs, augmentationTable().specs());
    return specs;
}

Result<void> applyRunOptions(const Json &json, const std::vector<OptionSpec> &modelSpecs, RunOptions &options)
{
    if (auto valid = validateOptions(runOptionSpecs(modelSpecs), json); !valid)
        return valid;
    // Every key is known and valid by now, so the parts cannot fail.
    if (auto done = dataTable().apply(known(json, dataTable().specs()), options.data); !done)
        return done;
    if (auto done = trainingTable().apply(known(json, trainingTable().specs()), options.training); !done)
        return done;
    if (auto done = augmentationTable().apply(known(json, augmentationTable().specs()), options.augmentation); !done)
        return done;
    merge(options.model, known(json, modelSpecs));
    if (auto size = parseSize(options.data.size); !size)
        return size.error();
    if (options.data.valRatio + options.data.testRatio >= 1)
        return Error{ErrorCode::Option, "val_ratio and test_ratio together must stay below 1", "val_ratio"};
    return {};
}

Result<Size> parseSize(const std::string &text)
{
    const auto parts = splitText(text, 'x');
    int sides[2] = {0, 0};
    bool valid = parts.size() <= 2;
    for (std::size_t i = 0; i < 2 && valid; ++i) {
        const auto &part = parts[parts.size() == 2 ? i : 0];
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), sides[i]);
        valid = error == std::errc() && end == part.data() + part.size() && sides[i] >= 16 && sides[i] <= 4096;
    }
    if (!valid)
        return Error{ErrorCode::Option, "size is '" + text + "', expected a number or WIDTHxHEIGHT, sides 16 to 4096",
                     "size"};
    return Size{sides[0], sides[1]};
}

} // namespace masque
