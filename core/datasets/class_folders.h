// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

/// Sorting images into folders by their class (ImageFolder's layout), for whoever wants that rather than flags; in a
/// way that can be taken back.
namespace masque {

/// An image's old and new path, relative to the dataset's root; its LabelMe file goes with it.
struct FileMove {
    std::string from, to;
    bool operator==(const FileMove &) const = default;
};

struct FolderPlan {
    std::vector<FileMove> moves;
    std::vector<Problem> staying; ///< images with a class that cannot be moved, and why
};
/// Where each image with a class belongs: in a folder of the class's name, which takes the place of the folder of
/// another class that it lies in, or is made where it lies. Images without a class, or that are none of them
/// (`__ignore__`), stay where they are. Nothing is touched.
FolderPlan planClassFolders(const Dataset &, const std::vector<ItemSummary> &, const LabelSet &classes);

/// Moves the files, never over another one. Before the first the moves are noted in .masque/class-folders.json, so that
/// after a crash at any moment they can be taken back. What cannot be moved is named, the rest goes on. Also the splits
/// of the dataset's runs get the new names. Errors: nothing can be noted, and then nothing is moved.
Result<std::vector<Problem>> moveIntoClassFolders(const std::string &root, const std::vector<FileMove> &moves,
                                                  std::stop_token stop = {}, const Progress &progress = {});

bool canUndoClassFolders(const std::string &root); ///< a sorting is noted
/// Takes the last sorting back, as far as its files are still where they were moved to; folders that are left empty go.
Result<std::vector<Problem>> undoClassFolders(const std::string &root, std::stop_token stop = {},
                                              const Progress &progress = {});

} // namespace masque
