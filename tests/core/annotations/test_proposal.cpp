// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Proposal.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/tools/builtin_tools.h"
#include "core/base/Random.h"

#include "tests/support/ToolBench.h"
#include "tests/support/support.h"

#include <QObject>

#include <opencv2/imgproc.hpp>

using namespace masque;

namespace {

constexpr Size kImage{60, 40};
const std::vector<std::string> kClasses = {"_background_", "cat", "dog"};

Mask box(int x, int y, int width, int height)
{
    return {{x, y, width, height}, cv::Mat1b(height, width, std::uint8_t{1})};
}

const Mask kAll = box(0, 0, kImage.width, kImage.height);

struct Patch {
    cv::Rect where;
    int id;
    int confidence = 255;
};

Proposal proposalOf(const std::vector<Patch> &patches)
{
    Proposal out{cv::Mat1b(kImage.height, kImage.width, std::uint8_t{0}),
                 cv::Mat1b(kImage.height, kImage.width, std::uint8_t{255}), kClasses};
    for (const Patch &patch : patches) {
        out.ids(patch.where).setTo(patch.id);
        out.confidence(patch.where).setTo(patch.confidence);
    }
    return out;
}

Annotation applied(const Edit &edit, Annotation annotation)
{
    apply(edit, annotation);
    return annotation;
}

cv::Mat1b idsOf(const Annotation &annotation)
{
    return rasterise(annotation, LabelSet(kClasses), kImage);
}

bool isSame(const cv::Mat1b &a, const cv::Mat1b &b)
{
    return a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

Shape polygon(const std::string &label, std::vector<Point> points)
{
    return {.label = label, .points = std::move(points)};
}

std::unique_ptr<Tool> toolOf(const std::string &id)
{
    for (const auto &factory : builtinTools())
        if (factory->description().id == id)
            return factory->create();
    return {};
}

} // namespace

class ProposalTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theWholeProposalBecomesTheAnnotation()
    {
        const auto proposal = proposalOf({{{5, 5, 20, 20}, 1}, {{30, 10, 12, 9}, 2}});
        Annotation a;
        apply(paintEdit(a, box(0, 0, 8, 8), "dog"), a);
        apply(paintEdit(a, box(50, 30, 5, 5), "cat"), a);
        const auto masks = applied(takeProposal(a, proposal, kAll), a);
        QVERIFY(isSame(idsOf(masks), proposal.ids));
        QVERIFY(takeProposal(masks, proposal, kAll).isEmpty());

        const auto polygons =
            applied(takeProposal({}, proposal, kAll, {}, {.style = ShapeStyle::Polygons, .tolerancePx = 0}), {});
        QVERIFY(isSame(idsOf(polygons), proposal.ids));
        QCOMPARE(polygons.shapes.size(), std::size_t{2});
        QVERIFY(polygons.shapes[0].type == ShapeType::Polygon);
    }

    void onlyTheAreaIsTaken()
    {
        const auto proposal = proposalOf({{{5, 5, 20, 20}, 1}, {{30, 10, 12, 9}, 2}});
        Annotation a;
        apply(insertShapes(a, {polygon("dog", {{2, 2}, {22, 2}, {22, 12}, {2, 12}})}, ""), a);
        const auto before = idsOf(a);
        const Mask area = box(10, 8, 30, 20);
        for (const auto style : {ShapeStyle::Masks, ShapeStyle::Polygons}) {
            const Edit edit = takeProposal(a, proposal, area, {}, {.style = style, .tolerancePx = 0});
            const auto after = applied(edit, a);
            cv::Mat1b wanted = before.clone();
            proposal.ids(toCv(area.box)).copyTo(wanted(toCv(area.box)));
            QVERIFY(isSame(idsOf(after), wanted));
            QVERIFY(sameContent(applied(inverted(edit), after), a));
        }
    }

