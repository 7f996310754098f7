// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/LabelLayer.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>

namespace masque {

namespace {
constexpr int kTile = 256;
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
            m_memory.clear();
            if (!imageSize.isEmpty()) {
                addLevel(imageSize.width, imageSize.height);
                while (std::max(m_levels.back().cols, m_levels.back().rows) > 2 * kTile)
                    addLevel((m_levels.back().cols + 1) / 2, (m_levels.back().rows + 1) / 2);
            }
            m_isUsed.clear();
        }
        m_size = imageSize;
    } catch (const std::exception &) { // short of memory: the image is shown without its labels
        m_levels.clear();
        m_memory.clear();
        m_size = {};
    }
    m_columns = (m_size.width + kTile - 1) / kTile;
    m_dirty.assign(static_cast<std::size_t>(m_columns * ((m_size.height + kTile - 1) / kTile)), {});
    m_isUsed.resize(m_dirty.size(), false);
    for (std::size_t tile = 0; tile < m_dirty.size(); ++tile)
        m_dirty[tile] = tileRect(tile);
}

/// Zeroed by the system page by page as they are first written.
void LabelLayer::addLevel(int width, int height)
{
    auto *bytes =
        static_cast<std::uint8_t *>(std::calloc(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 1));
    if (!bytes)
        throw std::bad_alloc();
    m_memory.emplace_back(bytes);
    m_levels.emplace_back(height, width, bytes);
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
    Rect painted;
    visitTiles(area, [&](std::size_t tile) {
        const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
        Rect &dirty = m_dirty[tile];
        if (dirty.isEmpty() || (passed.count() > budgetMs && !painted.isEmpty()))
            return;
        if (paint(source, dirty) || m_isUsed[tile]) {
            m_isUsed[tile] = true;
            halve(dirty);
        }
        painted = painted.united(dirty);
        dirty = {};
    });
    return painted;
}

bool LabelLayer::isBlank(Rect area) const
{
    bool isUsed = false;
    visitTiles(area, [&](std::size_t tile) { isUsed = isUsed || m_isUsed[tile]; });
    return !isUsed;
}

bool LabelLayer::paint(const Source &source, Rect area)
{
    cv::Mat1b map = m_levels.front()(cv::Rect(area.x, area.y, area.width, area.height));
    const std::vector<std::size_t> shapes = source.grid.touching(area);
    const bool wasBlank = isBlank(area);
    if (!wasBlank)
        map.setTo(0);
    bool isPainted = false;
    for (const std::size_t i : shapes) {
        const Shape &shape = source.annotation.shapes[i];
        if (!source.isVisible(shape))
            continue;
        if (const auto id = source.labels.idOf(shape.label)) {
            paintShape(map, {double(area.x), double(area.y)}, shape, valueOf(source.labels, *id));
            isPainted = true;
        }
    }
    return isPainted || !wasBlank;
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
