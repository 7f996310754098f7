// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/shape_ops.h"
#include "core/base/Random.h"

#include "tests/support/support.h"

#include <QObject>

#include <cmath>
#include <numbers>

using namespace masque;

namespace {

constexpr Size kImage{80, 60};

Shape polygon(std::vector<Point> points, const std::string &label = "car")
{
    return {.label = label, .points = std::move(points)};
}

Shape square(double x, double y, double side, const std::string &label = "car")
{
    return polygon({{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}}, label);
}

Shape disc(int cx, int cy, int radius)
{
    Shape shape{.label = "car",
                .type = ShapeType::Circle,
                .points = {{double(cx), double(cy)}, {double(cx + radius), double(cy)}}};
    Mask mask = shapeMask(shape, kImage);
    shape.type = ShapeType::Mask;
    shape.points.clear();
    shape.mask = std::make_shared<const Mask>(std::move(mask));
    return shape;
}

cv::Mat1b pixelsOf(const std::vector<Shape> &shapes)
{
    cv::Mat1b map(kImage.height, kImage.width, std::uint8_t{0});
    for (const Shape &shape : shapes)
        paintShape(map, {}, shape, 1);
    return map;
}

bool samePixels(const cv::Mat &a, const cv::Mat &b)
{
    return cv::countNonZero(a != b) == 0;
}

std::set<ShapeId> allOf(const Annotation &annotation)
{
    std::set<ShapeId> ids;
    for (const Shape &shape : annotation.shapes)
        ids.insert(shape.id);
    return ids;
}

/// Applies the edit and proves on the way that it can be taken back.
Annotation applied(const Edit &edit, const Annotation &start)
{
    Annotation changed = start;
    apply(edit, changed);
    Annotation back = changed;
    apply(inverted(edit), back);
    [&] {
        QVERIFY(sameContent(back, start));
        for (std::size_t i = 0; i < start.shapes.size(); ++i)
            QCOMPARE(back.shapes[i].id, start.shapes[i].id);
    }();
    return changed;
}

std::string labelsOf(const Annotation &annotation)
{
    std::string all;
    for (const Shape &shape : annotation.shapes)
        all += shape.label;
    return all;
}

} // namespace

class TestShapeOps : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void combines_data();
    void combines();
    void combinesAtRandom();
    void combiningKeepsTheLowest();
    void splitsPolygons_data();
    void splitsPolygons();
    void splitsMasks();
    void convertsWithWordsForTheLoss();
    void masksAreExactlyThePixels();
    void simplifies();
    void smooths();
    void reorders_data();
    void reorders();
    void movesUnder_data();
    void movesUnder();
    void groups();
};

void TestShapeOps::combines_data()
{
    QTest::addColumn<int>("operation");
    QTest::addColumn<bool>("areMasks");
    QTest::addColumn<int>("layout");
    QTest::addColumn<int>("resultShapes");
    QTest::addColumn<bool>("becomesMask");
    const char *names[] = {"unite", "subtract", "intersect", "exclude"};
    // layouts: 0 overlapping corners, 1 apart, 2 one inside the other
    const int shapes[4][3] = {{1, 2, 1}, {1, 1, 1}, {1, 0, 1}, {1, 2, 1}};
    const bool masks[4][3] = {
        {false, false, false}, {false, false, true}, {false, false, false}, {true, false, true}}; // a ring has a hole
    for (int operation = 0; operation < 4; ++operation)
        for (int layout = 0; layout < 3; ++layout)
            for (const bool areMasks : {false, true}) {
                const int count = areMasks ? std::min(shapes[operation][layout], 1) : shapes[operation][layout];
                QTest::addRow("%s, layout %d, %s", names[operation], layout, areMasks ? "masks" : "polygons")
                    << operation << areMasks << layout << count << (!areMasks && masks[operation][layout]);
            }
}

