// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/rasterise.h"
#include "core/inference/cutout.h"

#include <set>
#include <string>
#include <vector>

namespace masque {

/// What `masque predict --write` can make of a prediction, in a folder beside each other.
enum class OutputKind { LabelMe, Mask, Overlay, Cutout, Probabilities };
/// "labelme,mask" -> kinds; the error names the unknown word.
Result<std::vector<OutputKind>> parseOutputKinds(const std::string &list);

/// Probabilities as pictures, a file a class, or as one array of exact figures.
enum class ProbabilityFormat { Png, Npy };

/// How predictions are written.
struct OutputOptions {
    std::vector<OutputKind> kinds = {OutputKind::Mask, OutputKind::Overlay};
    ShapeStyle style = ShapeStyle::Polygons;
    double tolerancePx = 1.0; ///< of polygons' outlines, in image pixels
    ProbabilityFormat probabilities = ProbabilityFormat::Png;
    Cutter cutter = {};
};

/// Where outputs of an image go, without extension: its path below its dataset ("a/b.jpg" -> "a/b"), unlike all in
/// used, where it is added.
std::string outputStem(const std::string &image, std::set<std::string> &used);

/// Writes folder/stem + .json (LabelMe with `score`, imagePath to the source image), .png (palette PNG of class ids),
/// _overlay.jpg, _cutout.png (the cutter's) and _probabilities_<class>.png (16-bit grey, 65535 = 1) or
/// _probabilities.npy (encodeNpy). Prediction needs probabilities for the last two and for the score.
/// Returns the files made.
Result<std::vector<std::string>> writeOutputs(const Prediction &, const cv::Mat &image, const std::string &imagePath,
                                              const LabelSet &, const OutputOptions &, const std::string &folder,
                                              const std::string &stem);

/// Planes of one size as a file of NumPy (format 1.0 of numpy.lib.format): float32 [K, H, W], little-endian, C order.
std::string encodeNpy(const std::vector<cv::Mat1f> &planes);

/// The mean probability of a shape's class over its pixels, 0..1.
double shapeScore(const Shape &, const Prediction &, const LabelSet &);

} // namespace masque
