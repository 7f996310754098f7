// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/inference/Predictor.h"

#include <stop_token>
#include <string>
#include <vector>

namespace masque {

/// What may be wrong with the label of a place in an image.
enum class DoubtKind : std::uint8_t {
    Missing,  ///< the network sees a shape where nothing of its class is labelled
    Spurious, ///< it sees nothing where a shape is labelled
    Class,    ///< it sees another class in a shape
    Outline   ///< it sees the shape elsewhere or otherwise formed
};
std::string_view doubtName(DoubtKind); ///< "missing", "spurious", "class", "outline"

/// A shape, as it is labelled or as it is seen, with how far the two are apart.
struct LabelDoubt {
    DoubtKind kind = DoubtKind::Outline;
    Rect box;                ///< image coordinates
    int given = 0, seen = 0; ///< class ids in the network's labels; given is the background of a missing shape
    double offsetPx = 0;     ///< the outline's mean displacement: doubted pixels over the outline's length
    double score = 0; ///< offsetPx over what is usual for shapes of its class in these images; above 1: suspicious
};

/// One image with its doubts, the gravest first.
struct ImageDoubts {
    std::size_t item = 0; ///< position in Dataset::items
    double score = 0;     ///< of the gravest, 0 where there is none
    std::vector<LabelDoubt> doubts;
};

/// The images by how likely one of their labels is wrong, the likeliest first.
struct LabelErrors {
    std::vector<ImageDoubts> images;
    std::vector<Problem> skipped; ///< images without usable ground truth
    LabelSet labels;
    /// {"images": [{file, score, doubts: [{kind, box: [x, y, width, height], given, seen, offset_px, score}]}],
    /// "skipped": [...]}; at most so many doubts an image.
    Json toJson(const Dataset &, std::size_t doubtsAnImage = 5) const;
};

/// The doubts of one image, score not yet set. prediction needs probabilities; truth: class ids of the same size, 255
/// is left out. Each class is looked at by itself: labelled and seen pixels together form connected shapes, and every
/// pixel of one counts by how far the class's probability is from what the label says (confident learning, Northcutt
/// et al. 2021: a label is doubted by as much as the network is sure of another). Divided by the outline's length it is
/// a length, so small shapes and large ones compare.
std::vector<LabelDoubt> labelDoubts(const Prediction &prediction, const cv::Mat1b &truth, const LabelSet &labels);

/// Looks through items with a trained network. It may have learnt from them: a training that is not overlong (and
/// augmentation) learns the many right labels long before it memorises the few wrong ones (Arpit et al. 2017).
Result<LabelErrors> findLabelErrors(Predictor &, const Dataset &, const std::vector<std::size_t> &items,
                                    std::stop_token = {}, const Progress & = {});

} // namespace masque
