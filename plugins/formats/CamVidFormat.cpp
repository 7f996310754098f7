// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/CamVidFormat.h"

#include "core/base/text.h"
#include "core/datasets/class_list.h"
#include "core/datasets/listing.h"
#include "core/datasets/split.h"
#include "plugins/formats/mask_classes.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace fs = std::filesystem;

namespace masque {

namespace {

/// The lists in a folder, by split.
std::map<Split, std::string> findLists(const std::string &root)
{
    std::map<Split, std::string> lists;
    std::error_code error;
    for (auto entry = fs::directory_iterator(root, error); !error && entry != fs::directory_iterator();
         entry.increment(error))
        if (const auto split = splitFromName(entry->path().stem().string());
            split != Split::None && entry->path().extension() == ".txt")
            lists[split] = entry->path().filename().string();
    return lists;
}

/// The path of a file that a list names; lists made elsewhere have folders in front that are not here.
std::string resolve(const std::string &root, std::string path)
{
    std::ranges::replace(path, '\\', '/');
    while (!path.empty()) {
        path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
        std::error_code ignored;
        if (!path.empty() && fs::is_regular_file(fs::path(root) / path, ignored))
            return fs::path(path).lexically_normal().generic_string();
        const auto slash = path.find('/');
        if (slash == std::string::npos)
            break;
        path.erase(0, slash);
    }
    return {};
}

struct Pair {
    std::string image, mask;
};

/// A line's two files; names may hold spaces, so each space is tried.
std::optional<Pair> readPair(const std::string &root, const std::string &line)
{
    for (std::size_t i = 1; i + 1 < line.size(); ++i)
        if (line[i] == ' ' || line[i] == '\t' || line[i] == ',') {
            Pair pair{resolve(root, trimmed(line.substr(0, i))), resolve(root, trimmed(line.substr(i + 1)))};
            if (!pair.image.empty() && !pair.mask.empty())
                return pair;
        }
    return {};
}

} // namespace

int CamVidFormat::probe(const std::string &path) const
{
    for (const auto &[split, list] : findLists(path)) {
        const auto lines = readLabelsTxt((fs::path(path) / list).string());
        if (lines && !lines->empty() && readPair(path, lines->front()))
            return 90;
    }
    return 0;
}

Result<Dataset> CamVidFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    std::map<std::string, Split> seen;
    for (const auto &[split, list] : findLists(path)) {
        const auto lines = readLabelsTxt(dataset.absolute(list));
        if (!lines) {
            dataset.problems.push_back({list, lines.error().message});
            continue;
        }
        for (std::size_t i = 0; i < lines->size(); ++i) {
            const auto &line = (*lines)[i];
            const auto where = "line " + std::to_string(i + 1) + ": ";
            auto pair = readPair(path, line);
            if (!pair) {
                dataset.problems.push_back({list, where + "an image and a mask that exist were expected: " + line});
            } else if (const auto [at, isNew] = seen.emplace(pair->image, split); !isNew) {
                dataset.problems.push_back({list, where + pair->image + " is already in "
                                                      + std::string(splitName(at->second))
                                                      + " and stays there; an image belongs to one split"});
            } else {
                auto item = itemFor(pair->image);
                item.mask = std::move(pair->mask);
                item.split = split;
                dataset.items.push_back(std::move(item));
            }
        }
    }
    std::ranges::sort(dataset.items, naturalLess, &Item::image);
    decideMaskClasses(dataset);
    return dataset;
}

namespace {

/// The lists have no place for an image without a split.
Split listedSplit(Split split)
{
    return split == Split::None ? Split::Train : split;
}

} // namespace

Result<bool> CamVidFormat::place(const Dataset &dataset, Output &output) const
{
    if (!output.isAnnotated)
        return false; // lists pair each image with a mask
    const std::string split(splitName(listedSplit(output.item->split)));
    output.image = split + "/" + output.stem + output.extension;
    output.files = {split + "annot/" + output.stem + maskExtension(dataset, *output.item)};
    return true;
}

std::vector<std::string> CamVidFormat::commonFiles(const Dataset &, const std::vector<Output> &outputs) const
{
    std::set<std::string> files{"classes.txt"};
    for (const Output &output : outputs)
        files.insert(std::string(splitName(listedSplit(output.item->split))) + ".txt");
    return {files.begin(), files.end()};
}

std::vector<std::string> CamVidFormat::ownLosses(const Dataset &dataset) const
{
    std::vector<std::string> all;
    if (const auto count =
            std::ranges::count_if(dataset.items, [&](const Item &item) { return !hasAnnotation(dataset, item); }))
        all.push_back(lossText("Images without a mask are left out", count));
    if (dataset.splitCounts()[0] > 0)
        all.push_back(lossText("Images without a split go into train", dataset.splitCounts()[0]));
    return all;
}

Result<void> CamVidFormat::writeCommon(const Dataset &dataset, const std::string &folder,
                                       const std::map<Split, std::vector<std::string>> &lines) const
{
    std::map<Split, std::vector<std::string>> lists;
    for (const auto &[split, own] : lines) {
        auto &list = lists[listedSplit(split)];
        list.insert(list.end(), own.begin(), own.end());
    }
    for (auto &[split, list] : lists) {
        std::ranges::sort(list, naturalLess);
        if (auto written = writeLines(folder + "/" + std::string(splitName(split)) + ".txt", list); !written)
            return written;
    }
    return writeLines(folder + "/classes.txt", tableFor(dataset).lines(dataset.labels));
}

} // namespace masque
