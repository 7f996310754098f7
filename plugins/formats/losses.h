// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

namespace masque {

/// What a format can hold of annotations; everything else is told before it is lost.
struct Holds {
    bool outlines = false;    ///< polygons, by their points
    bool rectangles = false;  ///< as such
    bool otherShapes = false; ///< circles, lines, points and turned rectangles as such
    bool pixels = false;      ///< masks, exactly; without it outlines stand for them, which have no holes
    bool softEdges = false;   ///< partly transparent pixels of masks, where the source has such
    bool objects = false;     ///< every shape by itself, also beside or under another
    bool groups = false, descriptions = false, shapeFlags = false;
    bool raters = false; ///< of faces: intensity, rater, votes
    bool imageFlags = false, imageClasses = false, imageVotes = false;
    bool ignored = false;   ///< shapes of `__ignore__`
    bool reviewed = false;  ///< that an image was looked at
    bool unlabelled = true; ///< an image that nobody has labelled is another than one without shapes
    bool splits = true;

    bool shapes() const { return outlines || rectangles || otherShapes || pixels; }
};

/// "Holes in masks are filled: 3."
std::string lossText(const std::string &what, std::int64_t count);

/// A sentence (lossText) for each kind of thing that is lost. Reads every annotation.
/// Stops early when asked to.
std::vector<std::string> lossesOf(const Dataset &, const Holds &, std::stop_token, const Progress &);

/// A shape lies over another.
bool hasCovered(const Annotation &, Size);
/// Images without a class, which formats of such leave out.
std::vector<std::string> lossOfClassless(const Dataset &);

} // namespace masque
