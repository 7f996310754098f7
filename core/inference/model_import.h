// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/inference/Predictor.h"
#include "core/runs/run.h"

#include <functional>
#include <optional>
#include <span>
#include <string>

/// Networks that were made elsewhere, TorchScript programs and ONNX files, as runs of a dataset: asked once what they
/// take and give, they predict, compare and propose as if they had been trained here.
namespace masque {

/// What a model file does not say of itself.
struct ModelDescription {
    std::string task = "segmentation"; ///< or classification
    std::string classes;               ///< names by the order of the outputs, "background, person"
    std::string size = "256";          ///< "S" or "WxH": what an image is scaled to
    bool grey = false;                 ///< it takes one channel
    std::string channels = "rgb";      ///< their order: rgb or bgr
    std::string range = "0..1";        ///< of its input: 0..1, 0..255, -1..1, imagenet, own (mean and deviation)
    std::string mean = "0.5", deviation = "0.5"; ///< of range own, in 0..1: one number, or one a channel
    std::string output = "logits";               ///< or probabilities
    bool overlapping = false;                    ///< a sigmoid for each class but the background
    bool tiles = false;                          ///< windows of that size rather than the image scaled to it
};
const OptionTable<ModelDescription> &modelDescriptionTable();

/// The description that lies in a file which exportRun wrote; nothing in others.
std::optional<ModelDescription> describedInside(const std::string &file);

struct ImportRequest {
    std::string file; ///< .pt, .pth, .torchscript or .onnx
    ModelDescription description = {};
    const Dataset &dataset;
    std::string name = {}; ///< of the run; empty: the file's
};
/// Runs the model once, then copies it into a new run folder of the dataset with its description (model.json) and with
/// every image as validation, since it has learned from none. Errors name the file, and how outputs and classes differ.
Result<RunInfo> importModel(const ImportRequest &request);

/// A model file ready to be run.
struct ImportedModel {
    ModelDescription description;
    LabelSet labels;
    LossSpec loss;
    Size size;
    /// As infer: images 0..1, RGB or grey; one image a call, logits of the network's size.
    std::function<Result<Logits>(std::span<const float> images, BatchShape shape)> infer;
};
/// file: model.pt or model.onnx of an imported run, or a file that exportRun wrote.
Result<ImportedModel> loadImported(const std::string &file, const std::string &device);
/// Whether Predictor::load takes this file for such a model: by its name, .pt, .torchscript or .onnx.
bool isModelFile(const std::string &file);

} // namespace masque