void TestShapeOps::combines()
{
    QFETCH(int, operation);
    QFETCH(bool, areMasks);
    QFETCH(int, layout);
    QFETCH(int, resultShapes);
    QFETCH(bool, becomesMask);
    Shape a = square(5, 5, 30), b = layout == 0   ? square(20, 20, 30)
                                    : layout == 1 ? square(50, 10, 20)
                                                  : square(12, 12, 10);
    if (areMasks)
        for (Shape *shape : {&a, &b}) {
            Mask mask = shapeMask(*shape, kImage);
            shape->type = ShapeType::Mask;
            shape->points.clear();
            shape->mask = std::make_shared<const Mask>(std::move(mask));
        }
    const cv::Mat1b pa = pixelsOf({a}), pb = pixelsOf({b});
    cv::Mat expected;
    switch (static_cast<Boolean>(operation)) {
    case Boolean::Unite: expected = pa | pb; break;
    case Boolean::Subtract: expected = pa & (1 - pb); break;
    case Boolean::Intersect: expected = pa & pb; break;
    case Boolean::Exclude: expected = pa ^ pb; break;
    }
    Annotation annotation;
    annotation.shapes = {square(0, 50, 5, "other"), a, b};
    const auto result = combineShapes(annotation, {a.id, b.id}, static_cast<Boolean>(operation), kImage);
    const Annotation after = applied(result.edit, annotation);
    QCOMPARE(int(after.shapes.size()) - 1, resultShapes);
    QCOMPARE(result.becameMask, becomesMask);
    std::vector<Shape> made(after.shapes.begin() + 1, after.shapes.end());
    QVERIFY(samePixels(pixelsOf(made), expected));
    for (const Shape &shape : made) {
        QCOMPARE(shape.type == ShapeType::Mask, areMasks || becomesMask);
        QVERIFY(result.made.contains(shape.id));
        QCOMPARE(shape.groupId.has_value(), made.size() > 1);
    }
}

void TestShapeOps::combinesAtRandom()
{
    Random random(7);
    for (int round = 0; round < 200; ++round) {
        Annotation annotation;
        std::vector<cv::Mat1b> pixels;
        for (int k = 0; k < 3; ++k) {
            std::vector<Point> points;
            for (int i = 0; i < 5; ++i)
                points.push_back({double(random.below(80)), double(random.below(60))});
            annotation.shapes.push_back(polygon(std::move(points)));
            pixels.push_back(pixelsOf({annotation.shapes.back()}));
        }
        const cv::Mat expected[] = {pixels[0] | pixels[1] | pixels[2], pixels[0] & (1 - pixels[1]) & (1 - pixels[2]),
                                    pixels[0] & pixels[1] & pixels[2], (pixels[0] ^ pixels[1]) ^ pixels[2]};
        for (int operation = 0; operation < 4; ++operation) {
            const auto result = combineShapes(annotation, allOf(annotation), static_cast<Boolean>(operation), kImage);
            const cv::Mat1b got = pixelsOf(applied(result.edit, annotation).shapes);
            QVERIFY2(samePixels(got, expected[operation]),
                     qPrintable(QStringLiteral("round %1, operation %2: %3 of %4 pixels differ%5")
                                    .arg(round)
                                    .arg(operation)
                                    .arg(cv::countNonZero(got != expected[operation]))
                                    .arg(cv::countNonZero(expected[operation]))
                                    .arg(result.becameMask ? QStringLiteral(", mask") : QString())));
        }
    }
}

void TestShapeOps::combiningKeepsTheLowest()
{
    Annotation annotation;
    annotation.shapes = {square(5, 5, 20, "tree"), square(15, 5, 20, "car")};
    annotation.shapes[0].description = "old";
    const auto result = combineShapes(annotation, allOf(annotation), Boolean::Unite, kImage);
    const Annotation after = applied(result.edit, annotation);
    QCOMPARE(after.shapes.size(), std::size_t{1});
    QCOMPARE(after.shapes[0].id, annotation.shapes[0].id);
    QCOMPARE(after.shapes[0].label, std::string("tree"));
    QCOMPARE(after.shapes[0].description, std::string("old"));
    QVERIFY(combineShapes(annotation, {annotation.shapes[0].id}, Boolean::Unite, kImage).edit.isEmpty());
}

