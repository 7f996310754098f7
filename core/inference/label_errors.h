// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/inference/Predictor.h"
#include "core/inference/classify.h"
#include "core/inference/cross_validation.h"
#include "core/runs/sample_losses.h"

#include <array>
#include <map>
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
    Rect box = {};           ///< image coordinates
    int given = 0, seen = 0; ///< class ids in the network's labels; given is the background of a missing shape
    int outlinePx = 1;       ///< length of the shape's outline, as labelled, or as seen where it is not
    /// Pixels that are seen otherwise than labelled: by the class that is seen, how many of each confidence, 0..1 in
    /// even bins.
    static constexpr std::size_t kBins = 20;
    std::map<int, std::array<int, kBins>> pixels = {};
    double offsetPx = 0; ///< the outline's mean displacement: pixels that are surely wrong over its length
    double score = 0;    ///< offsetPx over what is usual for shapes of its class in these images
};

/// One image with its doubts, the gravest first.
struct ImageDoubts {
    std::size_t item = 0; ///< position in Dataset::items
    double score = 0;     ///< of the gravest, 0 where there is none; more where the loss speaks against it, too
    std::vector<LabelDoubt> doubts = {};
    double lossRatio = 0; ///< its loss in training, for each pixel of outline, over the median image's; 0: not learnt

    /// The network sees nothing wrong by now, but it was long in learning it.
    bool isByLoss() const { return score > (doubts.empty() ? 0 : doubts.front().score); }
};

/// The images by how likely one of their labels is wrong, the likeliest first.
struct LabelErrors {
    std::vector<ImageDoubts> images;
    std::vector<Problem> skipped; ///< images without usable ground truth
    LabelSet labels;
    /// {"images": [{file, score, loss_ratio, doubts: [{kind, box: [x, y, width, height], given, seen, offset_px,
    /// score}]}], "skipped": [...]}; at most so many doubts an image.
    Json toJson(const Dataset &, std::size_t doubtsAnImage = 5) const;
};

/// The doubts of one image, offset and score not yet set; those without a pixel that is seen otherwise are there, too.
/// truth: class ids of the prediction's size, 255 is left out. Each class is looked at by itself: labelled and seen
/// pixels together form connected shapes.
std::vector<LabelDoubt> labelDoubts(const Prediction &prediction, const cv::Mat1b &truth, const LabelSet &labels);

/// What a network is usually sure of: for each class the mean probability that it gives it where it is labelled.
class UsualConfidence {
public:
    explicit UsualConfidence(int classes) : m_sums(static_cast<std::size_t>(classes)) {}
    void add(const Prediction &prediction, const cv::Mat1b &truth); ///< one image more; needs probabilities
    double of(int id) const;                                        ///< 0..1; 1 for a class that is never labelled

private:
    struct Sum {
        double probability = 0, pixels = 0;
    };
    std::vector<Sum> m_sums;
};

/// Sets offset and score, and puts images and doubts in order. As in confident learning (Northcutt et al. 2021) a pixel
/// counts as wrongly labelled where the network is surer of another class than it usually is where that class is
/// labelled: where it only guesses, nothing is held against the label. Divided by the outline's length this is a
/// length, so that small shapes and large ones compare; divided by the class's median, easy classes and hard ones.
void rateDoubts(std::vector<ImageDoubts> &images, const UsualConfidence &usual);

/// Images' classes by how surely another one is seen, the surest first: as in confident learning a probability counts
/// by how much greater it is than what the class usually gets where it is labelled. A doubt's box is empty.
std::vector<ImageDoubts> rateClasses(const std::vector<ImageClass> &images, int classes);

/// Puts the images in order by both signs of a wrong label: what the network sees, and how long the image was learnt
/// without success (alwaysHighLosses; Arpit et al. 2017: what is noisy is learnt last), which still tells once the
/// network knows the wrong label by heart. The image of the r-th greatest loss scores at least as much as the r-th
/// greatest doubt, where its loss is above the median. A loss counts in proportion to the length of what is labelled,
/// along which every network errs.
void addTrainingLosses(std::vector<ImageDoubts> &images, const Dataset &dataset, const std::vector<SampleLoss> &losses);

/// Looks through items with a trained network, and through the losses of its run, if the checkpoint lies in one. Where
/// the run trained with flips, what is seen is the mean over the image and its mirrorings. Of a network for whole
/// images it is their classes that are doubted.
Result<LabelErrors> findLabelErrors(Predictor &, const Dataset &, const std::vector<std::size_t> &items,
                                    std::stop_token = {}, const Progress & = {});
/// The same with networks that never saw the label that they are asked about (trainFolds), so that none can know a
/// wrong one by heart; runFolder's losses speak, too.
Result<LabelErrors> findLabelErrors(const std::vector<Fold> &, const std::string &runFolder, const ModelList &,
                                    const std::string &device, const Dataset &, std::stop_token = {},
                                    const Progress & = {});

} // namespace masque
