// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/LabelLayer.h"

#include <algorithm>
#include <chrono>
#include <exception>

namespace masque {

namespace {
constexpr int kTile = 1024;
}

std::uint8_t LabelLayer::valueOf(const LabelSet &labels, std::uint8_t id)
{
    const bool isShifted = id != kIgnoreId && !labels.hasBackground();
    return isShifted ? static_cast<std::uint8_t>(std::min(id + 1, kIgnoreId - 1)) : id;
}

void LabelLayer::reset(Size imageSize)
{
    try {
        if (imageSize != m_size) {
            m_levels.clear();
            if (!imageSize.isEmpty()) {
                m_levels.emplace_back(imageSize.height, imageSize.width, std::uint8_t{0});
                while (std::max(m_levels.back().cols, m_levels.back().rows) > kTile)
                    m_levels.emplace_back((m_levels.back().rows + 1) / 2, (m_levels.back().cols + 1) / 2,
                                          std::uint8_t{0});
            }
        }
        m_size = imageSize;
    } catch (const std::exception &) { // short of memory: the image is shown without its labels
        m_levels.clear();
        m_size = {};
    }
    m_columns = (m_size.width + kTile - 1) / kTile;
    m_dirty.assign(static_cast<std::size_t>(m_columns * ((m_size.height + kTile - 1) / kTile)), {});
    for (std::size_t tile = 0; tile < m_dirty.size(); ++tile)
        m_dirty[tile] = tileRect(tile);
}

Rect LabelLayer::tileRect(std::size_t tile) const
{
    const int column = static_cast<int>(tile) % m_columns;
    const int row = static_cast<int>(tile) / m_columns;
    return Rect{column * kTile, row * kTile, kTile, kTile}.intersected({0, 0, m_size.width, m_size.height});
}

template <typename Visit>
void LabelLayer::visitTiles(Rect area, Visit visit) const
{
    area = area.intersected({0, 0, m_size.width, m_size.height});
    if (area.isEmpty())
        return;
    for (int row = area.y / kTile; row <= (area.bottom() - 1) / kTile; ++row)
        for (int column = area.x / kTile; column <= (area.right() - 1) / kTile; ++column)
            visit(static_cast<std::size_t>(row * m_columns + column));
}

void LabelLayer::invalidate(Rect area)
{
    visitTiles(area, [&](std::size_t tile) { m_dirty[tile] = m_dirty[tile].united(tileRect(tile).intersected(area)); });
}

bool LabelLayer::isClean(Rect area) const
{
    bool isClean = true;
    visitTiles(area, [&](std::size_t tile) { isClean = isClean && m_dirty[tile].isEmpty(); });
    return isClean;
}

Rect LabelLayer::refresh(const Source &source, Rect area, double budgetMs)
{
    if (isClean(area))
        return {};
    const auto start = std::chrono::steady_clock::now();
    std::vector<Rect> bounds;
    bounds.reserve(source.annotation.shapes.size());
    for (const Shape &shape : source.annotation.shapes) {
        bounds.push_back(source.isVisible(shape) ? shape.bounds() : Rect{});
    }
    Rect painted;
    visitTiles(area, [&](std::size_t tile) {
        const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
        Rect &dirty = m_dirty[tile];
        if (dirty.isEmpty() || passed.count() > budgetMs)
            return;
        paint(source, bounds, dirty);
        halve(dirty);
        painted = painted.united(dirty);
        dirty = {};
    });
    return painted;
}

void LabelLayer::paint(const Source &source, const std::vector<Rect> &bounds, Rect area)
{
    cv::Mat1b map = m_levels.front()(cv::Rect(area.x, area.y, area.width, area.height));
    map.setTo(0);
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        if (bounds[i].intersected(area).isEmpty())
            continue;
        const Shape &shape = source.annotation.shapes[i];
        if (const auto id = source.labels.idOf(shape.label))
            paintShape(map, {double(area.x), double(area.y)}, shape, valueOf(source.labels, *id));
    }
}

void LabelLayer::halve(Rect area)
{
    for (std::size_t k = 1; k < m_levels.size(); ++k) {
        const cv::Mat1b &from = m_levels[k - 1];
        cv::Mat1b &to = m_levels[k];
        const int left = area.x / 2, top = area.y / 2;
        area = {left, top, (area.right() + 1) / 2 - left, (area.bottom() + 1) / 2 - top};
        for (int y = area.y; y < area.bottom(); ++y) {
            const std::uint8_t *upper = from[2 * y];
            const std::uint8_t *lower = from[std::min(2 * y + 1, from.rows - 1)];
            std::uint8_t *out = to[y];
            for (int x = area.x; x < area.right(); ++x) {
                const int a = 2 * x, b = std::min(a + 1, from.cols - 1);
                out[x] = std::max(std::max(upper[a], upper[b]), std::max(lower[a], lower[b]));
            }
        }
    }
}

} // namespace masque
