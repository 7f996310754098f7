// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/small_sample.h"

#include "core/datasets/tiles.h"

#include <opencv2/imgproc.hpp>

#include <limits>

namespace masque {

Result<SmallSample> readSmallSample(const Dataset &dataset, const Item &item, int maxSide)
{
    auto image = readThumbnail(dataset.absolute(item.image), maxSide);
    if (!image)
        return image.error();
    SmallSample sample{item.image, std::move(*image), {}};
    if (dataset.task == Task::Classification) {
        const auto name = imageClass(dataset, item, dataset.labels);
        if (const auto id = name ? dataset.labels.idOf(*name) : std::nullopt)
            sample.ids = cv::Mat1b(sample.image.size(), *id);
    } else if (const auto ids = readLabelMap(dataset, item))
        cv::resize(*ids, sample.ids, sample.image.size(), 0, 0, cv::INTER_NEAREST);
    return sample;
}

Result<SmallSample> readMiddle(const Dataset &dataset, const Item &item, Size window)
{
    auto sample = readSmallSample(dataset, item, std::numeric_limits<int>::max());
    if (!sample)
        return sample.error();
    const Rect middle{(sample->image.cols - window.width) / 2, (sample->image.rows - window.height) / 2, window.width,
                      window.height};
    cutWindow(sample->image, sample->ids, middle, sample->image, sample->ids);
    return sample;
}

std::vector<SmallSample> someSamples(const Dataset &dataset, int count, int maxSide, std::stop_token stop)
{
    std::vector<SmallSample> samples;
    for (const bool annotated : {true, false}) {
        for (const Item &item : dataset.items) {
            if (static_cast<int>(samples.size()) >= count || stop.stop_requested())
                break;
            if (annotated && !hasAnnotation(dataset, item))
                continue;
            if (auto sample = readSmallSample(dataset, item, maxSide))
                samples.push_back(std::move(*sample));
        }
        if (!samples.empty())
            break;
    }
    return samples;
}

} // namespace masque
