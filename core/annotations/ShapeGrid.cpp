// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/ShapeGrid.h"

#include <algorithm>

namespace masque {

namespace {
constexpr int kCellsAlong = 64; ///< of the longer side
}

void ShapeGrid::update(const Annotation &annotation, Size imageSize, Rect dirty)
{
    std::unordered_map<ShapeId, Rect> known;
    known.reserve(annotation.shapes.size());
    m_bounds.clear();
    for (const Shape &shape : annotation.shapes) {
        const auto old = m_known.find(shape.id);
        const bool isSame = old != m_known.end() && old->second.intersected(dirty).isEmpty();
        m_bounds.push_back(isSame ? old->second : shape.bounds());
        known.emplace(shape.id, m_bounds.back());
    }
    m_known = std::move(known);

    m_cellPx = std::max(32, (std::max(imageSize.width, imageSize.height) + kCellsAlong - 1) / kCellsAlong);
    m_columns = std::max(1, (imageSize.width + m_cellPx - 1) / m_cellPx);
    m_rows = std::max(1, (imageSize.height + m_cellPx - 1) / m_cellPx);
    m_cells.assign(static_cast<std::size_t>(m_columns * m_rows), {});
    for (std::size_t i = 0; i < m_bounds.size(); ++i) {
        if (m_bounds[i].isEmpty())
            continue;
        const Rect cells = cellsOf(m_bounds[i]);
        for (int row = cells.y; row < cells.bottom(); ++row)
            for (int column = cells.x; column < cells.right(); ++column)
                m_cells[static_cast<std::size_t>(row * m_columns + column)].push_back(static_cast<std::uint32_t>(i));
    }
}

Rect ShapeGrid::cellsOf(Rect area) const
{
    const auto cell = [this](int pixel, int count) { return std::clamp(pixel / m_cellPx, 0, count - 1); };
    const int left = cell(area.x, m_columns), top = cell(area.y, m_rows);
    return {left, top, cell(area.right() - 1, m_columns) - left + 1, cell(area.bottom() - 1, m_rows) - top + 1};
}

std::vector<std::size_t> ShapeGrid::touching(Rect area) const
{
    std::vector<std::size_t> found;
    if (area.isEmpty() || m_cells.empty())
        return found;
    const Rect cells = cellsOf(area);
    for (int row = cells.y; row < cells.bottom(); ++row)
        for (int column = cells.x; column < cells.right(); ++column)
            for (const std::uint32_t i : m_cells[static_cast<std::size_t>(row * m_columns + column)])
                if (!m_bounds[i].intersected(area).isEmpty())
                    found.push_back(i);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

} // namespace masque
