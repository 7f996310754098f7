// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/Dataset.h"

#include "core/annotations/labelme.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/datasets/id_mask.h"
#include "core/datasets/item_reading.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

std::string sizeText(Size size)
{
    return std::to_string(size.width) + " x " + std::to_string(size.height);
}

/// A library's exception as an Error about this item.
template <typename Work>
auto guarded(const Item &item, Work work) -> decltype(work())
{
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::Memory, item.image + ": not enough memory", item.image};
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, item.image + ": " + e.what(), item.image};
    }
}

bool isFile(const std::string &path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

Annotation annotationFromMask(const Dataset &dataset, const Item &item, const cv::Mat1b &ids)
{
    Annotation annotation;
    annotation.imagePath = fs::path(item.image).filename().string();
    annotation.imageSize = Size{ids.cols, ids.rows};
    const bool background = dataset.labels.hasBackground();
    for (const auto value : distinctMaskValues(ids)) {
        const auto id = static_cast<int>(value);
        const bool ignored = id == kIgnoreId;
        if (background ? id == 0 : ignored) // what no shape covers
            continue;
        cv::Mat1b bits = whereEqual(ids, id);
        const auto box = contentBox(bits); // cv::boundingRect of 4.6 loses edges of narrow bitmaps
        bits.setTo(1, bits);
        Shape shape;
        shape.label = ignored                      ? std::string(kIgnoreName)
                      : id < dataset.labels.size() ? dataset.labels[id].name
                                                   : "class_" + std::to_string(id);
        shape.type = ShapeType::Mask;
        shape.mask = std::make_shared<const Mask>(Mask{box, bits(toCv(box)).clone()});
        annotation.shapes.push_back(std::move(shape));
    }
    return annotation;
}

} // namespace

std::string_view taskName(Task task)
{
    return task == Task::Segmentation ? "segmentation" : "classification";
}

std::string_view splitName(Split split)
{
    static constexpr std::string_view kNames[] = {"", "train", "val", "test"};
    return kNames[static_cast<std::size_t>(split)];
}

std::vector<std::string> AnnotationSource::files(const Item &item) const
{
    return {item.foreign.substr(0, item.foreign.find_last_of('#'))};
}

std::string Dataset::absolute(const std::string &relative) const
{
    return (fs::path(root) / relative).string();
}

std::optional<std::size_t> Dataset::indexOf(const std::string &image) const
{
    const auto found = std::ranges::find(items, image, &Item::image);
    return found == items.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - items.begin()));
}

std::array<int, 4> Dataset::splitCounts() const
{
    std::array<int, 4> counts{};
    for (const auto &item : items)
        ++counts[static_cast<std::size_t>(item.split)];
    return counts;
}

namespace {

bool hasJson(const Dataset &dataset, const Item &item)
{
    return !item.json.empty() && isFile(dataset.absolute(item.json));
}

bool isForeign(const Dataset &dataset, const Item &item)
{
    return dataset.source && !item.foreign.empty();
}

} // namespace

bool hasShapes(const Dataset &dataset, const Item &item)
{
    return item.corrected || isForeign(dataset, item) || hasJson(dataset, item);
}

Result<Annotation> readShapes(const Dataset &dataset, const Item &item)
{
    if (item.corrected)
        return *item.corrected;
    return isForeign(dataset, item) && !hasJson(dataset, item) ? dataset.source->read(dataset, item)
                                                               : readLabelMe(dataset.absolute(item.json));
}

std::string shapesFile(const Dataset &dataset, const Item &item)
{
    return isForeign(dataset, item) && !hasJson(dataset, item) ? item.foreign : item.json;
}

bool hasAnnotation(const Dataset &dataset, const Item &item)
{
    return item.hasClass() || hasShapes(dataset, item) || (!item.mask.empty() && isFile(dataset.absolute(item.mask)));
}

Result<void> checkDeclaredSize(const Dataset &dataset, const Item &item, const Annotation &annotation, Size imageSize)
{
    if (!annotation.imageSize || *annotation.imageSize == imageSize)
        return {};
    return Error{ErrorCode::Data,
                 dataset.absolute(shapesFile(dataset, item)) + ": was made for an image of "
                     + sizeText(*annotation.imageSize) + " pixels, but " + item.image + " has " + sizeText(imageSize)
                     + ". Put the right image beside it, or label it anew",
                 shapesFile(dataset, item)};
}

Result<cv::Mat> readItemMask(const Dataset &dataset, const Item &item, Size imageSize)
{
    auto values = readMaskValues(dataset.absolute(item.mask));
    if (values && Size{values->cols, values->rows} != imageSize)
        return Error{ErrorCode::Data,
                     dataset.absolute(item.mask) + ": the mask has " + sizeText({values->cols, values->rows})
                         + " pixels, but its image " + item.image + " has " + sizeText(imageSize)
                         + ". It is not used; bring both to one size",
                     item.mask};
    return values;
}