void TestShapeOps::splitsPolygons_data()
{
    QTest::addColumn<QList<QPointF>>("outline");
    QTest::addColumn<QPointF>("a");
    QTest::addColumn<QPointF>("b");
    QTest::addColumn<int>("parts");
    const QList<QPointF> box{{10, 10}, {40, 10}, {40, 40}, {10, 40}};
    const QList<QPointF> comb{{10, 10}, {50, 10}, {50, 40}, {40, 40}, {40, 20}, {20, 20}, {20, 40}, {10, 40}};
    QTest::newRow("across") << box << QPointF(0, 22) << QPointF(60, 28) << 2;
    QTest::newRow("backwards") << box << QPointF(60, 28) << QPointF(0, 22) << 2;
    QTest::newRow("corner to corner") << box << QPointF(0, 0) << QPointF(50, 50) << 2;
    QTest::newRow("ends inside") << box << QPointF(0, 25) << QPointF(25, 25) << 1;
    QTest::newRow("beside") << box << QPointF(0, 50) << QPointF(60, 50) << 1;
    QTest::newRow("both teeth") << comb << QPointF(0, 30) << QPointF(70, 30) << 3;
    QTest::newRow("one tooth") << comb << QPointF(0, 30) << QPointF(30, 30) << 2;
    QTest::newRow("no length") << box << QPointF(20, 20) << QPointF(20, 20) << 1;
}

void TestShapeOps::splitsPolygons()
{
    QFETCH(QList<QPointF>, outline);
    QFETCH(QPointF, a);
    QFETCH(QPointF, b);
    QFETCH(int, parts);
    std::vector<Point> points;
    for (const QPointF &p : outline)
        points.push_back({p.x(), p.y()});
    Annotation annotation;
    annotation.shapes = {polygon(points), square(60, 40, 5, "other")};
    const auto result = splitShapes(annotation, {annotation.shapes[0].id}, {a.x(), a.y()}, {b.x(), b.y()});
    QCOMPARE(result.edit.isEmpty(), parts == 1);
    Annotation after = applied(result.edit, annotation);
    QCOMPARE(int(after.shapes.size()) - 1, parts);
    QCOMPARE(after.shapes.back().label, std::string("other"));
    after.shapes.pop_back();
    const cv::Mat1b before = pixelsOf({annotation.shapes[0]}), joined = pixelsOf(after.shapes);
    QVERIFY(cv::countNonZero(before & (1 - joined)) == 0); // no gap between the parts
    QVERIFY(cv::countNonZero(joined & (1 - before)) <= 1); // and, but for rounding at the border, nothing new
}

void TestShapeOps::splitsMasks()
{
    Annotation annotation;
    annotation.shapes = {disc(30, 30, 20)};
    const auto result = splitShapes(annotation, allOf(annotation), {30, 0}, {30, 60});
    const Annotation after = applied(result.edit, annotation);
    QCOMPARE(after.shapes.size(), std::size_t{2});
    QVERIFY(samePixels(pixelsOf(after.shapes), pixelsOf(annotation.shapes)));
    QVERIFY(!overlap(*after.shapes[0].mask, *after.shapes[1].mask));
    QVERIFY(splitShapes(annotation, allOf(annotation), {30, 0}, {30, 30}).edit.isEmpty()); // ends inside
    QVERIFY(splitShapes(annotation, allOf(annotation), {70, 0}, {70, 60}).edit.isEmpty()); // beside
    QVERIFY(splitShapes(annotation, allOf(annotation), {30, 1}, {30, 4}).edit.isEmpty());  // too short to reach it
}

void TestShapeOps::convertsWithWordsForTheLoss()
{
    Annotation annotation;
    Shape ring = disc(30, 30, 20);
    Mask mask =
        united(subtracted(*ring.mask, *disc(30, 30, 8).mask), {{70, 5, 1, 1}, cv::Mat1b(1, 1, std::uint8_t{1})});
    mask = united(mask, {{60, 40, 6, 6}, cv::Mat1b(6, 6, std::uint8_t{1})});
    const int holePixels = cv::countNonZero(disc(30, 30, 8).mask->bits);
    ring.mask = std::make_shared<const Mask>(mask);
    annotation.shapes = {ring};
    const auto result = shapesToPolygons(annotation, allOf(annotation), kImage);
    const Annotation after = applied(result.edit, annotation);
    QCOMPARE(after.shapes.size(), std::size_t{2}); // the ring and the square; the single pixel is lost
    QCOMPARE(result.lostHoles, 1);
    QCOMPARE(result.lostRegions, 1);
    const double pixels = cv::countNonZero(mask.bits);
    QCOMPARE(result.iou, (pixels - 1) / (pixels + holePixels));
    QVERIFY(after.shapes[0].groupId && after.shapes[0].groupId == after.shapes[1].groupId);
    annotation.shapes = {disc(30, 30, 20)};
    const auto exact = shapesToPolygons(annotation, allOf(annotation), kImage);
    QCOMPARE(exact.iou, 1.0);
    QVERIFY(samePixels(pixelsOf(applied(exact.edit, annotation).shapes), pixelsOf(annotation.shapes)));
    QVERIFY(shapesToPolygons(annotation, allOf(annotation), kImage, 2).iou < 1.0);
}

