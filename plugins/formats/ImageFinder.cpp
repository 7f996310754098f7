// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/ImageFinder.h"

#include "core/image/image_file.h"

#include <algorithm>

namespace masque {

namespace {

std::string nameOf(const std::string &file)
{
    return file.substr(file.find_last_of('/') + 1);
}

} // namespace

ImageFinder::ImageFinder(const std::vector<std::string> &files)
{
    for (const auto &file : files) {
        if (!hasImageExtension(file))
            continue;
        m_images.insert(file);
        const auto [known, isNew] = m_byName.emplace(nameOf(file), file);
        if (!isNew)
            known->second.clear();
    }
}

std::string ImageFinder::find(std::string given, const std::vector<std::string> &prefixes) const
{
    std::ranges::replace(given, '\\', '/');
    for (const auto &prefix : prefixes)
        if (m_images.contains(prefix + given))
            return prefix + given;
    const auto byName = m_byName.find(nameOf(given));
    return byName == m_byName.end() ? std::string() : byName->second;
}

} // namespace masque
