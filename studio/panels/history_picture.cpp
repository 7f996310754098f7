// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/history_picture.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"

#include <QPainter>

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace masque {

namespace {

constexpr int kLeastPx = 24;  ///< of the image that are shown at least
constexpr int kMostPx = 4096; ///< beyond this every n-th pixel will do
constexpr double kChangedAlpha = 0.7;

Rect square(const Rect &rect, int leastPx = 1)
{
    const int side = std::max({leastPx, rect.width, rect.height});
    return {rect.x + (rect.width - side) / 2, rect.y + (rect.height - side) / 2, side, side};
}

/// A square around the change with some of its surroundings.
Rect around(const Rect &dirty)
{
    return square(dirty, std::max({kLeastPx, dirty.width * 5 / 4, dirty.height * 5 / 4}));
}

/// The part of a picture that lies in area, zeros outside, scaled to size.
cv::Mat scaledPart(const cv::Mat &image, const Rect &area, int sizePx)
{
    cv::Mat out(sizePx, sizePx, image.type(), cv::Scalar::all(0));
    const Rect seen = area.intersected({0, 0, image.cols, image.rows});
    if (seen.isEmpty())
        return out;
    const double scale = double(sizePx) / area.width;
    const int left = static_cast<int>((seen.x - area.x) * scale), top = static_cast<int>((seen.y - area.y) * scale);
    const int right = std::clamp(static_cast<int>((seen.right() - area.x) * scale + 0.5), left + 1, sizePx);
    const int bottom = std::clamp(static_cast<int>((seen.bottom() - area.y) * scale + 0.5), top + 1, sizePx);
    if (left >= sizePx || top >= sizePx)
        return out;
    cv::Mat source = image(toCv(seen));
    if (std::max(source.cols, source.rows) > kMostPx)
        cv::resize(source, source, {std::min(source.cols, kMostPx), std::min(source.rows, kMostPx)}, 0, 0,
                   cv::INTER_NEAREST);
    cv::Mat target = out(cv::Rect(left, top, right - left, bottom - top));
    cv::resize(source, target, target.size(), 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_NEAREST);
    return out;
}

QColor colorOf(const Shape &shape, const HistoryPicture &picture)
{
    const auto id = picture.labels.idOf(shape.label);
    if (!id || *id >= picture.labels.size())
        return {128, 128, 128};
    const Color color = picture.labels[*id].color;
    return {color[0], color[1], color[2]};
}

/// Where the shapes cover area: 0..255, of image size or smaller. Painted as the canvas does, so it is true.
void blend(cv::Mat &view, const std::vector<Shape> &shapes, const Rect &area, Size imageSize, const QColor *color,
           const HistoryPicture &picture)
{
    const Rect seen = area.intersected({0, 0, imageSize.width, imageSize.height});
    if (seen.isEmpty())
        return;
    for (const Shape &shape : shapes) {
        const Rect own = shape.bounds().intersected(seen);
        if (own.isEmpty())
            continue;
        cv::Mat1b covered = blankBits({own.width, own.height});
        if (paintShape(covered, {double(own.x), double(own.y)}, shape, 255).isEmpty())
            continue;
        const cv::Mat alpha = scaledPart(covered, {area.x - own.x, area.y - own.y, area.width, area.height}, view.rows);
        const QColor look = color ? *color : colorOf(shape, picture);
        const double paint[] = {double(look.red()), double(look.green()), double(look.blue())};
        for (int y = 0; y < view.rows; ++y)
            for (int x = 0; x < view.cols; ++x) {
                const double a = alpha.at<std::uint8_t>(y, x) / 255.0 * kChangedAlpha;
                auto &pixel = view.at<cv::Vec3b>(y, x);
                for (int c = 0; c < 3; ++c)
                    pixel[c] = cv::saturate_cast<std::uint8_t>(pixel[c] * (1 - a) + paint[c] * a);
            }
    }
}

} // namespace

QImage drawSketch(const EditSketch &sketch, const HistoryPicture &picture, int sizePx)
{
    const Size size{picture.image.cols, picture.image.rows};
    const Rect everything{0, 0, size.width, size.height};
    // Changes of flags have no place in the image: the whole is shown.
    const Rect area = sketch.dirty.isEmpty() ? square(everything) : around(sketch.dirty);
    cv::Mat view = scaledPart(picture.image, area, sizePx);
    blend(view, sketch.removed, area, size, &picture.erased, picture);
    blend(view, sketch.added, area, size, nullptr, picture);

    QImage out(sizePx, sizePx, QImage::Format_RGB32);
    out.fill(picture.background);
    const double scale = double(sizePx) / area.width;
    const QRectF inside((everything.x - area.x) * scale, (everything.y - area.y) * scale, size.width * scale,
                        size.height * scale);
    const QImage pixels(view.data, view.cols, view.rows, static_cast<qsizetype>(view.step), QImage::Format_RGB888);
    QPainter painter(&out);
    painter.setClipRect(inside);
    painter.drawImage(0, 0, pixels);
    return out;
}

} // namespace masque
