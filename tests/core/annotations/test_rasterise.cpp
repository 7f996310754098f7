// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/overlaps.h"
#include "core/annotations/rasterise.h"
#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/base/text.h"

#include "tests/support/support.h"

#include <QElapsedTimer>
#include <QObject>

#include <filesystem>

using namespace masque;
namespace fs = std::filesystem;

namespace {

QByteArray picture(const cv::Mat1b &map)
{
    QByteArray out;
    for (int y = 0; y < map.rows; ++y) {
        for (int x = 0; x < map.cols; ++x)
            out += map(y, x) ? '#' : '.';
        out += '\n';
    }
    return out;
}

bool same(const cv::Mat1b &a, const cv::Mat1b &b)
{
    return a.size() == b.size() && (a.empty() || cv::norm(a, b, cv::NORM_INF) == 0);
}

Shape shapeOf(ShapeType type, std::vector<Point> points)
{
    return {.label = "a", .type = type, .points = std::move(points)};
}

Shape randomShape(Random &random, double reach)
{
    static const std::pair<ShapeType, int> kinds[] = {
        {ShapeType::Polygon, 3},   {ShapeType::Polygon, 7},    {ShapeType::Rectangle, 2},
        {ShapeType::Rectangle, 4}, {ShapeType::Circle, 2},     {ShapeType::Line, 2},
        {ShapeType::LineStrip, 4}, {ShapeType::PointShape, 1}, {ShapeType::OrientedRectangle, 4}};
    const auto [type, count] = kinds[random.below(static_cast<int>(std::size(kinds)))];
    std::vector<Point> points;
    for (int i = 0; i < count; ++i)
        points.push_back({random.uniform(-reach, 60 + reach), random.uniform(-reach, 50 + reach)});
    return shapeOf(type, points);
}

/// What the outlines say, painted: outer minus holes, region by region.
cv::Mat1b painted(const std::vector<TracedRegion> &regions, cv::Size size)
{
    cv::Mat1b all = blankBits(size);
    for (const auto &region : regions) {
        cv::Mat1b one = blankBits(size);
        paintShape(one, {}, shapeOf(ShapeType::Polygon, region.outer), 1);
        for (const auto &hole : region.holes)
            paintShape(one, {}, shapeOf(ShapeType::Polygon, hole), 0);
        all |= one;
    }
    return all;
}

cv::Mat1b randomMask(Random &random)
{
    cv::Mat1b mask(1 + random.below(40), 1 + random.below(40), std::uint8_t{0});
    const int kind = random.below(3);
    for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x < mask.cols; ++x)
            mask(y, x) = random.chance(kind == 0 ? 0.5 : kind == 1 ? 0.8 : 0.1);
    if (kind == 2)
        for (int i = 0; i < 4; ++i)
            paintShape(mask, {}, randomShape(random, 5), static_cast<std::uint8_t>(random.below(2)));
    return mask;
}

} // namespace

class RasteriseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Shapes that hide nothing: each class's plane is what its shapes cover, cleared by background and ignore alone,
    /// and the class drawn last is what rasterise gives.
    void overlapsKeepWhatIsHidden()
    {
        const LabelSet labels({std::string(kBackgroundName), "a", "b", "c"});
        const Size size{60, 50};
        Random random(12);
        for (int i = 0; i < 200; ++i) {
            Annotation annotation;
            cv::Mat1b planes[3];
            for (auto &plane : planes)
                plane = blankBits({size.width, size.height});
            cv::Mat1b ignored = blankBits({size.width, size.height});
            for (int k = 0; k < 8; ++k) {
                auto shape = randomShape(random, 10);
                const int kind = random.below(8);
                shape.label = kind < 6 ? labels[1 + kind % 3].name : kind == 6 ? kBackgroundName : kIgnoreName;
                cv::Mat1b covered = blankBits({size.width, size.height});
                paintShape(covered, {}, shape, 255);
                if (kind >= 6)
                    for (auto &plane : planes)
                        plane.setTo(0, covered);
                else
                    planes[kind % 3].setTo(255, covered);
                ignored.setTo(kind == 7 ? 255 : 0, covered);
                annotation.shapes.push_back(shape);
            }
            const auto map = rasteriseOverlaps(annotation, labels, size);
            MASQUE_VERIFY(map);
            for (int id = 1; id <= 3; ++id)
                QVERIFY(same(map->plane(id), planes[id - 1]));
            QVERIFY(same(map->top(), rasterise(annotation, labels, size)));
            QVERIFY(same(cv::Mat1b(map->combination == kIgnoreId), ignored));
        }
    }

    void tooManyCombinationsAreAnError()
    {
        std::vector<std::string> names = {std::string(kBackgroundName)};
        Annotation annotation;
        for (int k = 0; k < 9; ++k) { // bit k of the column: 512 combinations
            names.push_back("class " + std::to_string(k));
            for (int x = 0; x < 512; ++x)
                if (x >> k & 1)
                    annotation.shapes.push_back({.label = names.back(),
                                                 .type = ShapeType::Rectangle,
                                                 .points = {{double(x), 0}, {double(x), 0}}});
        }
        const auto map = rasteriseOverlaps(annotation, LabelSet(names), {512, 1});
        QVERIFY(!map);
        QVERIFY(rasteriseOverlaps(annotation, LabelSet(names), {255, 1}));
    }

    void shapesArePixels_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<QList<double>>("numbers");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *name, ShapeType type, const QList<double> &numbers, const char *expected) {
            QTest::newRow(name) << static_cast<int>(type) << numbers << QByteArray(expected);
        };
        row("polygon, outline included", ShapeType::Polygon, {1, 1, 5, 1, 5, 3, 1, 3},
            "........\n.#####..\n.#####..\n.#####..\n........\n........\n");
        row("triangle", ShapeType::Polygon, {0, 0, 6, 0, 0, 5},
            "#######.\n######..\n#####...\n###.....\n##......\n#.......\n");
        row("fractions are cut", ShapeType::Polygon, {1.9, 1.9, 3.9, 1.2, 3.1, 3.99, 1, 3},
            "........\n.###....\n.###....\n.###....\n........\n........\n");
        row("bow tie by the even-odd rule", ShapeType::Polygon, {0, 0, 6, 0, 0, 4, 6, 4},
            "#######.\n..###...\n...#....\n..###...\n#######.\n........\n");
        row("two points are a line", ShapeType::Polygon, {1, 1, 5, 5},
            "........\n.#......\n..#.....\n...#....\n....#...\n.....#..\n");
        row("partly outside", ShapeType::Polygon, {-5, -5, 2, -5, 2, 2, -5, 2},
            "###.....\n###.....\n###.....\n........\n........\n........\n");
        row("outside", ShapeType::Polygon, {10, 10, 20, 10, 20, 20},
            "........\n........\n........\n........\n........\n........\n");
        row("around everything", ShapeType::Polygon, {-1e12, -1e12, 1e12, -1e12, 1e12, 1e12, -1e12, 1e12},
            "########\n########\n########\n########\n########\n########\n");
        row("rectangle, any corners", ShapeType::Rectangle, {4.5, 3.5, 2.2, 1.1},
            "........\n..###...\n..###...\n..###...\n........\n........\n");
        row("rectangle of four", ShapeType::Rectangle, {2, 1, 4, 1, 4, 3, 2, 3},
            "........\n..###...\n..###...\n..###...\n........\n........\n");
        row("circle", ShapeType::Circle, {3, 3, 3, 5}, "........\n..###...\n.#####..\n.#####..\n.#####..\n..###...\n");
        row("point, radius five", ShapeType::PointShape, {0, 0},
            "######..\n######..\n######..\n#####...\n####....\n###.....\n");
        row("line, ten wide", ShapeType::Line, {-20, 0, 20, 0},
            "########\n########\n########\n########\n########\n########\n");
        row("line without length", ShapeType::Line, {2, 2, 2, 2},
            "........\n........\n..#.....\n........\n........\n........\n");
        row("other types are not drawn", ShapeType::Other, {1, 1, 5, 1, 5, 3},
            "........\n........\n........\n........\n........\n........\n");
    }
    void shapesArePixels()
    {
        QFETCH(int, type);
        QFETCH(QList<double>, numbers);
        QFETCH(QByteArray, expected);
        std::vector<Point> points;
        for (int i = 0; i + 1 < numbers.size(); i += 2)
            points.push_back({numbers[i], numbers[i + 1]});
        cv::Mat1b map(6, 8, std::uint8_t{0});
        paintShape(map, {}, shapeOf(static_cast<ShapeType>(type), points), 9);
        QCOMPARE(picture(map), expected);
    }

    void laterShapesLieOnTop()
    {
        Annotation a;
        a.shapes = {shapeOf(ShapeType::Rectangle, {{0, 0}, {5, 5}}), shapeOf(ShapeType::Rectangle, {{2, 2}, {3, 3}}),
                    shapeOf(ShapeType::Rectangle, {{4, 4}, {5, 5}}), shapeOf(ShapeType::Rectangle, {{0, 0}, {0, 0}})};
        a.shapes[1].label = "b";
        a.shapes[2].label = "__ignore__";
        a.shapes[3].label = "unknown";
        const auto map = rasterise(a, LabelSet({"_background_", "a", "b"}), Size{7, 7});
        QCOMPARE(int(map(0, 0)), 1);
        QCOMPARE(int(map(2, 3)), 2);
        QCOMPARE(int(map(5, 4)), 255);
        QCOMPARE(int(map(6, 6)), 0);
        QVERIFY(rasterise(a, LabelSet({"a"}), Size{1 << 20, 1 << 20}).empty());
        QVERIFY(rasterise(a, LabelSet({"a"}), Size{0, 4}).empty());
    }

    void withoutBackgroundTheUnlabelledIsIgnored()
    {
        Shape shape;
        shape.type = ShapeType::Mask;
        shape.label = "sky";
        shape.mask = std::make_shared<const Mask>(Mask{{1, 1, 2, 2}, cv::Mat1b(2, 2, std::uint8_t{1})});
        Annotation annotation;
        annotation.shapes.push_back(shape);
        const auto all = labelMapOf(annotation, LabelSet({"sky", "road"}), Size{4, 4});
        QCOMPARE(int(all(1, 1)), 0);
        QCOMPARE(int(all(0, 0)), int(kIgnoreId));
        const auto some = labelMapOf(annotation, LabelSet({"_background_", "sky"}), Size{4, 4});
        QCOMPARE(int(some(1, 1)), 1);
        QCOMPARE(int(some(0, 0)), 0);
    }

    void masksAreClipped()
    {
        Shape shape = shapeOf(ShapeType::Mask, {});
        shape.mask = std::make_shared<const Mask>(Mask{{-2, -1, 4, 3}, cv::Mat1b(3, 4, std::uint8_t{1})});
        cv::Mat1b map(4, 5, std::uint8_t{0});
        QVERIFY(paintShape(map, {}, shape, 3) == (Rect{0, 0, 2, 2}));
        QCOMPARE(picture(map), QByteArray("##...\n##...\n.....\n.....\n"));
        QVERIFY(shapeMask(shape, {5, 4}).box == (Rect{0, 0, 2, 2}));
        QVERIFY(shapeMask(shape, {0, 0}).box.isEmpty());
    }

    void aPartComesOutAsTheWhole()
    {
        Random random(5);
        const LabelSet labels({"_background_", "a"});
        for (int round = 0; round < 300; ++round) {
            Annotation a;
            a.shapes = {randomShape(random, round % 3 == 0 ? 5000 : 20)};
            const auto whole = rasterise(a, labels, Size{60, 50});
            const Rect area{random.below(40), random.below(40), 1 + random.below(20), 1 + random.below(10)};
            QVERIFY(same(rasterise(a, labels, area), whole(toCv(area)).clone()));
            const Mask own = shapeMask(a.shapes[0], {60, 50});
            cv::Mat1b map = blankBits(whole.size());
            if (!own.box.isEmpty())
                own.bits.copyTo(map(toCv(own.box)));
            QVERIFY(same(map, whole)); // bounds() leaves nothing out
        }
    }

    void anExactTracePaintsTheMaskAgain()
    {
        Random random(11);
        for (int round = 0; round < 400; ++round) {
            const auto mask = randomMask(random);
            const auto regions = traceMask(mask);
            QVERIFY2(same(painted(regions, mask.size()), mask), picture(mask).constData());
            for (const auto &region : regions)
                QVERIFY(region.outer.size() >= 3);
        }
        QVERIFY(traceMask({}).empty());
        QVERIFY(traceMask(cv::Mat1b(4, 4, std::uint8_t{0})).empty());
    }

    void tracesAreMovedSimplifiedAndFiltered()
    {
        cv::Mat1b mask(100, 100, std::uint8_t{0});
        paintShape(mask, {}, shapeOf(ShapeType::Circle, {{50, 50}, {50, 90}}), 255);
        paintShape(mask, {}, shapeOf(ShapeType::Rectangle, {{45, 45}, {55, 55}}), 0);
        paintShape(mask, {}, shapeOf(ShapeType::Rectangle, {{0, 0}, {2, 2}}), 1);
        const auto exact = traceMask(mask, {1000, 500}, 0, 10);
        QCOMPARE(exact.size(), std::size_t{1});
        QCOMPARE(exact[0].holes.size(), std::size_t{1});
        QVERIFY(exact[0].outer[0].x > 1000 && exact[0].outer[0].y > 500);
        const auto simple = traceMask(mask, {}, 1.5, 10);
        QVERIFY(simple[0].outer.size() < exact[0].outer.size() / 2);
        const auto again = painted(simple, mask.size());
        QVERIFY(cv::countNonZero((again != 0) != (mask != 0)) < 0.06 * 5000);
        QCOMPARE(traceMask(mask).size(), std::size_t{2});
    }

    void aLabelMapBecomesShapesAndBack()
    {
        Random random(3);
        const LabelSet labels({"_background_", "a", "b", "c"});
        for (int round = 0; round < 100; ++round) {
            cv::Mat1b ids(30, 40, std::uint8_t{0});
            for (int i = 0; i < 6; ++i)
                paintShape(ids, {}, randomShape(random, 5), static_cast<std::uint8_t>(random.below(4)));
            for (const auto style : {ShapeStyle::Masks, ShapeStyle::Polygons}) {
                Annotation a;
                a.shapes = shapesFromLabelMap(ids, labels, style, 0, 0);
                QVERIFY(same(rasterise(a, labels, Size{40, 30}), ids));
            }
            QVERIFY(shapesFromLabelMap(ids, labels, ShapeStyle::Masks).size() <= 3);
        }
    }

    void agreesWithLabelMesOwnExport_data()
    {
        QTest::addColumn<QByteArray>("set");
        QTest::addColumn<QByteArray>("folder");
        QTest::newRow("semantic") << QByteArray("semantic_segmentation") << QByteArray("SegmentationClass");
        QTest::newRow("instance") << QByteArray("instance_segmentation") << QByteArray("SegmentationClass");
        QTest::newRow("video") << QByteArray("video_annotation") << QByteArray("SegmentationClassPNG");
    }
    void agreesWithLabelMesOwnExport()
    {
        QFETCH(QByteArray, set);
        QFETCH(QByteArray, folder);
        const auto root = sharedData("labelme/examples/" + set.toStdString());
        if (root.empty())
            QSKIP("no real data here");
        const auto names = splitText(trimmed(*readFile(root + "/data_dataset_voc/class_names.txt")), '\n');
        const LabelSet labels(names);
        int files = 0;
        std::int64_t pixels = 0, equal = 0;
        for (const auto &entry : fs::directory_iterator(root + "/data_annotated")) {
            if (entry.path().extension() != ".json")
                continue;
            const auto annotation = readLabelMe(entry.path().string());
            MASQUE_VERIFY(annotation);
            const auto truth = readIdImage(root + "/data_dataset_voc/" + folder.toStdString() + "/"
                                           + entry.path().stem().string() + ".png");
            MASQUE_VERIFY(truth);
            const auto map = rasterise(*annotation, labels, Size{truth->ids.cols, truth->ids.rows});
            pixels += static_cast<std::int64_t>(map.total());
            equal += cv::countNonZero(map == truth->ids);
            ++files;
        }
        const double agreement = 100.0 * static_cast<double>(equal) / static_cast<double>(pixels);
        qInfo("%d files, %.4f %% of the pixels agree", files, agreement);
        QVERIFY(files >= 3 && agreement > 99.9);
    }

    void aSmallPartOfAHugeShapeIsFast()
    {
        Random random(1);
        Annotation a;
        for (int i = 0; i < 200; ++i) {
            Shape shape = shapeOf(ShapeType::Polygon, {});
            for (int k = 0; k < 60; ++k)
                shape.points.push_back({random.uniform(0, 12000), random.uniform(0, 8000)});
            a.shapes.push_back(std::move(shape));
        }
        const LabelSet labels({"_background_", "a"});
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < 20; ++i)
            (void)rasterise(a, labels, Rect{500 * i, 300 * i, 100, 100});
        const double each = static_cast<double>(timer.nsecsElapsed()) / 20e6;
        qInfo("100 x 100 pixels of 200 polygons over 12000 x 8000: %.2f ms", each);
        QVERIFY(each < 300); // painting all of them whole takes seconds
    }
};

QTEST_GUILESS_MAIN(RasteriseTest)
#include "test_rasterise.moc"
