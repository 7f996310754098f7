// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "core/annotations/ShapeGrid.h"
#include "core/annotations/rasterise.h"

#include <cstdlib>
#include <functional>
#include <memory>
#include <vector>

namespace masque {

/// The class of every pixel of an image as the rasteriser paints it, kept up to date by dirty rectangles in tiles, with
/// halves for zooming out. A pixel's value is 0 where nothing is labelled, else valueOf its class. Work is done for
/// what is looked at only, in slices, so that huge images stay fluent.
class LabelLayer {
public:
    struct Source {
        const Annotation &annotation;
        const LabelSet &labels;
        const ShapeGrid &grid; ///< of the annotation
        std::function<bool(const Shape &)> isVisible;
    };

    /// The id itself where there is a background class, else one more, so that the first class is seen too.
    static std::uint8_t valueOf(const LabelSet &labels, std::uint8_t id);

    void reset(Size imageSize); ///< everything is dirty
    Size imageSize() const { return m_size; }
    void invalidate(Rect area);
    /// Paints what is dirty in area until budgetMs have passed, at least one tile. Returns what it painted.
    Rect refresh(const Source &source, Rect area, double budgetMs);
    bool isClean(Rect area) const;
    bool isBlank(Rect area) const; ///< nothing was ever painted there

    int levelCount() const { return static_cast<int>(m_levels.size()); }
    /// [k] is halved k times, sizes rounded up. Of four pixels the highest id stands, so that thin shapes stay visible.
    const cv::Mat1b &level(int k) const { return m_levels[static_cast<std::size_t>(k)]; }

private:
    Rect tileRect(std::size_t tile) const;
    bool paint(const Source &source, Rect area); ///< false: still blank
    void halve(Rect area);
    template <typename Visit>
    void visitTiles(Rect area, Visit visit) const;

    Size m_size;
    int m_columns = 0;
    struct Free {
        void operator()(void *memory) const { std::free(memory); }
    };
    void addLevel(int width, int height);

    std::vector<std::unique_ptr<std::uint8_t, Free>> m_memory; ///< of the levels; pages never painted cost nothing
    std::vector<cv::Mat1b> m_levels;
    std::vector<Rect> m_dirty;  ///< a tile each
    std::vector<bool> m_isUsed; ///< a tile each: something was painted there once
};

} // namespace masque
