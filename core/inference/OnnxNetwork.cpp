// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/OnnxNetwork.h"

#include <opencv2/dnn.hpp>

namespace masque {

struct OnnxNetwork::Net {
    cv::dnn::Net net;
    std::string path;
};

Result<OnnxNetwork> OnnxNetwork::load(const std::string &path)
try {
    OnnxNetwork out;
    out.m_net = std::make_shared<Net>(Net{cv::dnn::readNetFromONNX(path), path});
    out.m_net->net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    return out;
} catch (const std::exception &e) { // cv::Exception, and what protobuf throws
    return Error{ErrorCode::Unsupported, path + ": OpenCV cannot read it: " + e.what(), path};
}

Result<Logits> OnnxNetwork::infer(std::span<const float> images, BatchShape shape)
try {
    const int sizes[] = {shape.count, shape.channels, shape.height, shape.width};
    m_net->net.setInput(cv::Mat(4, sizes, CV_32F, const_cast<float *>(images.data())).clone());
    const cv::Mat output = m_net->net.forward();
    if ((output.dims != 4 && output.dims != 2) || output.type() != CV_32F || output.size[0] != shape.count)
        return Error{ErrorCode::Format, m_net->path + ": gives no logits [N, K, H, W] or [N, K]", m_net->path};
    Logits logits;
    const bool isOfImages = output.dims == 2;
    logits.shape = {output.size[0], output.size[1], isOfImages ? 1 : output.size[2], isOfImages ? 1 : output.size[3]};
    logits.values.assign(output.ptr<float>(), output.ptr<float>() + output.total());
    return logits;
} catch (const std::exception &e) {
    return Error{ErrorCode::Unsupported, m_net->path + ": OpenCV cannot run it: " + e.what(), m_net->path};
}

} // namespace masque
