// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/ClassFoldersFormat.h"

#include "core/base/text.h"
#include "core/datasets/emotions.h"
#include "core/datasets/listing.h"
#include "core/datasets/split.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace masque {

namespace {

struct NaturalOrder {
    bool operator()(const std::string &a, const std::string &b) const { return naturalLess(a, b); }
};

/// The images that lie in a class's folder, and what they lie in.
struct Layout {
    std::vector<std::pair<std::string, std::string>> images; ///< file, class
    std::set<std::string, NaturalOrder> classes;
    std::size_t documents = 0; ///< JSON files
    bool split = false;        ///< folders of splits above
    bool regular = true;       ///< nothing lies elsewhere
    bool emotions = false;     ///< the classes are FER-2013's
};

Layout layoutOf(const std::vector<std::string> &files)
{
    Layout layout;
    for (const auto &file : files) {
        layout.documents += file.ends_with(".json") && file.find('/') != std::string::npos;
        if (!hasImageExtension(file))
            continue;
        const auto folders = foldersOf(file);
        const bool split = !folders.empty() && splitFromName(folders[0]) != Split::None;
        const std::size_t at = split ? 1 : 0;
        if (folders.size() <= at) {
            layout.regular = false;
            continue;
        }
        layout.regular = layout.regular && folders.size() == at + 1;
        layout.split = layout.split || split;
        layout.classes.insert(folders[at]);
        layout.images.push_back({file, folders[at]});
    }
    layout.emotions = layout.classes.size() >= 3 && std::ranges::all_of(layout.classes, isEmotion);
    return layout;
}

/// Folders that hold images of all classes.
bool isNoClassName(const std::string &name)
{
    static constexpr std::string_view kOther[] = {"images", "image",       "imgs",   "img",    "masks", "mask",
                                                  "labels", "annotations", "annots", "photos", "gt"};
    return std::ranges::find(kOther, toLowerAscii(name)) != std::end(kOther);
}

/// Photos sorted into folders by day or batch look like classes too: those have numbers in their names.
bool isBatchName(const std::string &name)
{
    return name.size() > 1 && std::ranges::any_of(name, [](unsigned char c) { return std::isdigit(c); });
}

} // namespace

int ClassFoldersFormat::probe(const std::string &path) const
{
    const auto layout = layoutOf(*listedFiles(path));
    if (!layout.regular || layout.documents * 2 > layout.images.size() || layout.classes.size() < 2
        || std::ranges::any_of(layout.classes, isNoClassName))
        return 0;
    if (layout.emotions)
        return 90;
    if (layout.split)
        return 75;
    const bool few = layout.images.size() < 5 * layout.classes.size();
    return few || std::ranges::any_of(layout.classes, isBatchName) ? 5 : 30;
}

Result<Dataset> ClassFoldersFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    dataset.task = Task::Classification;
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    auto layout = layoutOf(listing.files);
    if (layout.classes.size() > 255)
        return Error{ErrorCode::Data,
                     path + ": holds " + std::to_string(layout.classes.size()) + " class folders, at most 255 are read",
                     path};
    std::vector<std::string> names(layout.classes.begin(), layout.classes.end());
    if (layout.emotions)
        names.assign(kEmotions.begin(), kEmotions.end());
    dataset.labels = LabelSet(names);
    dataset.labelsFixed = true;
    for (auto &[file, name] : layout.images) {
        auto item = itemFor(file);
        item.label = layout.emotions ? toLowerAscii(name) : name;
        item.split = splitFromName(foldersOf(file).front());
        dataset.items.push_back(std::move(item));
    }
    return dataset;
}

Holds ClassFoldersFormat::holds() const
{
    return {.imageClasses = true};
}

Result<bool> ClassFoldersFormat::place(const Dataset &, Output &output) const
{
    const std::string &name = output.imageClass;
    if (name.empty() || name == kIgnoreName)
        return false;
    if (name.front() == '.' || name.find_first_of("/\\") != std::string::npos)
        return Error{ErrorCode::Data, "the class '" + name + "' cannot be the name of a folder; rename it", name};
    output.image = splitFolder(output.item->split) + name + "/" + output.stem + output.extension;
    return true;
}

std::vector<std::string> ClassFoldersFormat::ownLosses(const Dataset &dataset) const
{
    return lossOfClassless(dataset);
}

std::unique_ptr<WritingFormat::Writer> ClassFoldersFormat::makeWriter(const Dataset &, const std::string &) const
{
    class NoFile : public Writer { // the images are all there is
        Result<void> add(const Output &, const Annotation *) override { return {}; }
    };
    return std::make_unique<NoFile>();
}

} // namespace masque
