// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/split_lists.h"

#include "core/datasets/class_list.h"
#include "core/datasets/listing.h"
#include "core/datasets/split.h"

namespace masque {

void readSplitLists(const std::vector<std::string> &files, Dataset &dataset)
{
    std::map<std::string, std::size_t> itemByName;
    for (std::size_t i = 0; i < dataset.items.size(); ++i) {
        const std::string &image = dataset.items[i].image;
        itemByName[withoutExtension(image.substr(image.find_last_of('/') + 1))] = i;
    }
    for (const auto &file : files) {
        const auto slash = file.find_last_of('/');
        const auto split = splitFromName(withoutExtension(file.substr(slash + 1)));
        if (!file.ends_with(".txt") || split == Split::None)
            continue;
        const auto lines = readLabelsTxt(dataset.absolute(file));
        if (!lines) {
            dataset.problems.push_back({file, lines.error().message});
            continue;
        }
        for (const auto &line : *lines) {
            const auto name = withoutExtension(line.substr(line.find_last_of('/') + 1));
            if (const auto found = itemByName.find(name); found != itemByName.end())
                dataset.items[found->second].split = split;
        }
    }
}

} // namespace masque
