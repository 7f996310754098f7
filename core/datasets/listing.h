// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

namespace masque {

/// All regular files below a folder, relative with '/', in natural order. Hidden files and folders are left out; links
/// to folders are followed once, links back up are not. No file is opened.
struct FolderListing {
    std::vector<std::string> files;
    std::vector<Problem> problems; ///< folders that cannot be read
};
FolderListing listFolder(const std::string &root);
/// Its files alone; not copied where a ListingMemory has them.
std::shared_ptr<const std::vector<std::string>> listedFiles(const std::string &root);

/// While one lives, listFolder on its thread walks each folder once and answers from memory then: for several looks at
/// one folder in a row.
class ListingMemory {
public:
    ListingMemory();
    ~ListingMemory();
    ListingMemory(const ListingMemory &) = delete;
    ListingMemory &operator=(const ListingMemory &) = delete;

private:
    friend FolderListing listFolder(const std::string &root);
    friend std::shared_ptr<const std::vector<std::string>> listedFiles(const std::string &root);
    const std::shared_ptr<const FolderListing> &of(const std::string &root);

    std::map<std::string, std::shared_ptr<const FolderListing>> m_known;
};

/// "a/b/c.jpg" -> "a/b/c"; a dot in a folder's name does not count.
std::string withoutExtension(const std::string &path);
/// "a/b/c.jpg" -> {"a", "b"}.
std::vector<std::string> foldersOf(const std::string &path);
/// The split that the innermost folder named so gives.
Split splitOfPath(const std::string &path);

/// An item for an image with its LabelMe file beside it.
Item itemFor(const std::string &image);

} // namespace masque
