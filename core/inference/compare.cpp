// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/evaluate.h"

#include <opencv2/imgproc.hpp>

namespace masque {

namespace {

constexpr int kGapPx = 8;

cv::Mat colored(const cv::Mat1b &ids, const std::vector<Color> &palette)
{
    cv::Mat out(ids.size(), CV_8UC3);
    for (int y = 0; y < ids.rows; ++y)
        for (int x = 0; x < ids.cols; ++x) {
            const auto &c = palette[ids(y, x)];
            out.at<cv::Vec3b>(y, x) = {c[0], c[1], c[2]};
        }
    return out;
}

/// ids' colours over the image where shown is not zero; everywhere if it is empty.
cv::Mat tinted(const cv::Mat &image, const cv::Mat1b &ids, const std::vector<Color> &palette, const cv::Mat &shown,
               double opacity)
{
    cv::Mat mixed, out = image.clone();
    cv::addWeighted(image, 1 - opacity, colored(ids, palette), opacity, 0, mixed);
    mixed.copyTo(out, shown);
    return out;
}

} // namespace

cv::Mat1b differenceMap(const cv::Mat1b &truth, const cv::Mat1b &prediction, const LabelSet &labels)
{
    cv::Mat1b out(prediction.size());
    const auto isBackground = [has = labels.hasBackground()](std::uint8_t id) { return has && id == 0; };
    const auto kind = [&](std::uint8_t t, std::uint8_t p) {
        if (t == kIgnoreId)
            return DifferenceKind::Ignored;
        if (t == p)
            return isBackground(t) ? DifferenceKind::BothBackground : DifferenceKind::Right;
        return isBackground(p)   ? DifferenceKind::Missed
               : isBackground(t) ? DifferenceKind::False
                                 : DifferenceKind::WrongClass;
    };
    for (int y = 0; y < out.rows; ++y)
        for (int x = 0; x < out.cols; ++x)
            out(y, x) = static_cast<std::uint8_t>(kind(truth(y, x), prediction(y, x)));
    return out;
}

Color differenceColor(DifferenceKind kind)
{
    switch (kind) { // Okabe and Ito 2008: told apart with every kind of colour blindness
    case DifferenceKind::Right: return {0, 158, 115};
    case DifferenceKind::Missed: return {230, 159, 0};
    case DifferenceKind::False: return {86, 180, 233};
    case DifferenceKind::WrongClass: return {204, 121, 167};
    case DifferenceKind::Ignored: return {128, 128, 128};
    case DifferenceKind::BothBackground: break;
    }
    return {0, 0, 0};
}

cv::Mat1b classDifferenceMap(const cv::Mat1b &truth, const cv::Mat1b &prediction, int id)
{
    static const LabelSet alone({std::string(kBackgroundName), "class"});
    cv::Mat1b is(cv::Mat1b(truth == id) & 1);
    is.setTo(kIgnoreId, truth == kIgnoreId);
    return differenceMap(is, cv::Mat1b(cv::Mat1b(prediction == id) & 1), alone);
}

cv::Mat1b wrongClasses(const cv::Mat1b &truth, const cv::Mat1b &prediction, const LabelSet &labels)
{
    cv::Mat1b out = truth.clone();
    if (labels.hasBackground())
        prediction.copyTo(out, truth == 0);
    out.setTo(kIgnoreId, truth == prediction);
    return out;
}

cv::Mat1b rivalMap(const cv::Mat1b &truth, const cv::Mat1b &first, const cv::Mat1b &second)
{
    cv::Mat1b out(truth.size(), static_cast<std::uint8_t>(RivalKind::BothWrong));
    const cv::Mat1b isFirst(truth == first), isSecond(truth == second);
    const std::pair<cv::Mat1b, RivalKind> kinds[] = {{isFirst, RivalKind::OnlyFirst},
                                                     {isSecond, RivalKind::OnlySecond},
                                                     {cv::Mat1b(isFirst & isSecond), RivalKind::BothRight},
                                                     {cv::Mat1b(truth == kIgnoreId), RivalKind::Ignored}};
    for (const auto &[where, kind] : kinds)
        out.setTo(static_cast<double>(kind), where);
    return out;
}

Color rivalColor(RivalKind kind)
{
    switch (kind) {
    case RivalKind::OnlyFirst: return differenceColor(DifferenceKind::Right);
    case RivalKind::OnlySecond: return differenceColor(DifferenceKind::Missed);
    case RivalKind::BothWrong: return differenceColor(DifferenceKind::WrongClass);
    case RivalKind::Ignored: return differenceColor(DifferenceKind::Ignored);
    case RivalKind::BothRight: break;
    }
    return {0, 0, 0};
}

cv::Mat overlay(const cv::Mat &image, const cv::Mat1b &ids, const LabelSet &labels, double opacity)
{
    return tinted(image, ids, labels.palette(), labels.hasBackground() ? cv::Mat(ids != 0) : cv::Mat(), opacity);
}

cv::Mat sideBySide(const cv::Mat &image, const cv::Mat1b &truth, const cv::Mat1b &prediction, const LabelSet &labels)
{
    std::vector<cv::Mat> tiles{image};
    if (!truth.empty())
        tiles.push_back(overlay(image, truth, labels, 0.6));
    tiles.push_back(overlay(image, prediction, labels, 0.6));
    if (!truth.empty()) {
        std::vector<Color> colors(256);
        for (int k = 0; k <= static_cast<int>(DifferenceKind::Ignored); ++k)
            colors[static_cast<std::size_t>(k)] = differenceColor(static_cast<DifferenceKind>(k));
        const auto kinds = differenceMap(truth, prediction, labels);
        tiles.push_back(tinted(image / 2, kinds, colors, kinds != 0, 0.85));
    }
    cv::Mat out(image.rows, static_cast<int>(tiles.size()) * (image.cols + kGapPx) - kGapPx, CV_8UC3,
                cv::Scalar::all(255));
    for (std::size_t i = 0; i < tiles.size(); ++i)
        tiles[i].copyTo(out(cv::Rect(static_cast<int>(i) * (image.cols + kGapPx), 0, image.cols, image.rows)));
    return out;
}

} // namespace masque