Result<Annotation> readAnnotation(const Dataset &dataset, const Item &item)
{
    return guarded(item, [&]() -> Result<Annotation> {
        if (hasShapes(dataset, item))
            return readShapes(dataset, item);
        if (item.mask.empty())
            return Annotation{};
        auto ids = readLabelMap(dataset, item);
        if (!ids)
            return ids.error();
        return annotationFromMask(dataset, item, *ids);
    });
}

namespace {

std::string flaggedClass(const Annotation &annotation, const LabelSet &classes)
{
    for (const auto &[name, isSet] : annotation.flags)
        if (isSet && classes.idOf(name))
            return name;
    return {};
}

/// Empty where none is for a class.
std::vector<double> sharesOf(const VoteCounts &votes, const LabelSet &classes)
{
    std::vector<double> shares(static_cast<std::size_t>(classes.size()));
    double sum = 0;
    for (const auto &[label, count] : votes.counts)
        if (const auto id = classes.idOf(label); id && *id < shares.size()) {
            shares[*id] += count;
            sum += count;
        }
    if (sum <= 0)
        return {};
    for (double &share : shares)
        share /= sum;
    return shares;
}

} // namespace

Result<std::string> imageClass(const Dataset &dataset, const Item &item, const LabelSet &classes)
{
    if (!hasShapes(dataset, item))
        return item.label;
    const auto annotation = readAnnotation(dataset, item);
    if (!annotation)
        return annotation.error();
    const std::string flagged = flaggedClass(*annotation, classes);
    return flagged.empty() ? item.label : flagged;
}

Result<std::vector<double>> imageShares(const Dataset &dataset, const Item &item, const LabelSet &classes)
{
    std::string name = item.label;
    VoteCounts votes = item.votes;
    if (hasShapes(dataset, item)) {
        const auto annotation = readAnnotation(dataset, item);
        if (!annotation)
            return annotation.error();
        const std::string flagged = flaggedClass(*annotation, classes);
        if (!annotation->votes.empty() || !flagged.empty())
            votes = VoteCounts::of(annotation->votes);
        if (!flagged.empty())
            name = flagged;
    }
    auto shares = name == kIgnoreName ? std::vector<double>() : sharesOf(votes, classes);
    if (shares.empty())
        shares = sharesOf({{{name, 1}}}, classes);
    shares.resize(static_cast<std::size_t>(classes.size()));
    return shares;
}

namespace {

/// The item's shapes, and the image's size, which they fit.
Result<std::pair<Annotation, Size>> readFittingShapes(const Dataset &dataset, const Item &item)
{
    const auto info = readImageInfo(dataset.absolute(item.image));
    if (!info)
        return info.error();
    auto annotation = readShapes(dataset, item);
    if (!annotation)
        return annotation.error();
    if (const auto fits = checkDeclaredSize(dataset, item, *annotation, info->size); !fits)
        return fits.error();
    return std::pair(std::move(*annotation), info->size);
}

} // namespace

Result<OverlapMap> readOverlapMap(const Dataset &dataset, const Item &item)
{
    return guarded(item, [&]() -> Result<OverlapMap> {
        if (!hasShapes(dataset, item)) {
            const auto ids = readLabelMap(dataset, item);
            if (!ids)
                return ids.error();
            return overlapsOf(*ids);
        }
        const auto shapes = readFittingShapes(dataset, item);
        if (!shapes)
            return shapes.error();
        auto map = rasteriseOverlaps(shapes->first, dataset.labels, shapes->second);
        if (!map)
            return Error{map.error().code, item.image + ": " + map.error().message, item.image};
        return map;
    });
}

Result<cv::Mat1b> readLabelMap(const Dataset &dataset, const Item &item)
{
    return guarded(item, [&]() -> Result<cv::Mat1b> {
        const bool isShapes = hasShapes(dataset, item);
        if (!isShapes && item.mask.empty())
            return Error{ErrorCode::Data, item.image + ": has no annotation", item.image};
        if (!isShapes) {
            const auto info = readImageInfo(dataset.absolute(item.image));
            if (!info)
                return info.error();
            const auto values = readItemMask(dataset, item, info->size);
            if (!values)
                return values.error();
            auto ids = classIdsOf(dataset, *values);
            if (!ids)
                return Error{ErrorCode::Data, dataset.absolute(item.mask) + ": " + ids.error().message, item.mask};
            return ids;
        }
        const auto shapes = readFittingShapes(dataset, item);
        if (!shapes)
            return shapes.error();
        return labelMapOf(shapes->first, dataset.labels, shapes->second);
    });
}

} // namespace masque