void TestShapeOps::masksAreExactlyThePixels()
{
    const std::vector<Shape> shapes{square(5, 5, 20),
                                    {.label = "a", .type = ShapeType::Rectangle, .points = {{30, 30}, {10, 50}}},
                                    {.label = "b", .type = ShapeType::Circle, .points = {{40, 40}, {50, 40}}},
                                    {.label = "c", .type = ShapeType::Line, .points = {{3, 3}, {70, 50}}},
                                    {.label = "d", .type = ShapeType::PointShape, .points = {{60, 20}}},
                                    square(70, 50, 30)};
    for (const Shape &shape : shapes) {
        Annotation annotation;
        annotation.shapes = {shape};
        const Annotation after = applied(shapesToMasks(annotation, {shape.id}, kImage).edit, annotation);
        QCOMPARE(after.shapes[0].type, ShapeType::Mask);
        QCOMPARE(after.shapes[0].id, shape.id);
        QVERIFY(samePixels(pixelsOf(after.shapes), pixelsOf({shape})));
    }
}

void TestShapeOps::simplifies()
{
    std::vector<Point> points;
    for (int i = 0; i < 360; ++i) {
        const double angle = i * std::numbers::pi / 180;
        points.push_back({40 + 25 * std::cos(angle), 30 + 25 * std::sin(angle)});
    }
    Annotation annotation;
    annotation.shapes = {polygon(points)};
    std::size_t last = points.size();
    double lastIou = 1;
    for (const double tolerance : {0.25, 0.5, 1.0, 2.0, 4.0}) {
        const auto result = simplifyShapes(annotation, allOf(annotation), tolerance, kImage);
        const Shape after = applied(result.edit, annotation).shapes[0];
        QCOMPARE(result.pointsBefore, points.size());
        QCOMPARE(result.pointsAfter, after.points.size());
        QVERIFY(after.points.size() < points.size() && after.points.size() <= last);
        QVERIFY(result.iou <= lastIou);
        QCOMPARE(result.iou, maskIou(shapeMask(annotation.shapes[0], kImage), shapeMask(after, kImage)));
        for (const Point &p : after.points) // kept vertices are the old ones, to the last bit
            QVERIFY(std::find(points.begin(), points.end(), p) != points.end());
        last = after.points.size();
        lastIou = result.iou;
    }
    QVERIFY(lastIou > 0.7);
    QVERIFY(simplifyShapes(annotation, allOf(annotation), 1000, kImage).edit.isEmpty()); // less than a triangle is none
}

void TestShapeOps::smooths()
{
    Annotation annotation;
    annotation.shapes = {square(10, 10, 30)};
    const auto result = smoothShapes(annotation, allOf(annotation), 3, kImage);
    const Annotation after = applied(result.edit, annotation);
    QVERIFY(after.shapes[0].points.size() > 4);
    QVERIFY(result.iou > 0.8 && result.iou < 1);
    const cv::Mat1b pixels = pixelsOf(after.shapes);
    QVERIFY(!pixels(10, 10) && pixels(25, 10) && pixels(25, 25)); // corners are cut, sides and middle stay
    Shape noisy = disc(30, 30, 20);
    noisy.mask =
        std::make_shared<const Mask>(united(subtracted(*noisy.mask, {{30, 30, 1, 1}, cv::Mat1b(1, 1, std::uint8_t{1})}),
                                            {{70, 5, 1, 1}, cv::Mat1b(1, 1, std::uint8_t{1})}));
    annotation.shapes = {noisy};
    const cv::Mat1b smooth =
        pixelsOf(applied(smoothShapes(annotation, allOf(annotation), 2, kImage).edit, annotation).shapes);
    QVERIFY(smooth(30, 30) && !smooth(5, 70)); // the hole and the speck are gone
    QVERIFY(smoothShapes(annotation, allOf(annotation), 0, kImage).edit.isEmpty());
}

