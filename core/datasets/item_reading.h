// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

/// The steps of reading an item's annotation; private to core/datasets.
namespace masque {

/// A LabelMe file is there, or the dataset's source has an annotation; both are shapes.
bool hasShapes(const Dataset &, const Item &);
/// As such files say, LabelMe before the source.
Result<Annotation> readShapes(const Dataset &, const Item &);
/// The file that readShapes reads, relative to the root.
std::string shapesFile(const Dataset &, const Item &);
/// An error that says both sizes if the JSON was made for another image.
Result<void> checkDeclaredSize(const Dataset &, const Item &, const Annotation &, Size imageSize);
/// The mask's values (readMaskValues); an error that says both sizes if they differ.
Result<cv::Mat> readItemMask(const Dataset &, const Item &, Size imageSize);

} // namespace masque