    void polygonsStayPolygons()
    {
        // The dog's polygon ends too early; what is missing joins it and no second one is made.
        const auto proposal = proposalOf({{{4, 4, 30, 20}, 2}});
        Annotation a;
        apply(insertShapes(a, {polygon("dog", {{4, 4}, {20, 4}, {20, 23}, {4, 23}})}, ""), a);
        const auto id = a.shapes[0].id;
        const auto found = disagreements(a, proposal, 2);
        QCOMPARE(found.size(), std::size_t{1});
        const auto after = applied(takeProposal(a, proposal, *found[0].pixels, {}, {.style = ShapeStyle::Polygons}), a);
        QCOMPARE(after.shapes.size(), std::size_t{1});
        QCOMPARE(after.shapes[0].id, id);
        QVERIFY(after.shapes[0].type == ShapeType::Polygon);
        QVERIFY(after.shapes[0].points.size() <= 6);
        QVERIFY(isSame(idsOf(after), proposal.ids));
        // A hole cannot be told by a polygon: a mask it stays.
        const auto ring = proposalOf({{{4, 4, 30, 20}, 2}, {{10, 10, 8, 6}, 0}});
        const auto holed = applied(takeProposal(after, ring, kAll, {}, {.style = ShapeStyle::Polygons}), after);
        QVERIFY(isSame(idsOf(holed), ring.ids));
        QVERIFY(holed.shapes[0].type == ShapeType::Mask);
    }

    void whatIsProtectedStays()
    {
        const auto proposal = proposalOf({{{0, 0, 60, 40}, 1}});
        Annotation a;
        apply(paintEdit(a, box(10, 10, 10, 10), "dog"), a);
        const auto after = applied(takeProposal(a, proposal, kAll, {.protectedShapes = {a.shapes[0].id}}), a);
        QCOMPARE(idsOf(after)(15, 15), std::uint8_t{2});
        QCOMPARE(idsOf(after)(5, 5), std::uint8_t{1});
        QVERIFY(takeProposal(a, proposal, kAll, {.lockedClasses = {"cat"}}).isEmpty());
    }

    void confidenceAndClassChoose()
    {
        const auto proposal = proposalOf({{{0, 0, 20, 40}, 1, 200}, {{20, 0, 20, 40}, 1, 100}, {{40, 0, 20, 40}, 2}});
        const auto sure = idsOf(applied(takeProposal({}, proposal, kAll, {}, {.minConfidence = 0.5}), {}));
        QCOMPARE(cv::countNonZero(sure), 40 * 40);
        const auto cat = idsOf(applied(takeProposal({}, proposal, kAll, {}, {.onlyClass = "cat"}), {}));
        QCOMPARE(cv::countNonZero(cat == 1), 40 * 40);
        QCOMPARE(cv::countNonZero(cat == 2), 0);
    }

    void disagreementsAreRegionsByScore()
    {
        const auto proposal = proposalOf({{{2, 2, 10, 10}, 1, 250}, {{30, 10, 20, 12}, 2, 80}, {{0, 38, 60, 1}, 2}});
        Annotation a;
        apply(paintEdit(a, box(20, 30, 6, 6), "cat"), a); // the model sees none here
        apply(paintEdit(a, box(30, 10, 20, 2), "dog"), a);
        const auto found = disagreements(a, proposal, 3);
        QCOMPARE(found.size(), std::size_t{3}); // the line at the bottom is too thin
        QVERIFY(found[0].proposed == "cat" && found[0].labelled.empty());
        QCOMPARE(found[0].areaPx, 100);
        QVERIFY(std::abs(found[0].confidence - 250 / 255.0) < 1e-6);
        QVERIFY(found[1].proposed == "dog");
        QCOMPARE(found[1].areaPx, 200);
        QVERIFY(found[2].proposed.empty() && found[2].labelled == "cat");
        QVERIFY(*found[2].pixels == box(20, 30, 6, 6));

        Annotation reviewed = applied(keepLabels(a, *found[2].pixels), a);
        apply(takeProposal(reviewed, proposal, *found[0].pixels), reviewed);
        const auto left = disagreements(reviewed, proposal, 3);
        QCOMPARE(left.size(), std::size_t{1});
        QVERIFY(*left[0].pixels == *found[1].pixels);

        Annotation ignored = a;
        apply(insertShapes(a, {polygon("__ignore__", {{0, 0}, {59, 0}, {59, 39}, {0, 39}})}, ""), ignored);
        QVERIFY(disagreements(ignored, proposal, 3).empty());
    }

