// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/onnx_model.h"

namespace masque {

Result<std::string> onnxModel(Network &, const Json &, int, int)
{
    return Error{ErrorCode::Unsupported, "this program was built without libonnx and writes no ONNX"};
}

std::optional<Json> onnxFacts(const std::string &)
{
    return {};
}

} // namespace masque
