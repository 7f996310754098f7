// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/task.h"

#include "core/base/text.h"
#include "core/datasets/emotions.h"

#include <algorithm>
#include <set>

namespace masque {

namespace {

/// Natural order of the names, emotions in FER-2013's.
std::vector<std::string> flagNames(const IndexedDataset &indexed)
{
    const auto less = [](const std::string &a, const std::string &b) { return naturalLess(a, b); };
    std::set<std::string, decltype(less)> names(less);
    for (const auto &summary : indexed.summaries)
        names.insert(summary.flags.begin(), summary.flags.end());
    names.insert(indexed.dataset.imageFlags.begin(), indexed.dataset.imageFlags.end());
    return {names.begin(), names.end()};
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
        auto names = isEmotion ? std::vector<std::string>(kEmotions.begin(), kEmotions.end()) : flagNames(indexed);
        if (names.size() < 2)
            return Error{ErrorCode::Data,
                         dataset.root
                             + ": no classes of whole images: neither folders of classes nor flags that "
                               "annotations set",
                         dataset.root};
        dataset.task = Task::Classification;
        dataset.labels = LabelSet(names);
        dataset.labelsFixed = true;
        for (auto &summary : indexed.summaries) // shapes say nothing of the whole image
            if (summary.status != ItemStatus::Problem && std::ranges::none_of(summary.flags, [&](const auto &flag) {
                    return dataset.labels.idOf(flag).has_value();
                }))
                summary.status = ItemStatus::New;
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
