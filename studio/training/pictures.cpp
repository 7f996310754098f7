// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/pictures.h"

#include "core/inference/evaluate.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace masque {

namespace {

QImage indexed(const cv::Mat1b &ids, const QList<QRgb> &table)
{
    QImage image(ids.cols, ids.rows, QImage::Format_Indexed8);
    image.setColorTable(table);
    for (int y = 0; y < ids.rows; ++y)
        std::memcpy(image.scanLine(y), ids.ptr(y), static_cast<std::size_t>(ids.cols));
    return image.convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

} // namespace

QImage toQImage(const cv::Mat &rgb)
{
    if (rgb.empty() || rgb.type() != CV_8UC3)
        return {};
    auto *kept = new cv::Mat(rgb);
    return QImage(
        std::as_const(*kept).data, rgb.cols, rgb.rows, static_cast<qsizetype>(rgb.step), QImage::Format_RGB888,
        [](void *mat) { delete static_cast<cv::Mat *>(mat); }, kept);
}

QImage idsToQImage(const cv::Mat1b &ids, const LabelSet &labels)
{
    if (ids.empty())
        return {};
    const auto palette = labels.palette();
    QList<QRgb> table(256, qRgba(0, 0, 0, 0));
    for (int id = labels.hasBackground() ? 1 : 0; id < 256; ++id)
        table[id] = toQColor(palette[static_cast<std::size_t>(id)]).rgb();
    return indexed(ids, table);
}

QImage idsToQImage(const cv::Mat1b &ids, const LabelSet &labels, int clearId)
{
    if (ids.empty())
        return {};
    const auto palette = labels.palette();
    QList<QRgb> table(256);
    for (int id = 0; id < 256; ++id)
        table[id] = id == clearId ? qRgba(0, 0, 0, 0) : toQColor(palette[static_cast<std::size_t>(id)]).rgb();
    return indexed(ids, table);
}

QImage heatToQImage(const cv::Mat1f &values, double most)
{
    if (values.empty())
        return {};
    cv::Mat scaled, colored;
    values.convertTo(scaled, CV_8U, 255 / std::max(most, 1e-9));
    cv::applyColorMap(scaled, colored, cv::COLORMAP_VIRIDIS);
    QImage image(values.cols, values.rows, QImage::Format_RGB32);
    for (int y = 0; y < values.rows; ++y) {
        auto *line = reinterpret_cast<QRgb *>(image.scanLine(y));
        for (int x = 0; x < values.cols; ++x) {
            const auto &c = colored.at<cv::Vec3b>(y, x);
            line[x] = qRgb(c[2], c[1], c[0]);
        }
    }
    return image;
}

QImage rivalsToQImage(const cv::Mat1b &kinds)
{
    if (kinds.empty())
        return {};
    QList<QRgb> table(256, qRgba(0, 0, 0, 0));
    for (int kind = 1; kind <= static_cast<int>(RivalKind::Ignored); ++kind)
        table[kind] = toQColor(rivalColor(static_cast<RivalKind>(kind))).rgb();
    return indexed(kinds, table);
}

QImage whereToQImage(const cv::Mat1b &mask, QColor color)
{
    QList<QRgb> table(256, color.rgba());
    table[0] = qRgba(0, 0, 0, 0);
    return mask.empty() ? QImage() : indexed(mask, table);
}

Size sizeWithin(cv::Size size, int sidePx)
{
    const double shrink = std::min(1.0, sidePx / static_cast<double>(std::max({size.width, size.height, 1})));
    return {std::max(1, static_cast<int>(size.width * shrink)), std::max(1, static_cast<int>(size.height * shrink))};
}

QImage differenceToQImage(const cv::Mat1b &kinds)
{
    if (kinds.empty())
        return {};
    QList<QRgb> table(256, qRgba(0, 0, 0, 0));
    for (int kind = 1; kind <= static_cast<int>(DifferenceKind::Ignored); ++kind)
        table[kind] = toQColor(differenceColor(static_cast<DifferenceKind>(kind))).rgb();
    return indexed(kinds, table);
}

} // namespace masque
