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

/// What raters said that the image is: by its annotation, else by the dataset's files.
const VoteCounts &votesFor(const Item &, const ItemSummary &);
/// How far raters agree on the image or on that of its shapes on which they agree least, 0..1; nothing without votes.
std::optional<double> agreementOn(const Item &, const ItemSummary &);

/// Sets the flag of one class, or of `__ignore__` (no such thing, or unsure), and clears those of the others; other
/// flags stay. Empty: none is set any longer. An empty edit where nothing changes.
Edit setImageClass(const Annotation &, const std::string &name, const LabelSet &classes);

/// What raters say that the image is. The class that most of them say becomes the image's, none where they are even.
Edit setImageVotes(const Annotation &, Votes votes, const LabelSet &classes);
/// The same with what one rater says; empty takes it back.
Edit setImageVote(const Annotation &, const std::string &rater, const std::string &name, const LabelSet &classes);

} // namespace masque
