// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

/// What a person says of a face besides its emotion, the shape's label: keys of the shape's own in LabelMe's JSON,
/// which labelme keeps ("other data"). They live in Shape::source, so undo, journal and writing know them.
namespace masque {

std::optional<double> intensityOf(const Shape &); ///< `intensity`, 0..1; nothing if it is not said
void setIntensity(Shape &, std::optional<double> intensity);
std::string raterOf(const Shape &); ///< `rater`, who said it; may be empty
void setRater(Shape &, const std::string &rater);
Votes votesOf(const Shape &); ///< `votes`, of several raters
void setVotes(Shape &, const Votes &votes);

/// How far raters agree on each shape that has votes, 0..1, least first; in order of shapes where it is even.
std::vector<std::pair<double, ShapeId>> agreements(const Annotation &);

} // namespace masque
