// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace masque {

/// Finds the images that a list names: lists made elsewhere have other folders in front.
class ImageFinder {
public:
    /// Files of the dataset, relative to its root.
    explicit ImageFinder(const std::vector<std::string> &files);
    /// The image of the given name behind one of the prefixes, in their order, else the only one of its file name.
    /// Empty if there is none, or several that it could be.
    std::string find(std::string given, const std::vector<std::string> &prefixes) const;
    const std::set<std::string> &images() const { return m_images; }

private:
    std::set<std::string> m_images;
    std::map<std::string, std::string> m_byName; ///< empty where several have the name
};

} // namespace masque
