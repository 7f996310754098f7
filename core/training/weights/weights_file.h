// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/weights/safetensors.h"

namespace masque {

/// Reads a file of weights, by its content: safetensors, or what Python's torch.save writes of a state_dict or of a
/// dict that holds some (the zip archive, or the format before PyTorch 1.6). Nothing of it is run. Names of nested
/// dicts are joined by dots: "state_dict.conv1.weight"; what are no tensors is left out. Strided tensors come
/// contiguous. Errors name the file, and the tensor or whatever else of it is refused.
Result<std::unique_ptr<TensorFile>> readWeights(const std::string &path);
/// The same of a file in memory. path: for messages.
Result<std::unique_ptr<TensorFile>> weightsFrom(std::string bytes, const std::string &path);

/// data.pkl of torch.save's archive for a dict of these tensors (safetensors' types F32, F64, F16, BF16, I64, I32, I16,
/// U8, BOOL), whose memory goes into data/0, data/1, ... in their order.
std::string pickledState(const std::vector<TensorBlob> &tensors);

} // namespace masque
