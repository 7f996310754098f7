// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"

#include <span>
#include <string>

namespace masque {

struct LoadedCheckpoint;

/// What a trained network is written as for other programs.
enum class ModelFileKind {
    TorchScript, ///< a program for torch.jit.load, C++ or Python: the whole network, any size of image
    Safetensors, ///< the state_dict, without code; its metadata hold what TorchScript's "masque.json" does
    StateDict,   ///< the state_dict as a dict of tensors for Python's torch.load
    Onnx         ///< the whole network for ONNX Runtime, cv::dnn and others
};
/// "torchscript", "safetensors", "state-dict", "onnx"; an error lists them.
Result<ModelFileKind> modelFileKind(const std::string &name);
std::string_view modelFileKindName(ModelFileKind);
/// ".pt", ".safetensors", ".pth", ".onnx"
std::string_view modelFileSuffix(ModelFileKind);

/// Writes the checkpoint's network, atomically. TorchScript takes float32 [N, C, H, W], RGB or grey, 0..1, and gives
/// logits as Network::logits does, normalisation and padding inside; its attributes `classes` (list of names) and
/// `input_size` ([height, width] of the training), and its extra file "masque.json", hold what facts say.
/// ONNX (opset 11) takes the same images, with sides that are multiples of the network's stride, in any number; facts
/// are in its metadata "masque". A network whose layers it has no form for is Unsupported.
Result<void> writeModelFile(const LoadedCheckpoint &checkpoint, ModelFileKind kind, const Json &facts,
                            const std::string &path);

/// What the written file says of images (as infer has them), read back on a way of its own: TorchScript by torch::jit,
/// the others into a network made anew. Not of ONNX, which LibTorch does not read.
Result<Logits> inferModelFile(const std::string &path, ModelFileKind kind, const NetworkSpec &spec,
                              const ModelList &models, std::span<const float> images, BatchShape shape);

} // namespace masque
