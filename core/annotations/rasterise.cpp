// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/rasterise.h"

#include "core/annotations/mask_ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

/// labelme draws with PIL, which truncates coordinates to pixels and fills rows by the even-odd rule. The same is done
/// here in doubles, row by row and clipped to the map, so that a part of an image comes out exactly as the whole and no
/// coordinate is too large.
namespace masque {

namespace {

constexpr double kLineWidthPx = 10;
constexpr double kPointRadiusPx = 5;
constexpr double kRimPx = 0.42; ///< how far beyond its pixels' centres an ellipse reaches to agree best with PIL's

/// The map being painted; coordinates are its own.
struct Painter {
    cv::Mat1b &map;
    std::uint8_t value;

    /// Columns first..last (both included, whole numbers) of row y, which must exist.
    void span(int y, double first, double last)
    {
        const double lo = std::max(first, 0.0), hi = std::min(last, map.cols - 1.0);
        if (lo <= hi)
            std::memset(map[y] + static_cast<int>(lo), value, static_cast<std::size_t>(hi - lo) + 1);
    }

    void pixel(Point p)
    {
        if (p.y >= 0 && p.y < map.rows)
            span(static_cast<int>(p.y), p.x, p.x);
    }

    /// Rows run from the pixel nearest to where an edge enters to the one nearest to where it leaves; vertices and
    /// level edges belong to the polygon.
    void polygon(const std::vector<Point> &pixels)
    {
        const auto next = [&](std::size_t i) { return pixels[i + 1 < pixels.size() ? i + 1 : 0]; };
        const auto row = [&](double y) { return static_cast<std::size_t>(std::clamp(y, 0.0, double(map.rows))); };
        // All rows' crossings in one list, a row after another: [k] of begins is where row k begins.
        std::vector<std::uint32_t> begins(static_cast<std::size_t>(map.rows) + 2);
        for (std::size_t i = 0; i < pixels.size(); ++i) { // how many edges begin and end to cross at a row
            const Point a = pixels[i], b = next(i);
            ++begins[row(std::min(a.y, b.y)) + 1];
            --begins[row(std::max(a.y, b.y)) + 1];
        }
        std::partial_sum(begins.begin(), begins.end(), begins.begin()); // how many cross a row
        std::partial_sum(begins.begin(), begins.end(), begins.begin());
        std::vector<double> crossings(begins.back());
        std::vector<std::uint32_t> ends(begins.begin(), begins.end() - 1);
        for (std::size_t i = 0; i < pixels.size(); ++i) {
            const Point a = pixels[i], b = next(i);
            pixel(a);
            if (a.y == b.y && a.y >= 0 && a.y < map.rows)
                span(static_cast<int>(a.y), std::min(a.x, b.x), std::max(a.x, b.x));
            const Point way = b - a; // multiplied first, so that halves are exact: any part comes out as the whole
            const std::size_t end = row(std::max(a.y, b.y));
            for (std::size_t y = row(std::min(a.y, b.y)); y < end; ++y)
                crossings[ends[y]++] = a.x + (static_cast<double>(y) - a.y) * way.x / way.y;
        }
        for (std::size_t y = 0; y < static_cast<std::size_t>(map.rows); ++y) {
            std::sort(crossings.begin() + begins[y], crossings.begin() + ends[y]);
            for (std::size_t i = begins[y]; i + 1 < ends[y]; i += 2)
                span(static_cast<int>(y), std::floor(crossings[i] + 0.5), std::ceil(crossings[i + 1] - 0.5));
        }
    }

    void rectangle(Point a, Point b)
    {
        const double top = std::max(std::min(a.y, b.y), 0.0), bottom = std::min(std::max(a.y, b.y), map.rows - 1.0);
        for (double y = top; y <= bottom; ++y)
            span(static_cast<int>(y), std::min(a.x, b.x), std::max(a.x, b.x));
    }

    /// The ellipse in the box of pixels a..b.
    void ellipse(Point a, Point b)
    {
        const Point centre = (a + b) * 0.5;
        const double rx = (b.x - a.x) / 2 + kRimPx, ry = (b.y - a.y) / 2 + kRimPx;
        const double bottom = std::min(b.y, map.rows - 1.0);
        for (double y = std::max(a.y, 0.0); y <= bottom; ++y) {
            const double dy = (y - centre.y) / ry;
            const double half = rx * std::sqrt(std::max(0.0, 1 - dy * dy));
            span(static_cast<int>(y), std::ceil(centre.x - half), std::floor(centre.x + half));
        }
    }

