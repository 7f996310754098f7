// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/compose.h"

#include <QPainter>

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <optional>

namespace masque {

namespace {

constexpr int kStepBits = cv::INTER_BITS; ///< of a pixel, in OpenCV's interpolation
constexpr int kSteps = 1 << kStepBits;

/// First device pixel at or after the image coordinate.
int deviceFrom(double image, double origin, double step)
{
    return static_cast<int>(std::ceil(std::clamp((image - origin) / step - 0.5, -1e9, 1e9)));
}

/// The part's pixels of one level, each the nearest one.
cv::Mat nearestPixels(const cv::Mat &level, Size full, QRect part, const FrameMap &map)
{
    cv::Mat pixels(part.height(), part.width(), CV_8UC3);
    const double shrinkX = double(full.width) / level.cols, shrinkY = double(full.height) / level.rows;
    std::vector<int> columns(static_cast<std::size_t>(part.width()));
    for (int i = 0; i < part.width(); ++i)
        columns[static_cast<std::size_t>(i)] =
            3 * std::clamp(static_cast<int>(map.imageX(part.x() + i) / shrinkX), 0, level.cols - 1);
    for (int j = 0; j < part.height(); ++j) {
        const int row = std::clamp(static_cast<int>(map.imageY(part.y() + j) / shrinkY), 0, level.rows - 1);
        const std::uint8_t *from = level.ptr(row);
        std::uint8_t *to = pixels.ptr(j);
        for (const int column : columns) {
            std::memcpy(to, from + column, 3);
            to += 3;
        }
    }
    return pixels;
}

/// The part's pixels of the image (CV_8UC3), which covers the whole part.
cv::Mat imagePixels(const ImageLevels &image, QRect part, const FrameMap &map, Quality quality)
{
    const cv::Mat &full = image.levels.front();
    const Size size{full.cols, full.rows};
    const auto wanted = static_cast<std::size_t>(map.step > 1 ? std::log2(map.step) : 0);
    const std::size_t last = image.levels.size() - 1;
    if (quality == Quality::Draft)
        return nearestPixels(image.levels[std::min(wanted + 1, last)], size, part, map);
    if (map.step <= 0.5)
        return nearestPixels(full, size, part, map);

    const cv::Mat &level = image.levels[std::min(wanted, last)];
    const double shrinkX = double(full.cols) / level.cols, shrinkY = double(full.rows) / level.rows;
    // Only the pixels that are looked at are handed on: OpenCV refuses sources over 32767 pixels wide.
    const auto inLevel = [](double position, int limit) { return std::clamp(static_cast<int>(position), 0, limit); };
    const cv::Rect source(cv::Point(inLevel(map.imageX(part.left()) / shrinkX - 2, level.cols - 1),
                                    inLevel(map.imageY(part.top()) / shrinkY - 2, level.rows - 1)),
                          cv::Point(inLevel(map.imageX(part.right()) / shrinkX + 3, level.cols),
                                    inLevel(map.imageY(part.bottom()) / shrinkY + 3, level.rows)));
    // Positions are rounded to 1/32 pixel of the whole level, so that a pixel does not depend on the part it is in.
    const auto fixed = [](double position) { return static_cast<int>(std::lround(position * kSteps)); };
    const auto split = [](int position, int origin) {
        const int whole = position >> kStepBits;
        return std::pair(static_cast<short>(whole - origin), static_cast<ushort>(position - whole * kSteps));
    };
    cv::Mat2s whole(part.height(), part.width());
    cv::Mat1w fraction(part.height(), part.width());
    std::vector<std::pair<short, ushort>> columns;
    for (int i = 0; i < part.width(); ++i)
        columns.push_back(split(fixed(map.imageX(part.x() + i) / shrinkX - 0.5), source.x));
    for (int j = 0; j < part.height(); ++j) {
        const auto [y, fy] = split(fixed(map.imageY(part.y() + j) / shrinkY - 0.5), source.y);
        cv::Vec2s *to = whole[j];
        ushort *weights = fraction[j];
        for (const auto &[x, fx] : columns) {
            *to++ = cv::Vec2s(x, y);
            *weights++ = static_cast<ushort>(fy * kSteps + fx);
        }
    }
    cv::Mat pixels;
    cv::remap(level(source), pixels, whole, fraction, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    return pixels;
}

/// Reads ids along frame rows.
class IdSampler {
public:
    IdSampler(const LabelPaint &labels, QRect part, const FrameMap &map) : m_labels(labels), m_map(map)
    {
        const int wanted = map.step > 1 ? static_cast<int>(std::log2(map.step)) : 0;
        m_shift = std::min(wanted, labels.layer.levelCount() - 1);
        for (int x = part.left() - 1; x <= part.right(); ++x)
            m_columns.push_back(std::clamp(static_cast<int>(map.imageX(x)), 0, labels.layer.imageSize().width - 1));
    }

    /// Ids of one row, beginning one pixel left of the part.
    void read(int deviceY, std::vector<std::uint8_t> &ids) const
    {
        const int y = std::clamp(static_cast<int>(m_map.imageY(deviceY)), 0, m_labels.layer.imageSize().height - 1);
        const std::uint8_t *row = m_labels.layer.level(m_shift)[y >> m_shift];
        ids.resize(m_columns.size());
        for (std::size_t i = 0; i < ids.size(); ++i)
            ids[i] = row[m_columns[i] >> m_shift];
        const Mask *stroke = m_labels.stroke;
        if (!stroke || y < stroke->box.y || y >= stroke->box.bottom())
            return;
        const std::uint8_t *bits = stroke->bits[y - stroke->box.y];
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const int x = m_columns[i] - stroke->box.x;
            if (x >= 0 && x < stroke->box.width && bits[x])
                ids[i] = m_labels.strokeValues[bits[x]];
        }
    }

private:
    const LabelPaint &m_labels;
    const FrameMap &m_map;
    int m_shift = 0;
    std::vector<int> m_columns;
};

QRgb blended(QRgb over, const std::uint8_t *under, int alpha)
{
    const auto mix = [alpha](int a, int b) { return (a * alpha + b * (256 - alpha)) >> 8; };
    return qRgb(mix(qRed(over), under[0]), mix(qGreen(over), under[1]), mix(qBlue(over), under[2]));
}

/// Image pixels under a part of the upright frame, with a margin for borders.
Rect imageRect(QRect part, const FrameMap &map)
{
    const auto pixel = [](double v) { return static_cast<int>(std::floor(std::clamp(v, -1e8, 1e8))); };
    const int left = pixel(map.imageX(part.left() - 2)) - 1, top = pixel(map.imageY(part.top() - 2)) - 1;
    return {left, top, pixel(map.imageX(part.right() + 2)) + 2 - left, pixel(map.imageY(part.bottom() + 2)) + 2 - top};
}

/// Writes the part's pixels to a bitmap of its size.
void fillImagePart(cv::Mat4b target, QRect part, const FrameMap &map, const ImageLevels &image,
                   const LabelPaint *labels, Quality quality, const LookTable *look)
{
    cv::Mat pixels = imagePixels(image, part, map, quality);
    if (look)
        applyLook(*look, pixels);
    if (labels) {
        const Rect seen = imageRect(part, map);
        const bool isStroked = labels->stroke && !labels->stroke->box.intersected(seen).isEmpty();
        const bool isSeen = labels->opacity > 0 || labels->borderOpacity > 0;
        if (quality == Quality::Draft || !isSeen || labels->layer.levelCount() == 0
            || (!isStroked && labels->layer.isBlank(seen)))
            labels = nullptr;
    }
    std::optional<IdSampler> sampler;
    std::vector<std::uint8_t> above, ids;
    int fill = 0, border = 0;
    if (labels) {
        sampler.emplace(*labels, part, map);
        sampler->read(part.top() - 1, above);
        fill = static_cast<int>(labels->opacity * 256);
        border = static_cast<int>(labels->borderOpacity * 256);
    }
    for (int j = 0; j < part.height(); ++j) {
        const std::uint8_t *from = pixels.ptr(j);
        QRgb *to = reinterpret_cast<QRgb *>(target.ptr(j));
        if (!labels) {
            for (int i = 0; i < part.width(); ++i, from += 3)
                to[i] = qRgb(from[0], from[1], from[2]);
            continue;
        }
        sampler->read(part.y() + j, ids);
        for (int i = 0; i < part.width(); ++i, from += 3) {
            const auto at = static_cast<std::size_t>(i) + 1;
            const std::uint8_t id = ids[at], left = ids[at - 1], up = above[at];
            if (id == left && id == up)
                to[i] = id == 0 ? qRgb(from[0], from[1], from[2]) : blended(labels->colors[id], from, fill);
            else
                to[i] = blended(labels->colors[id ? id : left ? left : up], from, border);
        }
        above.swap(ids);
    }
}

/// A part of the frame as a part of the upright one.
QRect uprightPart(QRect part, QSize frame, int quarterTurns)
{
    switch (quarterTurns) {
    case 1: return {part.y(), frame.width() - 1 - part.right(), part.height(), part.width()};
    case 2: return {frame.width() - 1 - part.right(), frame.height() - 1 - part.bottom(), part.width(), part.height()};
    case 3: return {frame.height() - 1 - part.bottom(), part.x(), part.height(), part.width()};
    default: return part;
    }
}

/// Writes an upright part to a bitmap of its size.
void composePart(cv::Mat4b target, QRect part, const FrameMap &map, const ImageLevels *image, QRgb background,
                 const LabelPaint *labels, Quality quality, const LookTable *look)
{
    QRect covered;
    if (image && !image->levels.empty()) {
        const cv::Mat &full = image->levels.front();
        covered =
            QRect(QPoint(deviceFrom(0, map.x0, map.step), deviceFrom(0, map.y0, map.step)),
                  QPoint(deviceFrom(full.cols, map.x0, map.step) - 1, deviceFrom(full.rows, map.y0, map.step) - 1))
            & part;
    }
    const auto within = [&](const QRect &rect) {
        return target(cv::Rect(rect.x() - part.x(), rect.y() - part.y(), rect.width(), rect.height()));
    };
    const auto fill = [&](const QRect &rect) {
        within(rect).setTo(cv::Scalar(qBlue(background), qGreen(background), qRed(background), 255));
    };
    for (const QRect &rect : QRegion(part) - covered)
        fill(rect);
    if (covered.isEmpty())
        return;
    try {
        fillImagePart(within(covered), covered, map, *image, labels, quality, look);
    } catch (const std::exception &) { // short of memory; the next repaint tries again
        fill(covered);
    }
}

} // namespace

QSize deviceSize(QSizeF widgetSize, double devicePixelRatio)
{
    return {static_cast<int>(std::ceil(widgetSize.width() * devicePixelRatio)),
            static_cast<int>(std::ceil(widgetSize.height() * devicePixelRatio))};
}

FrameMap frameMap(const Viewport &viewport, double devicePixelRatio)
{
    const QSizeF size = QSizeF(deviceSize(viewport.widgetSize(), devicePixelRatio)) / devicePixelRatio;
    const QPointF corners[] = {{0, 0}, {size.width(), 0}, {size.width(), size.height()}, {0, size.height()}};
    const QPointF corner = viewport.imageFromWidget(corners[viewport.quarterTurns()]);
    return {1 / (viewport.scale() * devicePixelRatio), corner.x(), corner.y(), viewport.quarterTurns()};
}

void composeFrame(QImage &frame, QRect part, const FrameMap &map, const ImageLevels *image, QRgb background,
                  const LabelPaint *labels, Quality quality, const LookTable *look)
{
    part &= frame.rect();
    if (part.isEmpty())
        return;
    const cv::Mat4b whole(frame.height(), frame.width(), reinterpret_cast<cv::Vec4b *>(frame.bits()),
                          static_cast<std::size_t>(frame.bytesPerLine()));
    cv::Mat4b target = whole(cv::Rect(part.x(), part.y(), part.width(), part.height()));
    if (map.quarterTurns == 0)
        return composePart(target, part, map, image, background, labels, quality, look);
    const QRect upright = uprightPart(part, frame.size(), map.quarterTurns);
    cv::Mat4b pixels(upright.height(), upright.width());
    composePart(pixels, upright, map, image, background, labels, quality, look);
    constexpr int kRotations[] = {cv::ROTATE_90_CLOCKWISE, cv::ROTATE_180, cv::ROTATE_90_COUNTERCLOCKWISE};
    cv::rotate(pixels, target, kRotations[map.quarterTurns - 1]);
}

QRegion moveFrame(const QImage &frame, const Viewport &from, QImage &next, const Viewport &to)
{
    const double ratio = next.devicePixelRatio();
    const QRegion all(next.rect());
    if (frame.isNull() || from.imageSize() != to.imageSize() || from.quarterTurns() != to.quarterTurns()
        || frame.devicePixelRatio() != ratio)
        return all;
    // Where the old frame's corners lie now, in the next one's device pixels.
    const auto place = [&](QPointF old) { return to.widgetFromImage(from.imageFromWidget(old / ratio)) * ratio; };
    const QRectF target(place({0, 0}), place(QPointF(frame.width(), frame.height())));
    QPainter painter(&next);
    painter.scale(1 / ratio, 1 / ratio);
    painter.setCompositionMode(QPainter::CompositionMode_Source);
    painter.drawImage(target, frame, QRectF(0, 0, frame.width(), frame.height()));
    // Pixels that the old frame covers wholly; its edge is made anew.
    const QRect known(
        QPoint(static_cast<int>(std::ceil(target.left())), static_cast<int>(std::ceil(target.top()))),
        QPoint(static_cast<int>(std::floor(target.right())) - 1, static_cast<int>(std::floor(target.bottom())) - 1));
    return all - known;
}

void scrollFrame(QImage &frame, QPoint delta)
{
    const int width = frame.width() - std::abs(delta.x()), height = frame.height() - std::abs(delta.y());
    if (width <= 0 || height <= 0)
        return;
    const int fromX = std::max(0, -delta.x()), toX = std::max(0, delta.x());
    const int fromY = std::max(0, -delta.y()), toY = std::max(0, delta.y());
    uchar *bits = frame.bits();
    const auto line = frame.bytesPerLine();
    for (int k = 0; k < height; ++k) {
        const int row = delta.y() > 0 ? height - 1 - k : k; // in the order that overwrites nothing still needed
        std::memmove(bits + (toY + row) * line + toX * 4, bits + (fromY + row) * line + fromX * 4,
                     static_cast<std::size_t>(width) * 4);
    }
}

} // namespace masque
