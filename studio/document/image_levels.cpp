// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/image_levels.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <exception>

namespace masque {

std::size_t ImageLevels::bytes() const
{
    std::size_t sum = 0;
    for (const cv::Mat &level : levels)
        sum += level.total() * level.elemSize();
    return sum;
}

Result<ImageLevels> buildImageLevels(cv::Mat image)
{
    try {
        ImageLevels result;
        result.levels.push_back(std::move(image));
        while (std::max(result.levels.back().cols, result.levels.back().rows) > 1024) {
            const cv::Mat &last = result.levels.back();
            cv::Mat half;
            cv::resize(last, half, cv::Size((last.cols + 1) / 2, (last.rows + 1) / 2), 0, 0, cv::INTER_AREA);
            result.levels.push_back(std::move(half));
        }
        return result;
    } catch (const std::exception &error) {
        return Error{ErrorCode::Memory, std::string("the image cannot be prepared for viewing: ") + error.what()};
    }
}

} // namespace masque
