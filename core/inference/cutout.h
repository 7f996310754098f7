// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"
#include "core/image/image_file.h"
#include "core/inference/Predictor.h"

#include <variant>

/// The foreground of an image by itself: a soft edge that follows the image, colours free of the old background, and
/// a new one behind it if wanted.
namespace masque {

/// Shares are of the image's shorter side, so that one setting suits a folder of many sizes.
struct CutoutOptions {
    double edge = 3;                        ///< how far the edge may leave the mask's, %; 0: alpha is as it is given
    double smallestPart = 5;                ///< of a prediction, % of its greatest part; smaller ones are left out
    std::string background = "transparent"; ///< transparent, blur, #rrggbb, or an image's file
    double blur = 3;                        ///< the blurred background's sigma, %
    bool crop = false;                      ///< only the rectangle around what is not clear
};
const OptionTable<CutoutOptions> &cutoutTable();

/// How much each pixel is of the foreground, 0..1: what the first class, the background, leaves. Parts (of 0.5 or more,
/// connected) smaller than smallestPart percent of the greatest are 0, since a network sees specks where nothing is.
cv::Mat1f foregroundOf(const Prediction &, double smallestPart = 0); ///< that has probabilities
cv::Mat1f foregroundOf(const cv::Mat1b &ids);                        ///< ignored pixels are background

/// Alpha, 0..1, from the mask of what is 0.5 or more: a guided filter with the image as guide (guidedLines), twice,
/// each time stretched so that its haze goes; 5 * radiusPx off the mask's line it is exactly 0 and 1. image: CV_8UC3
/// RGB of foreground's size. Under half a pixel foreground comes back as it is.
cv::Mat1f softAlpha(const cv::Mat &image, const cv::Mat1f &foreground, double radiusPx);

/// The foreground's own colours, CV_8UC3: what is seen is alpha * foreground + (1 - alpha) * background, and both are
/// estimated from what is around, first within sigmaPx, then close by (blur-fusion, Forte 2021; differs: the first
/// means are Gaussian). Where alpha is 1 the image's, where it is 0 black, so that nothing of the background stays
/// hidden in a file.
cv::Mat foregroundColors(const cv::Mat &image, const cv::Mat1f &alpha, double sigmaPx);

struct Cutout {
    cv::Mat picture; ///< CV_8UC4 RGBA if the background is transparent, else CV_8UC3
    Rect box;        ///< of the image
};

/// Cuts out by options that were checked, with the background's image read, once for many images. Thread-safe.
class Cutter {
public:
    Cutter() = default; ///< by default options
    /// Errors name the option, or the background's file and what was expected.
    static Result<Cutter> make(const CutoutOptions &);
    const CutoutOptions &options() const { return m_options; }

    /// image: CV_8UC3 RGB; foreground: of its size, 0..1. A background image covers the frame, in its own proportions,
    /// from the middle.
    Cutout cut(const cv::Mat &image, const cv::Mat1f &foreground) const;

private:
    struct Clear {};
    struct Blurred {};
    CutoutOptions m_options;
    std::variant<Clear, Blurred, Color, cv::Mat> m_background; ///< Mat: an image
};

} // namespace masque
