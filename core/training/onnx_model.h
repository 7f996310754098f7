// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/Network.h"

#include <optional>

/// Private to core/training.
namespace masque {

/// The network as an ONNX model (opset 11): "images", float32 [N, C, H, W], 0..1, to "logits"; N, H and W are free, H
/// and W multiples of its stride. Traced in evaluation on images of height x width. Made of what cv::dnn 4.6 has, too:
/// means over the image as poolings, no arithmetic on shapes. facts:
/// into the metadata "masque", with "classes" and "stride" beside it. Throws, naming the operation, where ONNX has no
/// form for it; Unsupported where this program was built without libonnx.
Result<std::string> onnxModel(Network &network, const Json &facts, int height, int width);
/// The metadata "masque" of an ONNX file; nothing where there are none or the file cannot be read.
std::optional<Json> onnxFacts(const std::string &path);

} // namespace masque
