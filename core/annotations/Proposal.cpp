// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Proposal.h"

#include "core/annotations/mask_ops.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace masque {

namespace {

Rect wholeImage(const Proposal &proposal)
{
    return {0, 0, proposal.ids.cols, proposal.ids.rows};
}

bool isBackground(const Proposal &proposal, int id)
{
    return proposal.classes[static_cast<std::size_t>(id)] == kBackgroundName;
}

/// The mask and the pixels beside it, corners too.
Mask grown(const Mask &mask)
{
    Mask out{{mask.box.x - 1, mask.box.y - 1, mask.box.width + 2, mask.box.height + 2}, {}};
    cv::copyMakeBorder(mask.bits, out.bits, 1, 1, 1, 1, cv::BORDER_CONSTANT);
    cv::dilate(out.bits, out.bits, cv::Mat());
    return out;
}

/// The topmost polygon or mask of the class that touches the stroke and that nothing of another class lies over there.
std::optional<ShapeId> shapeBeside(const Annotation &annotation, const Mask &stroke, const std::string &label,
                                   Size imageSize, const PaintRules &rules)
{
    const Mask around = grown(stroke);
    for (std::size_t i = annotation.shapes.size(); i-- > 0;) {
        const Shape &shape = annotation.shapes[i];
        if (shape.bounds().intersected(around.box).isEmpty() || rules.protectedShapes.contains(shape.id))
            continue;
        const bool isArea = shape.type == ShapeType::Polygon || shape.type == ShapeType::Mask;
        const Mask pixels = shape.type == ShapeType::Mask ? *shape.mask : shapeMask(shape, imageSize);
        if (shape.label == label && isArea && overlap(pixels, around))
            return shape.id;
        if (shape.label != label && overlap(pixels, stroke))
            return {};
    }
    return {};
}

/// Polygons for the masks that an edit made anew or of vector shapes.
void trace(EditChain &chain, const Annotation &before, double tolerancePx)
{
    const auto made = [&](const Shape &shape) {
        const Shape *was = before.find(shape.id);
        return shape.type == ShapeType::Mask && (!was || was->type != ShapeType::Mask);
    };
    const std::vector<Shape> shapes = chain.annotation().shapes;
    for (const Shape &shape : shapes) {
        if (!made(shape))
            continue;
        const LabelSet one({std::string(kBackgroundName), shape.label});
        const Mask &mask = *shape.mask;
        auto parts = shapesFromLabelMap(mask.bits, one, ShapeStyle::Polygons, tolerancePx, 1);
        if (parts.empty())
            continue;
        Edit edit{.name = {}, .shapes = {}};
        std::size_t index = *chain.annotation().indexOf(shape.id);
        for (std::size_t k = 0; k < parts.size(); ++k, ++index) {
            Shape after = shape;
            after.type = parts[k].type;
            after.points = std::move(parts[k].points);
            for (Point &point : after.points)
                point = {point.x + mask.box.x, point.y + mask.box.y};
            after.mask = parts[k].mask;
            if (after.mask) {
                Mask moved = *after.mask;
                moved.box.x += mask.box.x;
                moved.box.y += mask.box.y;
                after.mask = std::make_shared<const Mask>(std::move(moved));
            }
            if (k == 0) {
                edit.shapes.push_back({shape, std::move(after), index, index});
                continue;
            }
            after.id = nextShapeId();
            edit.shapes.push_back({{}, std::move(after), 0, index});
        }
        chain.add(std::move(edit));
    }
}

/// What is wide enough for the tip, with the pixels close by that an opening rounds off. Where that is most of what
/// hangs together it is all of it, so that nothing is left of a whole object but its corners.
cv::Mat1b wideParts(const cv::Mat1b &bits, const cv::Mat &tip)
{
    constexpr double kMost = 0.7;
    cv::Mat1b wide;
    cv::morphologyEx(bits, wide, cv::MORPH_OPEN, tip);
    cv::dilate(wide, wide, tip);
    cv::bitwise_and(bits, wide, wide);
    cv::Mat1i component;
    const int count = cv::connectedComponents(bits, component, 8, CV_32S);
    std::vector<int> all(static_cast<std::size_t>(count)), covered(all);
    const auto forEach = [&](const auto &visit) {
        for (int y = 0; y < bits.rows; ++y)
            for (int x = 0; x < bits.cols; ++x)
                if (const int k = component(y, x); k > 0)
                    visit(static_cast<std::size_t>(k), wide(y, x));
    };
    forEach([&](std::size_t k, const std::uint8_t &isWide) {
        ++all[k];
        covered[k] += isWide != 0;
    });
    forEach([&](std::size_t k, std::uint8_t &isWide) {
        if (covered[k] >= kMost * all[k])
            isWide = 255;
    });
    return wide;
}

} // namespace

Mask proposedPixels(const Proposal &proposal, const Mask &area, const TakeOptions &options)
{
    const Mask seen = part(area, wholeImage(proposal));
    if (seen.box.isEmpty())
        return {};
    std::array<std::uint8_t, 256> codes{};
    for (std::size_t id = 0; id < std::min<std::size_t>(proposal.classes.size(), 255); ++id)
        if (!options.onlyClass || *options.onlyClass == proposal.classes[id])
            codes[id] = static_cast<std::uint8_t>(id + 1);
    const auto least = static_cast<int>(std::ceil(options.minConfidence * 255 - 1e-9));
    Mask out{seen.box, blankBits(seen.bits.size())};
    for (int y = 0; y < seen.box.height; ++y) {
        const std::uint8_t *inside = seen.bits[y];
        const std::uint8_t *id = proposal.ids[seen.box.y + y] + seen.box.x;
        const std::uint8_t *sure = proposal.confidence[seen.box.y + y] + seen.box.x;
        for (int x = 0; x < seen.box.width; ++x)
            if (inside[x] && sure[x] >= least)
                out.bits(y, x) = codes[id[x]];
    }
    return out;
}

