// SPDX-License-Identifier: GPL-3.0-or-later
// How many actions (clicks and keys) a person needs until labels agree with the truth at a mean IoU of 0.95: drawing
// polygons from nothing, and beginning with a run's proposals and the review's keys.
//
//     review_actions RUN DATA [IMAGES]      DATA is fully labelled; images that the run did not learn from come first
#include "core/annotations/Proposal.h"
#include "core/annotations/mask_ops.h"
#include "core/inference/proposals.h"
#include "core/plugins/PluginHost.h"
#include "core/runs/run.h"

#include <algorithm>
#include <cstdio>

using namespace masque;

namespace {

constexpr double kWantedIou = 0.95;

struct Truth {
    cv::Mat1b ids;
    std::vector<std::string> classes;
    Size size() const { return {ids.cols, ids.rows}; }
};

cv::Mat1b idsOf(const Annotation &annotation, const Truth &truth)
{
    return rasterise(annotation, LabelSet(truth.classes), truth.size());
}

/// Over the classes that either shows; ignored pixels left out.
double meanIou(const cv::Mat1b &ids, const Truth &truth)
{
    ConfusionMatrix matrix(static_cast<int>(truth.classes.size()));
    for (int y = 0; y < ids.rows; ++y)
        matrix.add({truth.ids[y], static_cast<std::size_t>(ids.cols)}, {ids[y], static_cast<std::size_t>(ids.cols)});
    return matrix.meanIou();
}

/// The cost of making the labels agree by drawing the regions where they do not, the greatest first, each as polygons
/// of the least vertices: a click a vertex, one to close, one for the class (or to erase). Stops when it is enough.
int drawUntilGood(Annotation &annotation, const Truth &truth, double tolerancePx)
{
    int actions = 0;
    for (int round = 0; round < 400; ++round) {
        const cv::Mat1b ids = idsOf(annotation, truth);
        if (meanIou(ids, truth) >= kWantedIou)
            return actions;
        const Proposal wanted{truth.ids, cv::Mat1b(truth.ids.size(), std::uint8_t{255}), truth.classes};
        const auto regions = disagreements(annotation, wanted, 1);
        if (regions.empty())
            return actions;
        const Disagreement &region = regions.front();
        const Mask &pixels = *region.pixels;
        const Point origin{double(pixels.box.x), double(pixels.box.y)};
        Mask drawn{pixels.box, blankBits(pixels.bits.size())};
        for (const TracedRegion &part : traceMask(pixels.bits, origin, tolerancePx)) {
            paintShape(drawn.bits, origin, {.points = part.outer}, 1);
            actions += static_cast<int>(part.outer.size()) + 2;
            for (const auto &hole : part.holes) {
                paintShape(drawn.bits, origin, {.points = hole}, 0);
                actions += static_cast<int>(hole.size()) + 2;
            }
        }
        Edit edit = region.proposed.empty() ? eraseEdit(annotation, drawn, truth.size())
                                            : paintEdit(annotation, drawn, region.proposed);
        if (edit.isEmpty())
            return actions;
        apply(edit, annotation);
    }
    return actions;
}

/// The cheapest tolerance that gets there: a person draws no more exactly than is needed.
int cheapest(const Annotation &start, const Truth &truth)
{
    int best = 1 << 30;
    for (const double tolerance : {0.5, 1.0, 1.5, 2.0, 3.0, 4.0}) {
        Annotation annotation = start;
        const int actions = drawUntilGood(annotation, truth, tolerance);
        if (meanIou(idsOf(annotation, truth), truth) >= kWantedIou)
            best = std::min(best, actions);
    }
    return best;
}

/// Y where most of a region is right, N where it is not; one key each. Then what is left is drawn.
int reviewThenDraw(const Proposal &proposal, const Truth &truth, int &keys)
{
    Annotation annotation;
    keys = 0;
    for (const Disagreement &region : disagreements(annotation, proposal, disagreementWidth(truth.size()))) {
        if (meanIou(idsOf(annotation, truth), truth) >= kWantedIou)
            break;
        const Mask &pixels = *region.pixels;
        const cv::Rect box = toCv(pixels.box);
        const cv::Mat1b isRight = cv::Mat1b(truth.ids(box) == proposal.ids(box));
        cv::Mat1b right;
        cv::bitwise_and(isRight, pixels.bits, right);
        ++keys;
        apply(2 * cv::countNonZero(right) > cv::countNonZero(pixels.bits) ? takeProposal(annotation, proposal, pixels)
                                                                          : keepLabels(annotation, pixels),
              annotation);
    }
    annotation.kept.reset(); // what is drawn afterwards is held against the truth alone
    return keys + cheapest(annotation, truth);
}

int run(const std::string &folder, const std::string &data, std::size_t count)
{
    const PluginHost plugins;
    auto predictor = Predictor::load(folder, plugins.registry().models);
    auto opened = openDataset(data, plugins.registry().formats);
    if (!predictor || !opened) {
        std::fprintf(stderr, "%s\n", (predictor ? opened.error() : predictor.error()).message.c_str());
        return 1;
    }
    Dataset dataset = std::move(*opened);
    dataset.labels = predictor->labels();
    const auto split = readRunSplit(folder, dataset);
    std::vector<std::size_t> items;
    if (split)
        for (const auto *part : {&split->test, &split->val})
            items.insert(items.end(), part->begin(), part->end());
    if (items.size() > count)
        items.resize(count);
    int images = 0, drawn = 0, reviewed = 0, keys = 0, worse = 0;
    for (const std::size_t item : items) {
        const auto image = readImage(dataset.absolute(dataset.items[item].image));
        const auto ids = readLabelMap(dataset, dataset.items[item]);
        const auto stored = image ? propose(*predictor, *image) : Result<StoredProposal>(image.error());
        if (!ids || !stored)
            continue;
        const Truth truth{*ids, predictor->labels().names()};
        const int fromNothing = cheapest({}, truth);
        int own = 0;
        const int withReview = reviewThenDraw(stored->proposal, truth, own);
        if (fromNothing >= 1 << 30 || withReview >= 1 << 30)
            continue;
        ++images;
        drawn += fromNothing;
        reviewed += withReview;
        keys += own;
        worse += withReview > fromNothing;
    }
    std::printf("%d images to a mean IoU of %.2f: %d actions from nothing, %d with proposals (%d of them decisions), "
                "ratio %.2f; more than from nothing in %d\n",
                images, kWantedIou, drawn, reviewed, keys, double(reviewed) / drawn, worse);
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 3) {
        std::fprintf(stderr, "review_actions RUN DATA [IMAGES]\n");
        return 2;
    }
    return run(argv[1], argv[2], argc > 3 ? std::stoul(argv[3]) : 40);
}
