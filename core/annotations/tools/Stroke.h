// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

namespace masque {

/// The scratch mask of a brush stroke. Its bitmap grows with the stroke, by half of itself at a time, and never beyond
/// the image, so that a move costs what it paints.
class Stroke {
public:
    enum class Tip { Round, Square };
    Stroke(Size imageSize, double radiusPx, Tip tip);

    /// Paints every pixel whose centre the tip covers on its way between two points. Returns the pixels touched.
    Rect paint(Point from, Point to);

    /// What is painted so far. Shares the stroke's pixels: valid until the next paint().
    std::shared_ptr<const Mask> view() const;

private:
    void makeRoom(const Rect &needed);

    Rect m_image;
    double m_radius;
    Tip m_tip;
    Rect m_used; ///< painted so far
    Mask m_room; ///< allocated
};

} // namespace masque
