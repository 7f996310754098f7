// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/guided_filter.h"

#include <opencv2/imgproc.hpp>

namespace masque {

namespace {

using Moments = cv::Vec<float, 6>; ///< of two channels each: rr, rg, rb, gg, gb, bb

template <typename T>
cv::Mat_<T> means(const cv::Mat_<T> &values, int radius)
{
    cv::Mat_<T> out;
    cv::blur(values, out, {2 * radius + 1, 2 * radius + 1}, {-1, -1}, cv::BORDER_REFLECT);
    return out;
}

/// Of what work says of each pixel.
template <typename Out, typename Work>
cv::Mat_<Out> eachPixel(cv::Size size, const Work &work)
{
    cv::Mat_<Out> out(size);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            out(y, x) = work(y, x);
    return out;
}

} // namespace

cv::Mat4f guidedLines(const cv::Mat3f &guide, const cv::Mat1f &input, int radius, double epsilon)
{
    const cv::Size size = guide.size();
    const auto square = [&](int y, int x) {
        const auto &c = guide(y, x);
        return Moments(c[0] * c[0], c[0] * c[1], c[0] * c[2], c[1] * c[1], c[1] * c[2], c[2] * c[2]);
    };
    const auto mean = means(guide, radius);
    const auto meanInput = means(input, radius);
    const auto moments = means(eachPixel<Moments>(size, square), radius);
    const auto product = [&](int y, int x) { return guide(y, x) * input(y, x); };
    const auto products = means(eachPixel<cv::Vec3f>(size, product), radius);
    const auto line = [&](int y, int x) { // that fits the window best
        const auto &s = moments(y, x);
        const cv::Vec3d m = mean(y, x);
        const cv::Matx33d second(s[0], s[1], s[2], s[1], s[3], s[4], s[2], s[4], s[5]);
        const cv::Matx33d spread = second - m * m.t() + cv::Matx33d::eye() * epsilon;
        const double value = meanInput(y, x);
        const cv::Vec3d slope = spread.inv() * (cv::Vec3d(products(y, x)) - m * value);
        return cv::Vec4f(cv::Vec4d(slope[0], slope[1], slope[2], value - slope.dot(m)));
    };
    return means(eachPixel<cv::Vec4f>(size, line), radius);
}

cv::Mat1f onLines(const cv::Mat4f &lines, const cv::Mat &guide)
{
    cv::Mat4f large;
    cv::resize(lines, large, guide.size(), 0, 0, cv::INTER_LINEAR);
    return eachPixel<float>(guide.size(), [&](int y, int x) {
        const auto &line = large(y, x);
        const auto &c = guide.at<cv::Vec3b>(y, x);
        return (line[0] * c[0] + line[1] * c[1] + line[2] * c[2]) / 255 + line[3];
    });
}

} // namespace masque
