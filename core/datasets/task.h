// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

namespace masque {

/// Takes a dataset for what a person wants to learn from it: "segmentation", "classification", or "emotion", which is
/// classification into the seven of FER-2013. The classes of whole images are those of its folders, or the flags that
/// its annotations set. In a dataset of annotations a rectangle that bears a class (a face with its emotion) is an
/// image of its own, cut out by its name (core/image/region.h), in the place of the image that it lies in. Errors:
/// another word, masks asked of what has none, no image with a class.
Result<void> setTask(IndexedDataset &indexed, const std::string &task);

} // namespace masque
