// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Edit.h"
#include "core/annotations/rasterise.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

/// A model's prediction offered as annotation: where it differs from the labels, and how it becomes one of them.
namespace masque {

struct Proposal {
    cv::Mat1b ids;                         ///< the most probable class a pixel, at the image's size; 255: none
    cv::Mat1b confidence;                  ///< that class's probability, 255 = 1; as large as ids
    std::vector<std::string> classes = {}; ///< by id; `_background_` stands for no label

    Size size() const { return {ids.cols, ids.rows}; }
};

/// What of a proposal is taken, and as what.
struct TakeOptions {
    ShapeStyle style = ShapeStyle::Masks;
    double tolerancePx = 1;                    ///< of polygons (Douglas and Peucker 1973)
    double minConfidence = 0;                  ///< 0..1; pixels below it stay as they are
    std::optional<std::string> onlyClass = {}; ///< pixels of other classes stay as they are
};

/// The annotation says what the proposal says, on the pixels of area and where the rules allow: a class is painted,
/// background erased. With Polygons what is painted joins the class's polygon beside it, and outlines that change are
/// traced again; a region with holes stays a mask. An empty edit if nothing changes.
Edit takeProposal(const Annotation &, const Proposal &, const Mask &area, const PaintRules &rules = {},
                  const TakeOptions &options = {});

/// The pixels of area that takeProposal would give a class or empty: class k + 1 of the proposal, 0 where it takes
/// nothing.
Mask proposedPixels(const Proposal &, const Mask &area, const TakeOptions &options = {});

/// A connected region where a proposal says something else than the labels.
struct Disagreement {
    std::shared_ptr<const Mask> pixels;
    std::string labelled; ///< the class of most of its pixels; empty: not labelled
    std::string proposed; ///< empty: background
    int areaPx = 0;
    double confidence = 0; ///< the proposal's, 0..1, mean over the pixels

    double score() const { return areaPx * confidence; }
};

/// Where proposal and labels differ, the greatest score first. What is labelled as ignored or was kept (see keepLabels)
/// is left out, and so is what is thinner than minWidthPx (to the next odd number) and does not belong to something
/// wider: outlines never agree to the pixel.
std::vector<Disagreement> disagreements(const Annotation &, const Proposal &, double minWidthPx,
                                        const std::stop_token & = {});
/// A width that suits an image of this size: a percent of its diagonal, 2 px at least.
double disagreementWidth(Size imageSize);

} // namespace masque
