// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Edit.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/base/Random.h"

#include "tests/support/support.h"

#include <QObject>

using namespace masque;

namespace {

constexpr Size kImage{40, 30};

Mask box(int x, int y, int width, int height)
{
    return {{x, y, width, height}, cv::Mat1b(height, width, std::uint8_t{1})};
}

Shape maskShape(const std::string &label, Mask mask)
{
    return {.label = label, .type = ShapeType::Mask, .mask = std::make_shared<const Mask>(std::move(mask))};
}

Shape rectangle(const std::string &label, Point a, Point b)
{
    return {.label = label, .type = ShapeType::Rectangle, .points = {a, b}};
}

/// Same shapes with the same ids in the same order.
bool identical(const Annotation &a, const Annotation &b)
{
    if (!sameContent(a, b))
        return false;
    for (std::size_t i = 0; i < a.shapes.size(); ++i)
        if (a.shapes[i].id != b.shapes[i].id || a.shapes[i].source != b.shapes[i].source)
            return false;
    return true;
}

Annotation applied(const Edit &edit, Annotation annotation)
{
    apply(edit, annotation);
    return annotation;
}

int pixelsOf(const Annotation &annotation, const std::string &label)
{
    int count = 0;
    for (const Shape &shape : annotation.shapes)
        if (shape.label == label)
            count += cv::countNonZero(shapeMask(shape, kImage).bits);
    return count;
}

Mask randomStroke(Random &random)
{
    Mask stroke = box(random.below(36), random.below(26), 1 + random.below(14), 1 + random.below(14));
    stroke = part(stroke, {0, 0, kImage.width, kImage.height});
    stroke.bits = stroke.bits.clone();
    for (auto &bit : stroke.bits)
        bit = random.chance(0.8);
    return stroke;
}

} // namespace

class EditTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void buildersDoWhatTheySay()
    {
        Annotation a;
        a.shapes = {rectangle("a", {1, 1}, {3, 3}), rectangle("b", {2, 2}, {5, 5}), rectangle("c", {9, 9}, {12, 12})};
        const auto &shapes = a.shapes;

        auto more =
            applied(insertShapes(a, {rectangle("d", {0, 0}, {1, 1}), rectangle("e", {0, 0}, {1, 1})}, "Add"), a);
        QCOMPARE(more.shapes.size(), std::size_t{5});
        QCOMPARE(more.shapes[4].label, std::string("e"));

        const auto fewer = applied(removeShapes(a, {shapes[0].id, shapes[2].id, 12345678}, "Delete"), a);
        QCOMPARE(fewer.shapes.size(), std::size_t{1});
        QCOMPARE(fewer.shapes[0].label, std::string("b"));

        Shape moved = shapes[1];
        moved.points[0] = {20, 20};
        const auto edit = replaceShape(a, moved, "Move b");
        QVERIFY(identical(applied(inverted(edit), applied(edit, a)), a));
        QVERIFY(edit.dirtyRect().contains(2, 2) && edit.dirtyRect().contains(20, 20));
        QVERIFY(!edit.dirtyRect().contains(30, 20));
        QVERIFY(replaceShape(a, rectangle("x", {0, 0}, {1, 1}), "Unknown id").isEmpty());

        const auto reversed = applied(replaceAllShapes(a, {shapes[2], shapes[1], shapes[0]}, "Reverse"), a);
        QCOMPARE(reversed.shapes[0].id, shapes[2].id);

        QVERIFY(applied(setChecked(a, true), a).checked);
        QVERIFY(setChecked(a, false).isEmpty());
    }

    void keptLabelsAddUp()
    {
        const Annotation a;
        const auto first = applied(keepLabels(a, box(0, 0, 4, 4)), a);
        QVERIFY(!sameContent(first, a));
        QVERIFY(keepLabels(first, box(1, 1, 2, 2)).isEmpty());
        QVERIFY(keepLabels(a, {}).isEmpty());
        EditChain chain(first);
        chain.add(keepLabels(chain.annotation(), box(4, 0, 4, 4)));
        chain.add(keepLabels(chain.annotation(), box(0, 4, 8, 4)));
        chain.add(setChecked(chain.annotation(), true));
        const auto edit = chain.edit("Keep");
        const auto all = applied(edit, first);
        QVERIFY(*all.kept == box(0, 0, 8, 8));
        QVERIFY(all.checked);
        QVERIFY(sameContent(applied(inverted(edit), all), first));
    }

    void undoGivesBackWhatWas()
    {
        Random random(42);
        for (int round = 0; round < 60; ++round) {
            Annotation a;
            a.flags = {{"night", true}};
            std::vector<Annotation> states{a};
            std::vector<Edit> edits;
            for (int step = 0; step < 25; ++step) {
                const auto label = std::string(1, static_cast<char>('a' + random.below(3)));
                const auto any = [&]() -> std::optional<ShapeId> {
                    if (a.shapes.empty() || random.chance(0.3))
                        return {};
                    return a.shapes[static_cast<std::size_t>(random.below(static_cast<int>(a.shapes.size())))].id;
                };
                Edit edit;
                switch (random.below(7)) {
                case 0:
                    edit = insertShapes(a, {rectangle(label, {random.uniform(0, 40), random.uniform(0, 30)}, {20, 15})},
                                        "");
                    break;
                case 1:
                    if (const auto id = any())
                        edit = removeShapes(a, {*id}, "");
                    break;
                case 2:
                    if (const auto id = any()) {
                        Shape shape = *a.find(*id);
                        shape.label = label;
                        edit = replaceShape(a, shape, "");
                    }
                    break;
                case 3: edit = setChecked(a, random.chance(0.5)); break;
                case 4: edit = eraseEdit(a, randomStroke(random), kImage, {.target = any()}); break;
                case 5: {
                    auto shapes = a.shapes;
                    random.shuffle(shapes);
                    edit = replaceAllShapes(a, shapes, "");
                    edit.flags = {a.flags, Flags{{"night", random.chance(0.5)}}};
                    break;
                }
                default: edit = paintEdit(a, randomStroke(random), label, {.target = any()});
                }
                apply(edit, a);
                edits.push_back(edit);
                states.push_back(a);
            }
            for (std::size_t i = edits.size(); i-- > 0;) {
                apply(inverted(edits[i]), a);
                QVERIFY(identical(a, states[i]));
            }
            for (std::size_t i = 0; i < edits.size(); ++i) {
                apply(inverted(inverted(edits[i])), a);
                QVERIFY(identical(a, states[i + 1]));
            }
        }
    }

    void aStrokeJoinsItsClass()
    {
        Annotation a;
        apply(paintEdit(a, box(0, 0, 4, 4), "a"), a);
        apply(paintEdit(a, box(10, 0, 4, 4), "b"), a);
        apply(paintEdit(a, box(4, 0, 4, 4), "a"), a);
        QCOMPARE(a.shapes.size(), std::size_t{2});
        QCOMPARE(a.shapes[0].label, std::string("a"));
        QVERIFY(*a.shapes[0].mask == box(0, 0, 8, 4));
        QVERIFY(paintEdit(a, box(1, 1, 2, 2), "a").isEmpty()); // painted already
    }

    void aStrokeJoinsItsTarget()
    {
        Annotation a;
        a.shapes = {maskShape("a", box(0, 0, 2, 2)), maskShape("a", box(10, 0, 2, 2)),
                    maskShape("b", box(20, 0, 2, 2))};
        auto painted = applied(paintEdit(a, box(5, 5, 2, 2), "a", {.target = a.shapes[0].id}), a);
        QCOMPARE(cv::countNonZero(painted.shapes[0].mask->bits), 8);
        painted = applied(paintEdit(a, box(5, 5, 2, 2), "a"), a); // without one the topmost
        QCOMPARE(cv::countNonZero(painted.shapes[1].mask->bits), 8);
        painted = applied(paintEdit(a, box(5, 5, 2, 2), "a", {.target = a.shapes[2].id}),
                          a); // a target of another class is none
        QCOMPARE(cv::countNonZero(painted.shapes[1].mask->bits), 8);
    }

    void aPixelBelongsToOneClass()
    {
        Annotation a;
        a.shapes = {maskShape("b", box(0, 0, 6, 6)), maskShape("c", box(2, 2, 2, 2)),
                    maskShape("b", box(20, 20, 2, 2))};
        a = applied(paintEdit(a, box(1, 1, 4, 4), "a"), a);
        QCOMPARE(pixelsOf(a, "a"), 16);
        QCOMPARE(pixelsOf(a, "b"), 36 - 16 + 4);
        QCOMPARE(pixelsOf(a, "c"), 0); // and an empty shape is gone
        QCOMPARE(a.shapes.size(), std::size_t{3});
        QCOMPARE(a.shapes.back().label, std::string("a"));
    }

    void aStrokeIsNeverHiddenByAVectorShape()
    {
        Annotation a;
        a.shapes = {maskShape("a", box(0, 0, 2, 2)), rectangle("b", {10, 10}, {20, 20})};
        const auto beside = applied(paintEdit(a, box(4, 4, 3, 3), "a"), a);
        QCOMPARE(beside.shapes.size(), std::size_t{2});
        const auto over = applied(paintEdit(a, box(12, 12, 3, 3), "a"), a);
        QCOMPARE(over.shapes.size(), std::size_t{3});
        const auto map = rasterise(over, LabelSet({"_background_", "a", "b"}), kImage);
        QCOMPARE(int(map(13, 13)), 1);
        QCOMPARE(int(map(18, 18)), 2);
    }

    void protectedShapesKeepTheirPixels()
    {
        Annotation a;
        a.shapes = {maskShape("b", box(0, 0, 4, 4)), maskShape("a", box(20, 0, 2, 2))};
        const std::set<ShapeId> locked{a.shapes[0].id, a.shapes[1].id};
        const auto painted = applied(paintEdit(a, box(2, 0, 4, 4), "a", {.protectedShapes = locked}), a);
        QCOMPARE(pixelsOf(painted, "b"), 16);
        QVERIFY(*painted.shapes[2].mask == box(4, 0, 2, 4)); // a new shape, since the one of its class is locked too
        QVERIFY(paintEdit(a, box(0, 0, 2, 2), "a", {.protectedShapes = locked}).isEmpty());
        QVERIFY(eraseEdit(a, box(0, 0, 40, 30), kImage, {.protectedShapes = locked}).isEmpty());
    }

    void erasingTurnsVectorShapesIntoMasks()
    {
        Annotation a;
        a.shapes = {rectangle("a", {0, 0}, {9, 9}), rectangle("b", {20, 0}, {29, 9}), maskShape("c", box(0, 20, 3, 3))};
        a.shapes[0].groupId = 7;
        const auto erased = applied(eraseEdit(a, box(5, 0, 5, 30), kImage), a);
        QVERIFY(erased.shapes[0].type == ShapeType::Mask && erased.shapes[0].points.empty());
        QVERIFY(*erased.shapes[0].mask == box(0, 0, 5, 10));
        QVERIFY(erased.shapes[0].groupId == 7 && erased.shapes[0].id == a.shapes[0].id);
        QVERIFY(sameContent(erased.shapes[1], a.shapes[1]) && sameContent(erased.shapes[2], a.shapes[2]));

        QVERIFY(applied(eraseEdit(a, box(0, 0, 40, 30), kImage), a).shapes.empty());
        const auto one = applied(eraseEdit(a, box(0, 0, 40, 30), kImage, {.target = a.shapes[1].id}), a);
        QCOMPARE(one.shapes.size(), std::size_t{2});
        QVERIFY(eraseEdit(a, box(12, 12, 3, 3), kImage).isEmpty());
    }

    void memoryIsCounted()
    {
        Annotation a;
        a.shapes = {maskShape("a", box(0, 0, 30, 30))};
        Shape renamed = a.shapes[0];
        renamed.label = "b";
        const auto rename = replaceShape(a, renamed, "Rename").memoryBytes();
        QVERIFY(rename >= 900 && rename < 1800 + 800); // the shared bitmap counts once
        QVERIFY(eraseEdit(a, box(0, 0, 10, 30), kImage).memoryBytes() >= 900 + 600);
    }
};

QTEST_GUILESS_MAIN(EditTest)
#include "test_edit.moc"