    void takingEveryDisagreementLeavesNone()
    {
        Random random(7);
        for (int round = 0; round < 40; ++round) {
            std::vector<Patch> patches;
            for (int i = 0; i < 6; ++i)
                patches.push_back({{random.below(40), random.below(25), 3 + random.below(18), 3 + random.below(14)},
                                   random.below(3)});
            const auto proposal = proposalOf(patches);
            Annotation a;
            for (int i = 0; i < 4; ++i) {
                const Point p{random.uniform(0, 40), random.uniform(0, 25)};
                const std::string label = kClasses[static_cast<std::size_t>(1 + random.below(2))];
                if (random.chance(0.5))
                    apply(insertShapes(a, {polygon(label, {p, {p.x + 15, p.y + 3}, {p.x + 9, p.y + 14}})}, ""), a);
                else
                    apply(paintEdit(a, box(int(p.x), int(p.y), 9, 9), label), a);
            }
            const auto style = random.chance(0.5) ? ShapeStyle::Masks : ShapeStyle::Polygons;
            const Annotation start = a;
            std::vector<Edit> edits;
            while (true) {
                const auto found = disagreements(a, proposal, 1);
                if (found.empty())
                    break;
                QVERIFY(edits.size() < 200);
                edits.push_back(takeProposal(a, proposal, *found[0].pixels, {}, {.style = style, .tolerancePx = 0}));
                QVERIFY(!edits.back().isEmpty());
                apply(edits.back(), a);
            }
            QVERIFY(isSame(idsOf(a), proposal.ids));
            for (std::size_t i = edits.size(); i-- > 0;)
                apply(inverted(edits[i]), a);
            QVERIFY(sameContent(a, start));
        }
    }

    void modelBrushPaintsWhatTheModelSays()
    {
        ToolBench bench(toolOf("model-brush"), kImage);
        bench.radiusPx = 4;
        bench.drag({{10, 20}, {50, 20}});
        QVERIFY(bench.edits.empty()); // no proposal, nothing to paint

        bench.proposal = std::make_shared<const Proposal>(proposalOf({{{0, 0, 20, 40}, 1}, {{40, 0, 20, 40}, 2}}));
        bench.press({10, 20});
        bench.move({50, 20});
        const auto shown = bench.tool->preview(bench.context());
        QCOMPARE(shown.strokeLabels.size(), std::size_t{3});
        QVERIFY(shown.strokeLabels[0].empty());
        const auto at = [&](int x) { return shown.stroke->bits(20 - shown.stroke->box.y, x - shown.stroke->box.x); };
        QCOMPARE(at(10), std::uint8_t{2});
        QCOMPARE(at(30), std::uint8_t{1});
        QCOMPARE(at(50), std::uint8_t{3});
        bench.release({50, 20});
        const auto ids = idsOf(bench.annotation);
        QCOMPARE(ids(20, 10), std::uint8_t{1});
        QCOMPARE(ids(20, 30), std::uint8_t{0});
        QCOMPARE(ids(20, 50), std::uint8_t{2});
        QCOMPARE(ids(5, 10), std::uint8_t{0});
        QCOMPARE(bench.edits.size(), std::size_t{1});

        bench.drag({{10, 35}, {11, 35}}, {.control = true});
        QVERIFY(bench.annotation.kept && !bench.annotation.kept->box.intersected({8, 33, 4, 4}).isEmpty());
        QVERIFY(isSame(idsOf(bench.annotation), ids));
    }

    void modelLassoAndFillTakeAreas()
    {
        const auto proposal =
            std::make_shared<const Proposal>(proposalOf({{{2, 2, 16, 16}, 1}, {{40, 20, 15, 15}, 2}}));
        ToolBench lasso(toolOf("model-lasso"), kImage);
        lasso.proposal = proposal;
        lasso.drag({{0, 0}, {30, 0}, {30, 10}, {0, 10}});
        auto ids = idsOf(lasso.annotation);
        QCOMPARE(ids(5, 5), std::uint8_t{1});
        QCOMPARE(ids(15, 5), std::uint8_t{0});
        QCOMPARE(ids(25, 45), std::uint8_t{0});

        ToolBench fill(toolOf("model-fill"), kImage);
        fill.proposal = proposal;
        fill.click({45, 25});
        ids = idsOf(fill.annotation);
        QCOMPARE(cv::countNonZero(ids), 15 * 15);
        QCOMPARE(ids(25, 45), std::uint8_t{2});
        fill.click({5, 5}, {.control = true});
        QVERIFY(fill.annotation.kept && *fill.annotation.kept == box(2, 2, 16, 16));
    }
};

QTEST_GUILESS_MAIN(ProposalTest)
#include "test_proposal.moc"
