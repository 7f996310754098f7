// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace masque {

/// A TorchScript program (torch.jit.save) as a network of its own. One call at a time.
class ScriptModel {
public:
    /// Refuses a program that would read or write files (torch.save, torch.from_file), or that needs operations which
    /// LibTorch does not bring, by name. A program may still compute without end: it is as trusted as a plugin.
    static Result<ScriptModel> load(const std::string &path, const std::string &device);
    /// images: float32 [N, C, H, W], as the program wants them -> what it gives: [N, K, h, w], or [N, K] as [N, K, 1,
    /// 1]; of a dict its "out" (torchvision's segmentation), of a tuple or list the first.
    Result<Logits> infer(std::span<const float> images, BatchShape shape);

private:
    struct Program;
    std::shared_ptr<Program> m_program;
};

/// What a model file that exportRun wrote says of itself: "masque.json" in TorchScript, "masque" in ONNX's metadata.
/// Nothing where it was written by another program, or cannot be read.
std::optional<Json> modelFileFacts(const std::string &path);

} // namespace masque
