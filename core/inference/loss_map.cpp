// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/loss_map.h"

#include "core/runs/SampleLoader.h"
#include "core/training/train.h"

#include <exception>

namespace masque {

Result<LossMap> lossMap(Predictor &predictor, std::shared_ptr<const Dataset> dataset, std::size_t item)
try {
    auto size = predictor.inputSize();
    if (predictor.isTiled()) {
        const auto info = readImageInfo(dataset->absolute(dataset->items[item].image));
        if (!info)
            return info.error();
        size = info->size;
    }
    const auto classes =
        predictor.loss().multiLabel ? SampleLoader::Classes::Overlapping : SampleLoader::Classes::Exclusive;
    const SampleLoader samples(std::move(dataset), {item}, predictor.labels(), size, {}, classes);
    LossMap out;
    if (auto read = samples.readPixels(0, 0, out.image, out.ids); !read)
        return read.error();
    const auto logits = predictor.logits(out.image);
    if (!logits)
        return logits.error();
    std::vector<float> unused(static_cast<std::size_t>(samples.channels()) * out.ids.total());
    std::vector<std::uint8_t> target(samples.targetElements());
    if (auto read = samples.read(0, 0, unused, target); !read)
        return read.error();
    const auto losses = pixelLossesOf(predictor.loss(), *logits, target);
    if (!losses)
        return losses.error();
    out.loss = cv::Mat1f(size.height, size.width);
    std::copy(losses->begin(), losses->end(), out.loss.begin());
    return out;
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, std::string("a map of losses: ") + e.what()};
}

} // namespace masque
