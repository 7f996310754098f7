// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/statistics.h"

#include "core/base/csv.h"
#include "core/datasets/parallel.h"
#include "core/image/image_file.h"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <numeric>

namespace masque {

namespace {

bool isLabelled(const ItemSummary &summary)
{
    return summary.status == ItemStatus::Labelled || summary.status == ItemStatus::Reviewed;
}

void keepSplit(IndexedDataset &indexed, Split split)
{
    std::vector<Item> items;
    std::vector<ItemSummary> summaries;
    for (std::size_t i = 0; i < indexed.dataset.items.size(); ++i)
        if (indexed.dataset.items[i].split == split) {
            items.push_back(std::move(indexed.dataset.items[i]));
            summaries.push_back(std::move(indexed.summaries[i]));
        }
    indexed.dataset.items = std::move(items);
    indexed.summaries = std::move(summaries);
}

} // namespace

std::int64_t DatasetStatistics::ignoredPixels() const
{
    return std::accumulate(figures.classes.begin(), figures.classes.end(), pixels,
                           [](std::int64_t left, const ClassFigures &one) { return left - one.pixels; });
}

double DatasetStatistics::share(std::int64_t ofPixels) const
{
    return pixels > 0 ? static_cast<double>(ofPixels) / static_cast<double>(pixels) : 0;
}

std::string DatasetStatistics::toCsv() const
{
    std::string text = "class,images,shapes,pixels,share\r\n";
    const auto row = [&](const ClassFigures &one) {
        text += csvField(one.name) + "," + std::to_string(one.images) + "," + std::to_string(one.shapes) + ","
                + std::to_string(one.pixels) + "," + std::to_string(share(one.pixels)) + "\r\n";
    };
    for (const auto &one : figures.classes)
        row(one);
    if (pixels > 0)
        row({.name = std::string(kIgnoreName), .pixels = ignoredPixels()});
    text += "\r\nwidth,height,images\r\n";
    for (const auto &[size, images] : sizes)
        text += std::to_string(size.width) + "," + std::to_string(size.height) + "," + std::to_string(images) + "\r\n";
    text += "\r\nshapes in an image,images\r\n";
    for (const auto &[shapes, images] : shapesAnImage)
        text += std::to_string(shapes) + "," + std::to_string(images) + "\r\n";
    return text;
}

DatasetStatistics datasetStatistics(IndexedDataset indexed, std::optional<Split> split, std::stop_token stop,
                                    const Progress &progress)
{
    if (split)
        keepSplit(indexed, *split);
    auto &[dataset, summaries] = indexed;
    const std::size_t count = dataset.items.size();
    const auto half = [&](std::size_t before) {
        return [&progress, before, count](std::size_t done, std::size_t) {
            if (progress)
                progress(before + done, 2 * count);
        };
    };
    DatasetStatistics out;
    std::mutex mutex;
    std::map<std::pair<int, int>, int> sizes;
    std::map<int, int> shapes;
    forEachIndex(count, stop, half(0), [&](std::size_t i) {
        if (summaries[i].status == ItemStatus::Unknown)
            summaries[i] = summarise(dataset, dataset.items[i]);
        const auto info = readImageInfo(dataset.absolute(dataset.items[i].image));
        const std::lock_guard lock(mutex);
        if (isLabelled(summaries[i]))
            ++shapes[summaries[i].shapes];
        if (!info)
            return; // one of the problems
        ++sizes[{info->size.width, info->size.height}];
        if (isLabelled(summaries[i]) && dataset.task == Task::Segmentation)
            out.pixels += std::int64_t{info->size.width} * info->size.height;
    });
    out.figures = datasetFigures(indexed, stop, half(count));
    for (const auto &[size, images] : sizes)
        out.sizes.emplace_back(Size{size.first, size.second}, images);
    std::ranges::stable_sort(out.sizes, std::greater(), [](const auto &entry) { return entry.second; });
    out.shapesAnImage.assign(shapes.begin(), shapes.end());
    return out;
}

} // namespace masque
