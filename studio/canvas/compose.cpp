// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/compose.h"

#include <QPainter>

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>

namespace masque {

namespace {

/// First device pixel at or after the image coordinate.
int deviceFrom(double image, double origin, double step)
{
    return static_cast<int>(std::ceil(std::clamp((image - origin) / step - 0.5, -1e9, 1e9)));
}

/// The part's pixels of the image (CV_8UC3), which covers the whole part.
cv::Mat imagePixels(const ImageLevels &image, QRect part, const FrameMap &map)
{
    cv::Mat pixels(part.height(), part.width(), CV_8UC3);
    const cv::Mat &full = image.levels.front();
    if (map.step <= 0.5) {
        std::vector<int> columns(static_cast<std::size_t>(part.width()));
        for (int i = 0; i < part.width(); ++i)
            columns[static_cast<std::size_t>(i)] = 3 * static_cast<int>(map.imageX(part.x() + i));
        for (int j = 0; j < part.height(); ++j) {
            const std::uint8_t *from = full.ptr(static_cast<int>(map.imageY(part.y() + j)));
            std::uint8_t *to = pixels.ptr(j);
            for (const int column : columns) {
                std::memcpy(to, from + column, 3);
                to += 3;
            }
        }
        return pixels;
    }
    const int wanted = map.step > 1 ? static_cast<int>(std::log2(map.step)) : 0;
    const cv::Mat &level = image.levels[std::min(static_cast<std::size_t>(wanted), image.levels.size() - 1)];
    const double shrinkX = double(full.cols) / level.cols, shrinkY = double(full.rows) / level.rows;
    // Only the pixels that are looked at are handed on: OpenCV refuses sources over 32767 pixels wide.
    const auto inLevel = [](double position, int limit) { return std::clamp(static_cast<int>(position), 0, limit); };
    const cv::Rect source(cv::Point(inLevel(map.imageX(part.left()) / shrinkX - 2, level.cols - 1),
                                    inLevel(map.imageY(part.top()) / shrinkY - 2, level.rows - 1)),
                          cv::Point(inLevel(map.imageX(part.right()) / shrinkX + 3, level.cols),
                                    inLevel(map.imageY(part.bottom()) / shrinkY + 3, level.rows)));
    const cv::Matx23d sourceFromPart(map.step / shrinkX, 0, map.imageX(part.x()) / shrinkX - 0.5 - source.x, 0,
                                     map.step / shrinkY, map.imageY(part.y()) / shrinkY - 0.5 - source.y);
    cv::warpAffine(level(source), pixels, sourceFromPart, pixels.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
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

void fillImagePart(QImage &frame, QRect part, const FrameMap &map, const ImageLevels &image, const LabelPaint *labels)
{
    const cv::Mat pixels = imagePixels(image, part, map);
    if (labels && (labels->layer.levelCount() == 0 || labels->opacity <= 0))
        labels = nullptr;
    std::optional<IdSampler> sampler;
    std::vector<std::uint8_t> above, ids;
    int fill = 0, border = 0;
    if (labels) {
        sampler.emplace(*labels, part, map);
        sampler->read(part.top() - 1, above);
        fill = static_cast<int>(labels->opacity * 256);
        border = std::min(256, fill * 3 / 2);
    }
    for (int j = 0; j < part.height(); ++j) {
        const std::uint8_t *from = pixels.ptr(j);
        QRgb *to = reinterpret_cast<QRgb *>(frame.scanLine(part.y() + j)) + part.x();
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

} // namespace

FrameMap frameMap(const Viewport &viewport, double devicePixelRatio)
{
    const QPointF corner = viewport.imageFromWidget(QPointF(0, 0));
    return {1 / (viewport.scale() * devicePixelRatio), corner.x(), corner.y()};
}

void composeFrame(QImage &frame, QRect part, const FrameMap &map, const ImageLevels *image, QRgb background,
                  const LabelPaint *labels)
{
    part &= frame.rect();
    QRect covered;
    if (image && !image->levels.empty()) {
        const cv::Mat &full = image->levels.front();
        covered =
            QRect(QPoint(deviceFrom(0, map.x0, map.step), deviceFrom(0, map.y0, map.step)),
                  QPoint(deviceFrom(full.cols, map.x0, map.step) - 1, deviceFrom(full.rows, map.y0, map.step) - 1))
            & part;
    }
    if (covered != part) {
        QPainter painter(&frame);
        for (const QRect &rect : QRegion(part) - covered)
            painter.fillRect(rect, QColor(background));
    }
    if (covered.isEmpty())
        return;
    try {
        fillImagePart(frame, covered, map, *image, labels);
    } catch (const std::exception &) { // short of memory; the next repaint tries again
        QPainter(&frame).fillRect(covered, QColor(background));
    }
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
