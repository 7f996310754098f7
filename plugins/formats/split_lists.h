// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

namespace masque {

/// Gives items the split of the text file that lists their names, such as ImageSets/Segmentation/train.txt: a file
/// named like a split (train, val, test), the first word of a line a path or a name.
void readSplitLists(const std::vector<std::string> &files, Dataset &dataset);

} // namespace masque
