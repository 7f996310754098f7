// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/CocoFormat.h"

#include "core/base/text.h"
#include "core/datasets/listing.h"
#include "core/datasets/split.h"
#include "plugins/formats/CocoSource.h"
#include "plugins/formats/ImageFinder.h"

#include <algorithm>
#include <set>
#include <unordered_set>

namespace masque {

namespace {

constexpr std::size_t kListedProblems = 100;

/// A file of annotations and what its name says.
struct Named {
    std::string file;
    std::string folder = {}; ///< with '/' at the end, or empty
    std::string subset = {}; ///< "train2017"
    Split split = Split::None;
    int rank = 0; ///< which of several for the same images counts: the least
};

Named named(const std::string &file)
{
    Named out{.file = file};
    const auto slash = file.find_last_of('/');
    out.folder = slash == std::string::npos ? std::string() : file.substr(0, slash + 1);
    const std::string stem = withoutExtension(file.substr(out.folder.size()));
    const auto underscore = stem.find_last_of('_');
    out.subset = underscore == std::string::npos ? stem : stem.substr(underscore + 1);
    out.split = splitFromName(out.subset.substr(0, out.subset.find_first_of("0123456789")));
    if (out.split == Split::None)
        out.split = splitOfPath(file);
    constexpr std::string_view kKinds[] = {"instances", "person_keypoints", "stuff"};
    const auto kind = std::ranges::find_if(kKinds, [&](auto name) { return stem.starts_with(name); });
    const bool isOther = stem.starts_with("captions") || stem.starts_with("image_info") || stem.starts_with("panoptic")
                         || stem.starts_with("labels");
    out.rank = kind != std::end(kKinds) ? static_cast<int>(kind - std::begin(kKinds)) : isOther ? 9 : 3;
    return out;
}

/// Near the root, or beside images; the likeliest first. LabelMe's lie beside an image of their name.
std::vector<Named> annotationFiles(const std::string &root, const std::vector<std::string> &files)
{
    std::unordered_set<std::string> images;
    for (const auto &file : files)
        if (hasImageExtension(file))
            images.insert(withoutExtension(file));
    std::vector<Named> found;
    for (const auto &file : files) {
        if (!file.ends_with(".json") && !file.ends_with(".JSON"))
            continue;
        if (images.contains(withoutExtension(file)))
            continue;
        const auto folders = foldersOf(file);
        const bool isNear = folders.size() <= 1 || (folders.size() == 2 && folders.back() == "annotations")
                            || file.ends_with(".coco.json");
        if (isNear && file.find("panoptic_") == std::string::npos && CocoFile::isCoco(root + "/" + file))
            found.push_back(named(file));
    }
    std::ranges::stable_sort(found, {}, &Named::rank);
    return found;
}

/// Where a list's images may lie.
std::vector<std::string> prefixesFor(const Named &list)
{
    const std::string above = list.folder == "annotations/" ? std::string() : list.folder;
    return {list.folder, "", "images/", "images/" + list.subset + "/", list.subset + "/", above + "images/"};
}

} // namespace

int CocoFormat::probe(const std::string &path) const
{
    const auto found = annotationFiles(path, *listedFiles(path));
    // Folders below may be another tool's exports: LabelMe files nearer to the root are surer.
    const bool isNear = std::ranges::any_of(found, [](const Named &list) {
        return list.folder.empty() || list.folder == "annotations/" || splitOfPath(list.file) != Split::None;
    });
    return isNear ? 88 : found.empty() ? 0 : 50;
}

Result<Dataset> CocoFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    const ImageFinder finder(listing.files);
    const auto source = std::make_shared<CocoSource>();
    std::map<std::int64_t, std::string> categories;
    std::set<std::string> listed;
    std::size_t missing = 0;
    for (const Named &list : annotationFiles(path, listing.files)) {
        auto opened = CocoFile::open(dataset.absolute(list.file));
        if (!opened) {
            dataset.problems.push_back({list.file, opened.error().message});
            continue;
        }
        if (!opened->hasShapes() && list.rank == 9)
            continue; // captions and the like
        const CocoFile &file = source->lists.emplace(list.file, std::move(*opened)).first->second;
        for (const auto &[number, name] : file.categories())
            if (const auto [known, isNew] = categories.emplace(number, name); !isNew && known->second != name)
                dataset.problems.push_back({list.file, "category " + std::to_string(number) + " is '" + name
                                                           + "' here and '" + known->second + "' in another file"});
        for (std::size_t i = 0; i < file.images().size(); ++i) {
            const std::string image = finder.find(file.images()[i].fileName, prefixesFor(list));
            if (image.empty()) {
                if (missing++ < kListedProblems)
                    dataset.problems.push_back({list.file, file.images()[i].fileName + ": there is no such image"});
                continue;
            }
            if (!listed.insert(image).second)
                continue;
            Item item = itemFor(image);
            item.foreign = list.file + "#" + std::to_string(i);
            item.split = list.split;
            dataset.items.push_back(std::move(item));
        }
    }
    if (missing > kListedProblems)
        dataset.problems.push_back({path, std::to_string(missing - kListedProblems) + " images more are not there"});
    if (source->lists.empty())
        return Error{ErrorCode::Data, path + ": no file of annotations could be read", path};
    std::ranges::sort(dataset.items, naturalLess, &Item::image);
    dataset.labels.add(kBackgroundName);
    for (const auto &[number, name] : categories)
        dataset.labels.add(name);
    dataset.labelsFixed = true;
    dataset.source = source;
    return dataset;
}

} // namespace masque