void TestShapeOps::reorders_data()
{
    QTest::addColumn<QString>("chosen");
    QTest::addColumn<int>("order");
    QTest::addColumn<QString>("expected");
    QTest::newRow("to front") << "bd" << int(Order::ToFront) << "acebd";
    QTest::newRow("to back") << "bd" << int(Order::ToBack) << "bdace";
    QTest::newRow("forward") << "bd" << int(Order::Forward) << "acbed";
    QTest::newRow("forward at the end") << "de" << int(Order::Forward) << "abcde";
    QTest::newRow("backward") << "bd" << int(Order::Backward) << "badce";
    QTest::newRow("backward at the end") << "ab" << int(Order::Backward) << "abcde";
    QTest::newRow("neighbours") << "bc" << int(Order::Forward) << "adbce";
}

void TestShapeOps::reorders()
{
    QFETCH(QString, chosen);
    QFETCH(int, order);
    QFETCH(QString, expected);
    Annotation annotation;
    std::set<ShapeId> ids;
    for (const char letter : {'a', 'b', 'c', 'd', 'e'}) {
        annotation.shapes.push_back(square(1, 1, 5, std::string(1, letter)));
        if (chosen.contains(QLatin1Char(letter)))
            ids.insert(annotation.shapes.back().id);
    }
    const Edit edit = reorderShapes(annotation, ids, static_cast<Order>(order));
    QCOMPARE(QString::fromStdString(labelsOf(applied(edit, annotation))), expected);
    QCOMPARE(edit.isEmpty(), expected == QStringLiteral("abcde"));
}

void TestShapeOps::movesUnder_data()
{
    QTest::addColumn<QString>("chosen");
    QTest::addColumn<QString>("upper");
    QTest::addColumn<QString>("expected");
    QTest::newRow("on top") << "bd"
                            << ""
                            << "acebd";
    QTest::newRow("up") << "a"
                        << "d"
                        << "bcade";
    QTest::newRow("down") << "e"
                          << "b"
                          << "aebcd";
    QTest::newRow("from both sides") << "ae"
                                     << "c"
                                     << "baecd";
    QTest::newRow("where it is") << "b"
                                 << "c"
                                 << "abcde";
    QTest::newRow("under itself") << "b"
                                  << "b"
                                  << "abcde";
    QTest::newRow("to the bottom") << "ce"
                                   << "a"
                                   << "ceabd";
}

void TestShapeOps::movesUnder()
{
    QFETCH(QString, chosen);
    QFETCH(QString, upper);
    QFETCH(QString, expected);
    Annotation annotation;
    std::set<ShapeId> ids;
    std::optional<ShapeId> above;
    for (const char letter : {'a', 'b', 'c', 'd', 'e'}) {
        annotation.shapes.push_back(square(1, 1, 5, std::string(1, letter)));
        if (chosen.contains(QLatin1Char(letter)))
            ids.insert(annotation.shapes.back().id);
        if (upper.contains(QLatin1Char(letter)))
            above = annotation.shapes.back().id;
    }
    const Edit edit = moveShapesUnder(annotation, ids, above);
    QCOMPARE(QString::fromStdString(labelsOf(applied(edit, annotation))), expected);
    QCOMPARE(edit.isEmpty(), expected == QStringLiteral("abcde"));
}

void TestShapeOps::groups()
{
    Annotation annotation;
    annotation.shapes = {square(1, 1, 5), square(10, 1, 5), square(20, 1, 5)};
    annotation.shapes[2].groupId = 7;
    const Annotation grouped =
        applied(groupShapes(annotation, {annotation.shapes[0].id, annotation.shapes[1].id}), annotation);
    QVERIFY(grouped.shapes[0].groupId == 8 && grouped.shapes[1].groupId == 8 && grouped.shapes[2].groupId == 7);
    const Annotation ungrouped = applied(ungroupShapes(grouped, allOf(grouped)), grouped);
    for (const Shape &shape : ungrouped.shapes)
        QVERIFY(!shape.groupId);
    QVERIFY(ungroupShapes(ungrouped, allOf(ungrouped)).isEmpty());
}

QTEST_GUILESS_MAIN(TestShapeOps)
#include "test_shape_ops.moc"
