// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/task.h"

#include "core/annotations/face_fields.h"
#include "core/base/text.h"
#include "core/datasets/emotions.h"
#include "core/image/region.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

namespace masque {

namespace {

constexpr double kFarPx = 1e5;

struct NaturalOrder {
    bool operator()(const std::string &a, const std::string &b) const { return naturalLess(a, b); }
};
using Names = std::set<std::string, NaturalOrder>;

/// Of the images' flags.
Names flagNames(const IndexedDataset &indexed)
{
    Names names(indexed.dataset.imageFlags.begin(), indexed.dataset.imageFlags.end());
    for (const auto &summary : indexed.summaries)
        names.insert(summary.flags.begin(), summary.flags.end());
    return names;
}

/// The rectangles of an item's annotation; none where it cannot be read, which its summary says.
std::vector<Shape> rectanglesOf(const Dataset &dataset, const Item &item)
{
    const auto annotation = readAnnotation(dataset, item);
    std::vector<Shape> shapes;
    if (annotation)
        std::ranges::copy_if(annotation->shapes, std::back_inserter(shapes),
                             [](const Shape &shape) { return shape.type == ShapeType::Rectangle; });
    return shapes;
}

Names rectangleNames(const IndexedDataset &indexed)
{
    Names names;
    for (std::size_t i = 0; i < indexed.summaries.size(); ++i)
        if (!indexed.summaries[i].labels.empty())
            for (const Shape &shape : rectanglesOf(indexed.dataset, indexed.dataset.items[i]))
                if (!shape.label.empty() && shape.label != kIgnoreName && shape.label != kBackgroundName)
                    names.insert(shape.label);
    return names;
}

/// The whole pixels that hold the points, without an outline's width; empty where they lie nowhere.
cv::Rect boxOf(const std::vector<Point> &points)
{
    const auto isNowhere = [](Point point) { return !(std::abs(point.x) < kFarPx && std::abs(point.y) < kFarPx); };
    if (points.empty() || std::ranges::any_of(points, isNowhere))
        return {};
    const auto [left, right] = std::ranges::minmax(points, {}, &Point::x);
    const auto [top, bottom] = std::ranges::minmax(points, {}, &Point::y);
    const cv::Point from(cvFloor(left.x), cvFloor(top.y)), to(cvCeil(right.x), cvCeil(bottom.y));
    return {from, to};
}

/// The rectangles with a class take the place of the image that they lie in, where that has no class itself.
void cutOutRectangles(IndexedDataset &indexed)
{
    const LabelSet &labels = indexed.dataset.labels;
    const auto isClass = [&](const std::string &name) { return labels.idOf(name).has_value(); };
    std::vector<Item> items;
    std::vector<ItemSummary> summaries;
    for (std::size_t i = 0; i < indexed.dataset.items.size(); ++i) {
        const Item &item = indexed.dataset.items[i];
        const ItemSummary &summary = indexed.summaries[i];
        const std::size_t before = items.size();
        if (std::ranges::none_of(summary.flags, isClass) && std::ranges::any_of(summary.labels, isClass))
            for (const Shape &shape : rectanglesOf(indexed.dataset, item)) {
                const cv::Rect box = boxOf(shape.points);
                if (!isClass(shape.label) || box.empty())
                    continue;
                items.push_back({.image = regionName(item.image, box),
                                 .json = {},
                                 .mask = {},
                                 .label = shape.label,
                                 .votes = VoteCounts::of(votesOf(shape)),
                                 .split = item.split});
                summaries.push_back({.status = ItemStatus::Labelled});
            }
        if (items.size() > before)
            continue;
        items.push_back(item);
        summaries.push_back(summary);
    }
    indexed.dataset.items = std::move(items);
    indexed.summaries = std::move(summaries);
}

} // namespace

Result<void> setTask(IndexedDataset &indexed, const std::string &task)
{
    auto &dataset = indexed.dataset;
    const bool isEmotion = task == "emotion";
    if (task == taskName(Task::Segmentation)) {
        if (dataset.task == Task::Segmentation)
            return {};
        return Error{ErrorCode::Option, dataset.root + ": holds classes of whole images, no masks", "task"};
    }
    if (!isEmotion && task != taskName(Task::Classification))
        return Error{ErrorCode::Option, "task is '" + task + "', expected segmentation, classification or emotion",
                     "task"};
    if (dataset.task == Task::Segmentation) {
        Names found = isEmotion ? Names() : flagNames(indexed);
        if (!isEmotion && found.size() < 2)
            found = rectangleNames(indexed);
        const std::vector<std::string> names = isEmotion ? std::vector<std::string>(kEmotions.begin(), kEmotions.end())
                                                         : std::vector<std::string>(found.begin(), found.end());
        if (names.size() < 2)
            return Error{ErrorCode::Data,
                         dataset.root
                             + ": no classes of whole images: neither folders of classes, nor flags that "
                               "annotations set, nor rectangles of several classes",
                         dataset.root};
        dataset.task = Task::Classification;
        dataset.labels = LabelSet(names);
        dataset.labelsFixed = true;
        for (auto &summary : indexed.summaries) // shapes say nothing of the whole image
            if (summary.status != ItemStatus::Problem && std::ranges::none_of(summary.flags, [&](const auto &flag) {
                    return dataset.labels.idOf(flag).has_value();
                }))
                summary.status = ItemStatus::New;
        cutOutRectangles(indexed);
    }
    if (isEmotion && !areEmotions(dataset.labels))
        return Error{ErrorCode::Data,
                     dataset.root + ": its classes (" + joinText(dataset.labels.names(), ", ")
                         + ") are not the seven emotions " + "angry, disgust, fear, happy, sad, surprise, neutral; "
                         + "the task classification takes any classes",
                     dataset.root};
    return {};
}

} // namespace masque
