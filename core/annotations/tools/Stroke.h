// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// The scratch mask of a gesture. Its bitmap grows with the stroke, by half of itself at a time, and never beyond the
/// image, so that a move costs what it paints.
class Stroke {
public:
    enum class Tip { Round, Square };
    /// The tip at one place; a pen's pressure makes it wider and narrower on its way.
    struct Dab {
        Point at;
        double radiusPx;
    };
    Stroke(Size imageSize, double radiusPx, Tip tip);
    explicit Stroke(const ToolContext &context); ///< with the context's brush

    void setValue(std::uint8_t value) { m_value = value; } ///< of what is painted from now on; 1 at first
    void setTip(Tip tip) { m_tip = tip; }

    /// Paints every pixel whose centre the tip covers on its way between two points. Returns the pixels touched.
    Rect paint(Point from, Point to) { return paint(Dab{from, m_radius}, Dab{to, m_radius}); }
    Rect paint(Dab from, Dab to);
    Rect add(const Mask &mask); ///< its pixels get the value
    /// Takes out where forbidden (the part's size) is not 0.
    void takeAway(const Rect &part, const cv::Mat1b &forbidden);

    bool isEmpty() const { return m_used.isEmpty(); }
    /// What is painted so far. Shares the stroke's pixels: valid until the next change.
    std::shared_ptr<const Mask> view() const;

private:
    void makeRoom(const Rect &needed);

    Rect m_image;
    double m_radius;
    Tip m_tip;
    std::uint8_t m_value = 1;
    Rect m_used; ///< painted so far
    Mask m_room; ///< allocated
};

/// The context's brush under the pointer, as wide as the pen is pressed.
Stroke::Dab brushDab(const ToolContext &, const PointerEvent &);

} // namespace masque
