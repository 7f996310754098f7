// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/cutout/cutout_preview.h"

#include "studio/training/pictures.h"

#include <opencv2/imgproc.hpp>

#include <utility>

namespace masque {

namespace {

constexpr int kSidePx = 1024;
constexpr int kSquarePx = 12;
constexpr int kLight = 255, kDark = 214; ///< of the chequered ground

cv::Mat overSquares(const cv::Mat &picture)
{
    if (picture.channels() != 4)
        return picture;
    cv::Mat3b out(picture.size());
    for (int y = 0; y < out.rows; ++y)
        for (int x = 0; x < out.cols; ++x) {
            const auto &pixel = picture.at<cv::Vec4b>(y, x);
            const int ground = (x / kSquarePx + y / kSquarePx) % 2 == 0 ? kLight : kDark;
            for (int c = 0; c < 3; ++c)
                out(y, x)[c] =
                    cv::saturate_cast<std::uint8_t>((pixel[c] * pixel[3] + ground * (255 - pixel[3])) / 255.0);
        }
    return out;
}

} // namespace

Result<void> CutoutPreviewer::read(const Request &request)
{
    const auto isSame = request.run == m_read.run && request.dataset == m_read.dataset
                        && request.item.image == m_read.item.image
                        && request.options.smallestPart == m_read.options.smallestPart
                        && request.item.corrected == m_read.item.corrected;
    if (isSame && !m_image.empty())
        return {};
    m_image.release();
    const auto image = readImage(request.dataset->absolute(request.item.image));
    if (!image)
        return image.error();
    cv::Mat1f foreground;
    if (request.run.empty()) {
        const auto ids = readLabelMap(*request.dataset, request.item);
        if (!ids)
            return ids.error();
        foreground = foregroundOf(*ids);
    } else {
        const auto answer = m_predictors.predict(request.run, *image, PredictorCache::Want::Probabilities);
        if (!answer)
            return answer.error();
        foreground = foregroundOf(*answer->small, request.options.smallestPart);
    }
    const Size small = sizeWithin(image->size(), kSidePx);
    const cv::Size size(small.width, small.height);
    cv::resize(foreground, m_foreground, size, 0, 0, cv::INTER_AREA);
    cv::resize(*image, m_image, size, 0, 0, cv::INTER_AREA);
    m_read = request;
    return {};
}

Result<CutoutPreview> CutoutPreviewer::preview(const Request &request)
try {
    const std::lock_guard lock(m_mutex);
    const auto cutter = Cutter::make(request.options);
    if (!cutter)
        return cutter.error();
    if (auto done = read(request); !done)
        return done.error();
    const auto [picture, box] = cutter->cut(m_image, m_foreground);
    return CutoutPreview{toQImage(m_image(cv::Rect(box.x, box.y, box.width, box.height))),
                         toQImage(overSquares(picture))};
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, request.item.image + ": cannot be cut out: " + e.what(), request.item.image};
}

} // namespace masque
