// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

/// Pixel convention of the whole program: origin at the image's top-left corner, x to the right, y down, pixel (i, j)
/// covers [i, i+1) x [j, j+1) and has its centre at (i + 0.5, j + 0.5). Rectangles are half-open.
namespace masque {

struct Point {
    double x = 0;
    double y = 0;
    friend bool operator==(const Point &, const Point &) = default;
    friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
    friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
    friend Point operator*(Point a, double k) { return {a.x * k, a.y * k}; }
};

struct Size {
    int width = 0;
    int height = 0;
    bool isEmpty() const { return width <= 0 || height <= 0; }
    friend bool operator==(const Size &, const Size &) = default;
};

/// Half-open pixel rectangle: contains x .. x + width - 1.
struct Rect {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;

    bool isEmpty() const { return width <= 0 || height <= 0; }
    int right() const { return x + width; }   ///< first column outside
    int bottom() const { return y + height; } ///< first row outside
    friend bool operator==(const Rect &, const Rect &) = default;

    Rect intersected(const Rect &other) const
    {
        const int l = std::max(x, other.x), t = std::max(y, other.y);
        const int r = std::min(right(), other.right()), b = std::min(bottom(), other.bottom());
        return r > l && b > t ? Rect{l, t, r - l, b - t} : Rect{};
    }
    /// The smallest rectangle around both; an empty one adds nothing.
    Rect united(const Rect &other) const
    {
        if (isEmpty())
            return other;
        if (other.isEmpty())
            return *this;
        const int l = std::min(x, other.x), t = std::min(y, other.y);
        return {l, t, std::max(right(), other.right()) - l, std::max(bottom(), other.bottom()) - t};
    }
    bool contains(int px, int py) const { return px >= x && py >= y && px < right() && py < bottom(); }
};

} // namespace masque
