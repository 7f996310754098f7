// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/ImageMaskFormat.h"

#include "core/base/text.h"
#include "core/datasets/listing.h"
#include "core/datasets/split.h"
#include "plugins/formats/mask_classes.h"
#include "plugins/formats/split_lists.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace masque {

namespace {

constexpr std::string_view kImageFolders[] = {"images", "image",  "imgs",       "img",         "jpegimages",
                                              "photos", "inputs", "input",      "leftimg8bit", "rgb",
                                              "jpgs",   "src",    "image_data", "originals"};
constexpr std::string_view kMaskFolders[] = {"masks",
                                             "mask",
                                             "labels",
                                             "label",
                                             "annotations",
                                             "annotation",
                                             "annots",
                                             "annot",
                                             "gt",
                                             "gts",
                                             "ground_truth",
                                             "groundtruth",
                                             "segmentation",
                                             "segmentations",
                                             "segmentationclass",
                                             "gtfine",
                                             "targets",
                                             "target",
                                             "mattes",
                                             "segmentationclasspng"};
/// What a mask folder has after the name of its images' folder: train and trainannot.
constexpr std::string_view kMaskFolderEndings[] = {"annot", "_annot", "_masks", "_mask", "_labels", "_gt"};
/// What file names have after the name that image and mask share, in lower case.
constexpr std::string_view kNameEndings[] = {"_mask",
                                             "-mask",
                                             "_masks",
                                             "_gt",
                                             "_label",
                                             "_labels",
                                             "_seg",
                                             "_matte",
                                             "_segmentation",
                                             "_img",
                                             "_image",
                                             "_leftimg8bit",
                                             "_annotation",
                                             "_rgb",
                                             "_gtfine_labelids",
                                             "_ground_truth",
                                             "_gtfine_labeltrainids"};

template <typename List>
bool contains(const List &list, std::string_view name)
{
    return std::ranges::find(list, name) != std::end(list);
}

enum class Role { Plain, Image, Mask };

/// A file by the folders it lies in, and the name under which image and mask meet.
struct Placed {
    Role role = Role::Plain;
    std::string key;
};

Placed place(const std::string &file, const std::set<std::string> &folders)
{
    Placed placed;
    auto parts = splitText(file, '/');
    for (std::size_t i = parts.size() - 1; i-- > 0 && placed.role == Role::Plain;) {
        const auto name = toLowerAscii(parts[i]);
        if (contains(kMaskFolders, name) || contains(kImageFolders, name)) {
            placed.role = contains(kMaskFolders, name) ? Role::Mask : Role::Image;
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
            break;
        }
        for (const auto ending : kMaskFolderEndings) {
            const auto stem = parts[i].substr(0, parts[i].size() - std::min(ending.size(), parts[i].size()));
            auto sibling = std::vector<std::string>(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(i));
            sibling.push_back(stem);
            if (!stem.empty() && name.ends_with(ending) && folders.contains(joinText(sibling, "/"))) {
                placed.role = Role::Mask;
                parts[i] = stem;
                break;
            }
        }
    }
    placed.key = withoutExtension(joinText(parts, "/"));
    const auto lower = toLowerAscii(placed.key);
    for (const auto ending : kNameEndings)
        if (lower.ends_with(ending) && lower.size() > ending.size() && lower[lower.size() - ending.size() - 1] != '/') {
            placed.key.resize(placed.key.size() - ending.size());
            break;
        }
    return placed;
}

struct Pairs {
    std::vector<std::pair<std::string, std::string>> images; ///< file, key
    std::map<std::string, std::string> masks;                ///< by key
    std::size_t matched = 0;
};

Pairs pairUp(const std::vector<std::string> &files)
{
    std::set<std::string> folders;
    for (const auto &file : files)
        for (auto parts = foldersOf(file); !parts.empty(); parts.pop_back())
            if (!folders.insert(joinText(parts, "/")).second)
                break;
    Pairs pairs;
    std::vector<std::pair<std::string, std::string>> plain;
    for (const auto &file : files) {
        if (!hasImageExtension(file))
            continue;
        const auto [role, key] = place(file, folders);
        if (role == Role::Mask) {
            // Of Cityscapes' masks of one image the ids count before the training's.
            if (auto &mask = pairs.masks[key]; !mask.ends_with("_gtFine_labelIds.png"))
                mask = file;
        } else
            (role == Role::Image ? pairs.images : plain).push_back({file, key});
    }
    if (pairs.images.empty())
        pairs.images = std::move(plain);
    for (const auto &[file, key] : pairs.images)
        pairs.matched += pairs.masks.contains(key);
    return pairs;
}

} // namespace

