// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/annotations/rasterise.h"
#include "core/datasets/item_reading.h"
#include "core/datasets/parallel.h"

#include <mutex>

namespace masque {

namespace {

/// Shapes and pixels of each class in one item.
struct ItemFigures {
    std::vector<int> shapes;
    std::vector<std::int64_t> pixels = {};
    explicit ItemFigures(int classes)
        : shapes(static_cast<std::size_t>(classes)), pixels(static_cast<std::size_t>(classes))
    {
    }
};

Result<ItemFigures> countItem(const Dataset &dataset, const Item &item, const ItemSummary &summary)
{
    ItemFigures figures(dataset.labels.size());
    const auto countShape = [&](const std::string &label) {
        if (const auto id = dataset.labels.idOf(label); id && *id != kIgnoreId)
            ++figures.shapes[*id];
    };
    cv::Mat1b ids;
    if (hasShapes(dataset, item)) {
        const auto info = readImageInfo(dataset.absolute(item.image));
        const auto annotation = readShapes(dataset, item);
        if (!info || !annotation)
            return info ? annotation.error() : info.error();
        for (const auto &shape : annotation->shapes)
            countShape(shape.label);
        ids = labelMapOf(*annotation, dataset.labels, info->size);
    } else {
        auto map = readLabelMap(dataset, item);
        if (!map)
            return map.error();
        ids = *map;
        for (const auto &label : summary.labels)
            countShape(label);
    }
    std::array<std::int64_t, 256> histogram{};
    for (int y = 0; y < ids.rows; ++y)
        for (int x = 0; x < ids.cols; ++x)
            ++histogram[ids(y, x)];
    std::copy_n(histogram.begin(), figures.pixels.size(), figures.pixels.begin());
    return figures;
}

} // namespace

DatasetFigures datasetFigures(const IndexedDataset &indexed, std::stop_token stop, const Progress &progress)
{
    const auto &dataset = indexed.dataset;
    DatasetFigures figures;
    figures.images = static_cast<int>(dataset.items.size());
    figures.splits = dataset.splitCounts();
    figures.problems = dataset.problems;
    for (const auto &name : dataset.labels.names())
        figures.classes.push_back({.name = name});

    std::mutex mutex;
    forEachIndex(dataset.items.size(), stop, progress, [&](std::size_t i) {
        const auto &item = dataset.items[i];
        const auto &summary = indexed.summaries[i];
        if (summary.status != ItemStatus::Labelled && summary.status != ItemStatus::Reviewed)
            return;
        auto counted = Result<ItemFigures>(ItemFigures(dataset.labels.size()));
        try {
            if (dataset.task == Task::Segmentation)
                counted = countItem(dataset, item, summary);
        } catch (const std::exception &e) {
            counted = Error{ErrorCode::Internal, e.what(), item.image};
        }
        const std::lock_guard lock(mutex);
        ++figures.annotated;
        figures.shapes += summary.shapes;
        if (!counted) {
            figures.problems.push_back({item.image, counted.error().message});
            return;
        }
        for (std::size_t c = 0; c < figures.classes.size(); ++c) {
            auto &out = figures.classes[c];
            out.images += counted->shapes[c] > 0 || counted->pixels[c] > 0 || out.name == item.label;
            out.shapes += counted->shapes[c];
            out.pixels += counted->pixels[c];
        }
    });
    return figures;
}

} // namespace masque
