// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/region.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <charconv>

namespace masque {

namespace {

constexpr std::string_view kMark = "#xywh=";
constexpr double kScale = 1.1; ///< side of the crop to the longer side of the box
constexpr int kMostPx = 100000;

} // namespace

std::string regionName(const std::string &path, const cv::Rect &box)
{
    return path + std::string(kMark) + std::to_string(box.x) + "," + std::to_string(box.y) + ","
           + std::to_string(box.width) + "," + std::to_string(box.height);
}

std::optional<std::pair<std::string, cv::Rect>> regionOf(const std::string &path)
{
    const auto at = path.rfind(kMark);
    if (at == std::string::npos)
        return std::nullopt;
    int values[4] = {};
    const char *text = path.data() + at + kMark.size();
    const char *const end = path.data() + path.size();
    for (int k = 0; k < 4; ++k) {
        const auto [next, error] = std::from_chars(text, end, values[k]);
        if (error != std::errc() || std::abs(values[k]) > kMostPx
            || (k < 3 ? next == end || *next != ',' : next != end))
            return std::nullopt;
        text = next + 1;
    }
    if (values[2] < 1 || values[3] < 1)
        return std::nullopt;
    return std::pair(path.substr(0, at), cv::Rect(values[0], values[1], values[2], values[3]));
}

cv::Mat squareCrop(const cv::Mat &rgb, const cv::Rect2d &box)
{
    const double side = std::clamp(kScale * std::max(box.width, box.height), 1.0, double(kMostPx));
    const int whole = std::max(1, cvRound(side));
    const cv::Rect wanted(cvRound(box.x + box.width / 2 - side / 2), cvRound(box.y + box.height / 2 - side / 2), whole,
                          whole);
    const cv::Rect inside = wanted & cv::Rect(0, 0, rgb.cols, rgb.rows);
    if (inside.empty())
        return {};
    cv::Mat crop;
    cv::copyMakeBorder(rgb(inside), crop, inside.y - wanted.y, wanted.br().y - inside.br().y, inside.x - wanted.x,
                       wanted.br().x - inside.br().x, cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
    return crop;
}

} // namespace masque