    /// PIL's wide line: a rectangle with straight ends, the odd pixel of an even width on one side.
    void wideLine(Point a, Point b)
    {
        const Point d = b - a;
        const double length = std::hypot(d.x, d.y);
        if (length == 0) {
            pixel(a);
            return;
        }
        const auto nearHalfDown = [](double v) { return std::copysign(std::ceil(std::abs(v) - 0.5), v); };
        const auto nearHalfUp = [](double v) { return std::copysign(std::floor(std::abs(v) + 0.5), v); };
        const double inner = nearHalfDown((kLineWidthPx - 1) / 2) / length;
        const double outer = nearHalfUp((kLineWidthPx - 1) / 2) / length;
        const double dxMin = nearHalfDown(inner * d.y), dxMax = nearHalfDown(outer * d.y);
        const double dyMin = nearHalfUp(inner * d.x), dyMax = nearHalfUp(outer * d.x);
        polygon({{a.x - dxMin, a.y + dyMax},
                 {b.x - dxMin, b.y + dyMax},
                 {b.x + dxMax, b.y - dyMin},
                 {a.x + dxMax, a.y - dyMin}});
    }
};

Point toPixel(Point p)
{
    constexpr double kFar = 1e12;
    return {std::trunc(std::clamp(p.x, -kFar, kFar)), std::trunc(std::clamp(p.y, -kFar, kFar))};
}

void paintVector(Painter painter, Point origin, const Shape &shape)
{
    std::vector<Point> pixels;
    pixels.reserve(shape.points.size());
    for (const Point &p : shape.points)
        pixels.push_back(toPixel(p) - origin);
    const auto disc = [&](Point centre, double radius) {
        const Point reach{radius, radius};
        painter.ellipse(toPixel(centre - reach) - origin, toPixel(centre + reach) - origin);
    };

    switch (shape.type) {
    case ShapeType::Rectangle:
        if (pixels.size() == 2) {
            painter.rectangle(pixels[0], pixels[1]);
            break;
        }
        [[fallthrough]];
    case ShapeType::Polygon:
    case ShapeType::OrientedRectangle: painter.polygon(pixels); break;
    case ShapeType::Circle:
        if (pixels.size() >= 2)
            disc(shape.points[0],
                 std::hypot(shape.points[1].x - shape.points[0].x, shape.points[1].y - shape.points[0].y));
        break;
    case ShapeType::Line:
    case ShapeType::LineStrip:
        for (std::size_t i = 0; i + 1 < pixels.size(); ++i) {
            painter.wideLine(pixels[i], pixels[i + 1]);
            if (i > 0)
                disc(shape.points[i], kLineWidthPx / 2);
        }
        break;
    case ShapeType::PointShape: disc(shape.points[0], kPointRadiusPx); break;
    case ShapeType::Mask:
    case ShapeType::Other: break;
    }
}

} // namespace

Rect paintShape(cv::Mat1b &map, Point origin, const Shape &shape, std::uint8_t value)
{
    const Point corner = toPixel(origin);
    const Rect area{static_cast<int>(corner.x), static_cast<int>(corner.y), map.cols, map.rows};
    const Rect touched = shape.bounds().intersected(area);
    if (touched.isEmpty())
        return {};
    const Rect dirty{touched.x - area.x, touched.y - area.y, touched.width, touched.height};
    if (shape.type == ShapeType::Mask)
        map(toCv(dirty)).setTo(value, part(*shape.mask, touched).bits);
    else
        paintVector({map, value}, corner, shape);
    return dirty;
}

Mask shapeMask(const Shape &shape, Size imageSize)
{
    const Rect box = shape.bounds().intersected({0, 0, imageSize.width, imageSize.height});
    if (box.isEmpty())
        return {};
    Mask mask{box, blankBits({box.width, box.height})};
    paintShape(mask.bits, {double(box.x), double(box.y)}, shape, 1);
    return cropped(mask);
}

cv::Mat1b rasterise(const Annotation &annotation, const LabelSet &labels, Rect area)
{
    if (area.isEmpty() || std::int64_t{area.width} * area.height > kMaxImagePixels)
        return {};
    cv::Mat1b map = blankBits({area.width, area.height});
    for (const Shape &shape : annotation.shapes)
        if (const auto id = labels.idOf(shape.label))
            paintShape(map, {double(area.x), double(area.y)}, shape, *id);
    return map;
}

cv::Mat1b rasterise(const Annotation &annotation, const LabelSet &labels, Size imageSize)
{
    return rasterise(annotation, labels, Rect{0, 0, imageSize.width, imageSize.height});
}

cv::Mat1b labelMapOf(const Annotation &annotation, const LabelSet &labels, Size imageSize)
{
    if (labels.hasBackground() || labels.isEmpty())
        return rasterise(annotation, labels, imageSize);
    // Without a background class, what no shape covers is ignored: rasterise with one in front and take it away again.
    auto names = labels.names();
    names.insert(names.begin(), std::string(kBackgroundName));
    const cv::Mat1b shifted = rasterise(annotation, LabelSet(names), imageSize);
    cv::Mat1b table(1, 256);
    for (int i = 0; i < 256; ++i)
        table(0, i) = static_cast<std::uint8_t>(i == 0 || i == kIgnoreId ? kIgnoreId : i - 1);
    cv::Mat1b ids;
    cv::LUT(shifted, table, ids);
    return ids;
}

} // namespace masque
