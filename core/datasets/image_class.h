// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Edit.h"
#include "core/datasets/Dataset.h"

/// Classes of whole images, kept as labelme's flags of the image, of which one is set.
namespace masque {

/// Classes that a dataset's whole images can have: its own where it is of such; else the flags of masque.json; else
/// the seven emotions.
LabelSet imageClasses(const Dataset &);

/// The class that an image has by its summary: a flag among the classes or `__ignore__`, else its folder's; empty if it
/// has none.
std::string imageClassOf(const Item &, const ItemSummary &, const LabelSet &classes);

/// Sets the flag of one class, or of `__ignore__` (no such thing, or unsure), and clears those of the others; other
/// flags stay. Empty: none is set any longer. An empty edit where nothing changes.
Edit setImageClass(const Annotation &, const std::string &name, const LabelSet &classes);

/// What one rater says that the image is; empty takes it back. The class that most raters say becomes the image's, none
/// where they are even.
Edit setImageVote(const Annotation &, const std::string &rater, const std::string &name, const LabelSet &classes);

} // namespace masque
