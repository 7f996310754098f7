// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

#include <unordered_map>
#include <vector>

namespace masque {

/// Finds an annotation's shapes by place: their bounds in the cells of a grid over the image. Positions are those in
/// Annotation::shapes.
class ShapeGrid {
public:
    void reset() { *this = {}; }
    /// Takes the annotation as it is now. Only shapes that are new or whose old bounds touch dirty are measured again,
    /// so dirty must cover every shape that changed since the last time, as it was and as it is.
    void update(const Annotation &annotation, Size imageSize, Rect dirty);

    /// Positions, ascending, of the shapes whose bounds touch area. An area of the image's border also finds what lies
    /// outside of the image there.
    std::vector<std::size_t> touching(Rect area) const;
    const Rect &bounds(std::size_t position) const { return m_bounds[position]; }
    std::size_t size() const { return m_bounds.size(); }

private:
    /// Cells of a rectangle, half-open; what lies outside of the image counts to the border's cells.
    Rect cellsOf(Rect area) const;

    int m_cellPx = 1, m_columns = 0, m_rows = 0;
    std::vector<Rect> m_bounds;
    std::unordered_map<ShapeId, Rect> m_known;
    std::vector<std::vector<std::uint32_t>> m_cells;
};

} // namespace masque
