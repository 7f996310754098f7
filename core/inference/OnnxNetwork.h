// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"

#include <memory>
#include <span>
#include <string>

namespace masque {

/// An ONNX file as OpenCV's own reader (cv::dnn) runs it, on the processor. One call at a time.
class OnnxNetwork {
public:
    static Result<OnnxNetwork> load(const std::string &path);
    /// images: float32 [N, C, H, W], as the network wants them -> what it gives: [N, K, h, w], or [N, K] as [N, K, 1,
    /// 1].
    Result<Logits> infer(std::span<const float> images, BatchShape shape);

private:
    struct Net;
    std::shared_ptr<Net> m_net;
};

} // namespace masque
