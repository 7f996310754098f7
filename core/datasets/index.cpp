// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/face_fields.h"
#include "core/annotations/labelme.h"
#include "core/base/text.h"
#include "core/datasets/IndexCache.h"
#include "core/datasets/id_mask.h"
#include "core/datasets/item_reading.h"
#include "core/datasets/parallel.h"

#include <algorithm>
#include <set>

namespace masque {

namespace {

constexpr int kMaxClasses = 255;

void fail(ItemScan &scan, const Dataset &dataset, const std::string &file, std::string message)
{
    const auto absolute = dataset.absolute(file) + ": "; // messages name the whole path, problems the file already
    if (message.starts_with(absolute))
        message.erase(0, absolute.size());
    scan.summary.status = ItemStatus::Problem;
    scan.summary.problem = file + ": " + message;
    scan.problem = Problem{file, std::move(message)};
}

void scanShapes(const Dataset &dataset, const Item &item, Size imageSize, ItemScan &scan)
{
    const auto annotation = readShapes(dataset, item);
    if (!annotation)
        return fail(scan, dataset, shapesFile(dataset, item), annotation.error().message);
    scan.summary = summarise(*annotation);
    if (const auto fits = checkDeclaredSize(dataset, item, *annotation, imageSize); !fits)
        fail(scan, dataset, shapesFile(dataset, item), fits.error().message);
}

void scanMask(const Dataset &dataset, const Item &item, Size imageSize, ItemScan &scan)
{
    const auto values = readItemMask(dataset, item, imageSize);
    if (!values)
        return fail(scan, dataset, item.mask, values.error().message);
    scan.maskValues = distinctMaskValues(*values);
    if (scan.maskValues.size() > 256)
        return fail(scan, dataset, item.mask,
                    "the mask has more than 256 values or colours. A mask has one flat value a class; is it a photo?");
    scan.colorMask = values->channels() == 3;
    scan.summary.status = ItemStatus::Labelled;
}

ItemScan scanItem(const Dataset &dataset, const Item &item)
{
    ItemScan scan;
    scan.summary.status = ItemStatus::New;
    try {
        const auto info = checkImageFile(dataset.absolute(item.image));
        if (!info) {
            fail(scan, dataset, item.image, info.error().message);
        } else if (hasShapes(dataset, item)) {
            scanShapes(dataset, item, info->size, scan);
        } else if (!item.mask.empty()) {
            scanMask(dataset, item, info->size, scan);
        }
        if (scan.summary.status == ItemStatus::New && item.hasClass())
            scan.summary.status = ItemStatus::Labelled;
        if (!item.label.empty())
            scan.summary.labels = {item.label};
    } catch (const std::exception &e) {
        fail(scan, dataset, item.image, e.what());
    }
    return scan;
}

/// Mask values become class names, or a problem.
void nameMaskClasses(const Dataset &dataset, const Item &item, ItemScan &scan)
{
    if (scan.maskValues.empty() || scan.problem)
        return;
    const std::uint32_t factor = !scan.colorMask && hasColorIds(dataset) ? 0x010101 : 1;
    std::set<int> ids;
    for (const auto value : scan.maskValues) {
        const auto id = classOfMaskValue(dataset, value * factor);
        if (!id || (*id != kIgnoreId && *id >= kMaxClasses))
            return fail(scan, dataset, item.mask,
                        "the mask's value " + maskValueText(dataset, value * factor)
                            + (dataset.maskIds.empty() && !scan.colorMask ? " is beyond 254, the last class id"
                                                                          : " stands for no class"));
        ids.insert(*id);
    }
    const int first = dataset.labels.hasBackground() ? 1 : 0;
    for (const int id : ids)
        if (id >= first && id < dataset.labels.size())
            scan.summary.labels.push_back(dataset.labels[id].name);
    scan.summary.shapes = static_cast<int>(scan.summary.labels.size());
}

/// Classes that masks use and nothing names yet: ids up to the greatest, or colours.
void addMaskClasses(Dataset &dataset, const std::vector<ItemScan> &scans)
{
    std::set<std::uint32_t> values;
    for (const auto &scan : scans)
        if (!scan.problem && scan.colorMask == hasColorIds(dataset)
            && (dataset.maskIds.empty() || dataset.maskIdsFixed || scan.colorMask))
            values.insert(scan.maskValues.begin(), scan.maskValues.end());
    for (const auto value : values) {
        if (dataset.maskIds.empty()) {
            while (value < kIgnoreId && static_cast<std::uint32_t>(dataset.labels.size()) <= value)
                dataset.labels.add("class_" + std::to_string(dataset.labels.size()));
        } else if (!dataset.maskIds.contains(value) && dataset.labels.size() < kMaxClasses) {
            const bool isColor = hasColorIds(dataset);
            const auto id = dataset.labels.add((isColor ? "" : "class_") + maskValueText(dataset, value));
            if (isColor)
                dataset.labels.setColor(id, {static_cast<std::uint8_t>(value >> 16),
                                             static_cast<std::uint8_t>(value >> 8 & 0xff),
                                             static_cast<std::uint8_t>(value & 0xff)});
            dataset.maskIds[value] = id;
        }
    }
}

void addNamedClasses(Dataset &dataset, std::vector<ItemScan> &scans)
{
    const auto less = [](const std::string &a, const std::string &b) { return naturalLess(a, b); };
    std::set<std::string, decltype(less)> names(less);
    for (const auto &scan : scans)
        names.insert(scan.summary.labels.begin(), scan.summary.labels.end());
    std::set<std::string> tooMany;
    for (const auto &name : names) {
        if (name == kIgnoreName || dataset.labels.idOf(name))
            continue;
        if (dataset.labels.size() >= kMaxClasses)
            tooMany.insert(name);
        else
            dataset.labels.add(name);
    }
    for (std::size_t i = 0; i < scans.size() && !tooMany.empty(); ++i)
        for (const auto &name : scans[i].summary.labels)
            if (tooMany.contains(name)) {
                fail(scans[i], dataset, dataset.items[i].json,
                     "its label '" + name + "' is beyond the 255 classes that a dataset can have");
                break;
            }
}

} // namespace

ItemSummary summarise(const Annotation &annotation)
{
    ItemSummary summary;
    summary.shapes = static_cast<int>(annotation.shapes.size());
    for (const auto &shape : annotation.shapes)
        if (std::ranges::find(summary.labels, shape.label) == summary.labels.end())
            summary.labels.push_back(shape.label);
    for (const auto &[name, isSet] : annotation.flags)
        if (isSet)
            summary.flags.push_back(name);
    summary.votes = VoteCounts::of(annotation.votes);
    for (const auto &[agreement, id] : agreements(annotation))
        summary.agreements.push_back(agreement);
    summary.status = annotation.checked ? ItemStatus::Reviewed
                     : summary.shapes > 0 || !summary.flags.empty() || !summary.votes.counts.empty()
                         ? ItemStatus::Labelled
                         : ItemStatus::New;
    return summary;
}

ItemSummary summarise(const Dataset &dataset, const Item &item)
{
    auto scan = scanItem(dataset, item);
    nameMaskClasses(dataset, item, scan);
    return scan.summary;
}

IndexedDataset indexDataset(Dataset dataset, std::stop_token stop, const Progress &progress)
{
    std::vector<ItemScan> scans(dataset.items.size());
    {
        IndexCache cache(dataset);
        std::vector<std::string> stamps(cache.isUsed() ? scans.size() : 0); // of what had to be read
        forEachIndex(scans.size(), stop, progress, [&](std::size_t i) {
            const Item &item = dataset.items[i];
            std::string stamp = cache.isUsed() ? cache.stampOf(item) : std::string();
            if (auto known = cache.isUsed() ? cache.find(item, stamp) : std::nullopt) {
                scans[i] = std::move(*known);
                return;
            }
            scans[i] = scanItem(dataset, item);
            if (cache.isUsed() && !item.corrected)
                stamps[i] = std::move(stamp);
        });
        std::vector<IndexCache::Row> changed;
        for (std::size_t i = 0; i < stamps.size(); ++i)
            if (!stamps[i].empty())
                changed.push_back({dataset.items[i].image, stamps[i], &scans[i]});
        cache.store(changed);
    }

    addMaskClasses(dataset, scans);
    addNamedClasses(dataset, scans);
    IndexedDataset indexed;
    for (std::size_t i = 0; i < scans.size(); ++i) {
        nameMaskClasses(dataset, dataset.items[i], scans[i]);
        const auto known = [&](const Problem &p) {
            return p.file == scans[i].problem->file && p.message == scans[i].problem->message;
        };
        if (scans[i].problem && std::ranges::none_of(dataset.problems, known))
            dataset.problems.push_back(*scans[i].problem);
        indexed.summaries.push_back(std::move(scans[i].summary));
    }
    indexed.dataset = std::move(dataset);
    return indexed;
}

} // namespace masque