Edit takeProposal(const Annotation &annotation, const Proposal &proposal, const Mask &area, const PaintRules &rules,
                  const TakeOptions &options)
{
    const Mask codes = proposedPixels(proposal, area, options);
    std::array<bool, 256> isThere{};
    for (const std::uint8_t code : codes.bits)
        isThere[code] = true;
    EditChain chain(annotation);
    for (int id = 0; id < 255; ++id) {
        if (!isThere[static_cast<std::size_t>(id) + 1])
            continue;
        Mask stroke{codes.box, cv::Mat1b(whereEqual(codes.bits, id + 1) & 1)};
        stroke = cropped(stroke);
        PaintRules own = rules;
        own.target.reset();
        if (isBackground(proposal, id)) {
            chain.add(eraseEdit(chain.annotation(), stroke, proposal.size(), own));
            continue;
        }
        const std::string &label = proposal.classes[static_cast<std::size_t>(id)];
        if (options.style == ShapeStyle::Polygons && !rules.lockedClasses.contains(label)) {
            own.target = shapeBeside(chain.annotation(), stroke, label, proposal.size(), own);
            if (const Shape *beside = own.target ? chain.annotation().find(*own.target) : nullptr;
                beside && beside->type == ShapeType::Polygon) {
                Shape asMask = *beside;
                asMask.mask = std::make_shared<const Mask>(shapeMask(*beside, proposal.size()));
                asMask.type = ShapeType::Mask;
                asMask.points.clear();
                chain.add(replaceShape(chain.annotation(), std::move(asMask), {}));
            }
        }
        chain.add(paintEdit(chain.annotation(), stroke, label, own));
    }
    if (options.style == ShapeStyle::Polygons)
        trace(chain, annotation, options.tolerancePx);
    return sameContent(chain.annotation(), annotation) ? Edit{} : chain.edit("Take proposal");
}

double disagreementWidth(Size imageSize)
{
    return std::max(2.0, 0.01 * std::hypot(imageSize.width, imageSize.height));
}

std::vector<Disagreement> disagreements(const Annotation &annotation, const Proposal &proposal, double minWidthPx,
                                        const std::stop_token &stop)
{
    LabelSet all({std::string(kBackgroundName)});
    cv::Mat1b toAll(1, 256, kIgnoreId);
    for (std::size_t id = 0; id < std::min<std::size_t>(proposal.classes.size(), 255); ++id)
        toAll(static_cast<int>(id)) = all.add(proposal.classes[id]);
    for (const Shape &shape : annotation.shapes)
        if (shape.label != kIgnoreName)
            all.add(shape.label);
    const cv::Mat1b labelled = rasterise(annotation, all, proposal.size());
    cv::Mat1b proposed;
    cv::LUT(proposal.ids, toAll, proposed);

    cv::Mat1b differs = cv::Mat1b(labelled != proposed);
    differs.setTo(0, whereEqual(labelled, kIgnoreId));
    differs.setTo(0, whereEqual(proposed, kIgnoreId));
    if (annotation.kept)
        if (const Mask kept = part(*annotation.kept, wholeImage(proposal)); !kept.box.isEmpty())
            differs(toCv(kept.box)).setTo(0, kept.bits);

    const int side = 2 * static_cast<int>(std::max(0.0, minWidthPx) / 2) + 1; // odd: an even tip moves what it opens
    const cv::Mat tip = cv::getStructuringElement(side > 3 ? cv::MORPH_ELLIPSE : cv::MORPH_RECT, {side, side});
    std::vector<Disagreement> out;
    for (int id = 0; id < all.size() && !stop.stop_requested(); ++id) {
        cv::Mat1b here = whereEqual(proposed, id);
        cv::bitwise_and(here, differs, here);
        if (cv::countNonZero(here) == 0)
            continue;
        here = wideParts(here, tip);
        cv::Mat1i component;
        cv::Mat1i stats;
        cv::Mat1d centres;
        const int count = cv::connectedComponentsWithStats(here, component, stats, centres, 8, CV_32S);
        for (int k = 1; k < count && !stop.stop_requested(); ++k) {
            const cv::Rect box(stats(k, cv::CC_STAT_LEFT), stats(k, cv::CC_STAT_TOP), stats(k, cv::CC_STAT_WIDTH),
                               stats(k, cv::CC_STAT_HEIGHT));
            Disagreement found;
            found.areaPx = stats(k, cv::CC_STAT_AREA);
            if (found.areaPx < side * side / 2)
                continue;
            const cv::Mat1b bits(component(box) == k);
            std::array<int, 256> votes{};
            for (int y = 0; y < box.height; ++y)
                for (int x = 0; x < box.width; ++x)
                    if (bits(y, x))
                        ++votes[labelled(box.y + y, box.x + x)];
            const auto most = std::max_element(votes.begin(), votes.end()) - votes.begin();
            found.labelled = most == 0 ? "" : all[static_cast<int>(most)].name;
            found.proposed = id == 0 ? "" : all[id].name;
            found.confidence = cv::mean(proposal.confidence(box), bits)[0] / 255;
            found.pixels =
                std::make_shared<const Mask>(Mask{{box.x, box.y, box.width, box.height}, cv::Mat1b(bits & 1)});
            out.push_back(std::move(found));
        }
    }
    std::ranges::stable_sort(out, std::greater(), &Disagreement::score);
    return out;
}

} // namespace masque
