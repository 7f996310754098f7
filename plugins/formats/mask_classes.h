// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

namespace masque {

/// Decides what the values of a dataset's mask files stand for (labels, labelsFixed, maskIds): by a file of classes in
/// the root (classes.txt, labels.txt, label_colors.txt, class_dict.csv, ...) and by looking into a handful of masks.
/// 0 and 255 alone are `_background_` and `foreground`, and so are mattes, whose many greys lie between at edges; other
/// grey values are ids, 255 = ignore; colours are numbered.
void decideMaskClasses(Dataset &dataset);

/// The 21 classes of Pascal VOC's devkit, background first.
const std::vector<std::string> &vocNames();
/// Its colours of the ids 0 to 255 (the devkit's VOClabelcolormap); 255 is void.
const std::vector<Color> &vocPalette();

} // namespace masque