int ImageMaskFormat::probe(const std::string &path) const
{
    const auto pairs = pairUp(*listedFiles(path));
    if (pairs.matched == 0)
        return 0;
    // Folders deep below may be another tool's exports: LabelMe files nearer to the root are surer.
    const bool near = std::ranges::any_of(pairs.images, [&](const auto &image) {
        const auto folders = foldersOf(image.first);
        return pairs.masks.contains(image.second)
               && (folders.size() <= 1 || splitOfPath(image.first) != Split::None
                   || contains(kImageFolders, toLowerAscii(folders.front())));
    });
    return near ? 80 : 50;
}

Result<Dataset> ImageMaskFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    auto pairs = pairUp(listing.files);
    if (pairs.matched == 0)
        return Error{
            ErrorCode::Data,
            path + ": no image has a mask of the same name; folders such as images/ and masks/ were looked for", path};
    std::set<std::string> used;
    for (const auto &[file, key] : pairs.images) {
        auto item = itemFor(file);
        if (const auto mask = pairs.masks.find(key); mask != pairs.masks.end()) {
            item.mask = mask->second;
            used.insert(key);
        }
        dataset.items.push_back(std::move(item));
    }
    for (const auto &[key, mask] : pairs.masks)
        if (!used.contains(key))
            dataset.problems.push_back({mask, "no image of this name was found for this mask"});
    readSplitLists(listing.files, dataset);
    decideMaskClasses(dataset);
    return dataset;
}

Result<bool> ImageMaskFormat::place(const Dataset &dataset, Output &output) const
{
    const std::string place = splitFolder(output.item->split) + output.stem;
    output.image = "images/" + place + output.extension;
    if (output.isAnnotated)
        output.files = {"masks/" + place + maskExtension(dataset, *output.item)};
    return true;
}

std::vector<std::string> ImageMaskFormat::commonFiles(const Dataset &, const std::vector<Output> &) const
{
    return {"classes.txt"};
}

Result<void> ImageMaskFormat::writeCommon(const Dataset &dataset, const std::string &folder,
                                          const std::map<Split, std::vector<std::string>> &) const
{
    return writeLines(folder + "/classes.txt", tableFor(dataset).lines(dataset.labels));
}

namespace {
constexpr const char *kObjectInfo = "objectInfo150.txt";
}

int Ade20kFormat::probe(const std::string &path) const
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(path + "/" + kObjectInfo, ignored) && ImageMaskFormat::probe(path) > 0 ? 86
                                                                                                                   : 0;
}

MaskTable Ade20kFormat::tableFor(const Dataset &dataset) const
{
    MaskTable table{.values = {}, .ignored = {0}};
    for (std::uint32_t id = 0, next = 1; id < static_cast<std::uint32_t>(dataset.labels.size()); ++id)
        table.values.push_back(id == 0 && dataset.labels.hasBackground() ? 0 : next++);
    return table;
}

Result<bool> Ade20kFormat::place(const Dataset &, Output &output) const
{
    const Split split = output.item->split;
    const std::string place = (split == Split::Val    ? "validation/"
                               : split == Split::Test ? "testing/"
                                                      : "training/")
                              + output.stem;
    output.image = "images/" + place + output.extension;
    if (output.isAnnotated)
        output.files = {"annotations/" + place + ".png"};
    return true;
}

std::vector<std::string> Ade20kFormat::commonFiles(const Dataset &, const std::vector<Output> &) const
{
    return {kObjectInfo};
}

std::vector<std::string> Ade20kFormat::ownLosses(const Dataset &dataset) const
{
    std::vector<std::string> all;
    if (dataset.labels.hasBackground())
        all.push_back("The background becomes pixels without truth, since ADE20K has none.");
    if (dataset.splitCounts()[0] > 0)
        all.push_back(lossText("Images without a split go into training", dataset.splitCounts()[0]));
    return all;
}

Result<void> Ade20kFormat::writeCommon(const Dataset &dataset, const std::string &folder,
                                       const std::map<Split, std::vector<std::string>> &) const
{
    std::vector<std::string> lines{"Idx\tRatio\tTrain\tVal\tName"};
    const auto values = tableFor(dataset).values;
    for (std::size_t id = 0; id < values.size(); ++id)
        if (values[id] > 0)
            lines.push_back(std::to_string(values[id]) + "\t0\t0\t0\t" + dataset.labels[static_cast<int>(id)].name);
    return writeLines(folder + "/" + kObjectInfo, lines);
}

} // namespace masque
