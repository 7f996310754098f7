// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/tools/BrushTool.h"
#include "core/annotations/tools/FillTool.h"
#include "core/annotations/tools/LassoTool.h"
#include "core/annotations/tools/OrientedRectangleTool.h"
#include "core/annotations/tools/PolygonTool.h"
#include "core/annotations/tools/RefineTool.h"
#include "core/annotations/tools/TwoPointTool.h"
#include "core/annotations/tools/regions.h"
#include "core/annotations/tools/tool_geometry.h"

#include "tests/support/ToolBench.h"
#include "tests/support/support.h"

#include <QObject>

#include <cmath>

using namespace masque;

namespace {

constexpr Size kImage{100, 80};
using Points = std::vector<Point>;
using Gesture = PaintFilter::Gesture;

template <typename T, typename... Args>
ToolBench bench(Args... args)
{
    return {std::make_unique<T>(args...), kImage};
}

cv::Mat1b mapOf(const Annotation &annotation)
{
    return rasterise(annotation, LabelSet({"_background_", "car", "tree", "sky"}), kImage);
}

/// A map made pixel by pixel from where pixels' centres lie.
cv::Mat1b mapWhere(const std::function<int(Point)> &value)
{
    cv::Mat1b map(kImage.height, kImage.width);
    for (int y = 0; y < map.rows; ++y)
        for (int x = 0; x < map.cols; ++x)
            map(y, x) = static_cast<std::uint8_t>(value({x + 0.5, y + 0.5}));
    return map;
}

bool same(const cv::Mat1b &a, const cv::Mat1b &b)
{
    return cv::norm(a, b, cv::NORM_INF) == 0;
}

bool near(Point a, Point b)
{
    return distance(a, b) < 1e-9;
}

} // namespace

class DrawingToolsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoPointShapes_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("type");
        QTest::newRow("circle") << int(TwoPointTool::Kind::Circle) << int(ShapeType::Circle);
        QTest::newRow("line") << int(TwoPointTool::Kind::Line) << int(ShapeType::Line);
        QTest::newRow("rectangle") << int(TwoPointTool::Kind::Rectangle) << int(ShapeType::Rectangle);
    }
    void twoPointShapes()
    {
        QFETCH(int, kind);
        QFETCH(int, type);
        auto canvas = bench<TwoPointTool>(TwoPointTool::Kind(kind));
        canvas.drag({{30, 30}, {40, 35}, {42, 39}});
        canvas.click({10, 10}); // and by two clicks
        canvas.move({20, 20}, {}, false);
        QVERIFY(canvas.tool->isBusy() && canvas.preview().outline.size() >= 2);
        canvas.click({14, 13});
        QCOMPARE(canvas.annotation.shapes.size(), std::size_t{2});
        QVERIFY(canvas.annotation.shapes[0].points == (Points{{30, 30}, {42, 39}}));
        QVERIFY(canvas.annotation.shapes[1].points == (Points{{10, 10}, {14, 13}}));
        for (const Shape &shape : canvas.annotation.shapes)
            QCOMPARE(int(shape.type), type);
        canvas.click({10, 10});
        QVERIFY(canvas.cancel() && !canvas.tool->isBusy() && canvas.edits.size() == 2);
    }

    void shiftKeepsTo45Degrees()
    {
        QVERIFY(near(on45Degrees({10, 10}, {20, 11}), {20, 10}));
        QVERIFY(near(on45Degrees({10, 10}, {9, 0}), {10, 0}));
        QVERIFY(near(on45Degrees({10, 10}, {18, 20}), {19, 19}));
        auto line = bench<TwoPointTool>(TwoPointTool::Kind::Line);
        line.drag({{10, 10}, {40, 12}}, {.shift = true});
        QVERIFY(near(line.annotation.shapes[0].points[1], {40, 10}));
        auto polygon = bench<PolygonTool>(PolygonTool::Kind::Polygon);
        polygon.click({10, 10});
        polygon.click({50, 12}, {.shift = true});
        polygon.click({52, 40}, {.shift = true});
        QVERIFY(polygon.finish());
        const Points &points = polygon.annotation.shapes[0].points;
        QVERIFY(near(points[1], {50, 10}) && near(points[2], {50, 40}));
    }

    void lineStripsAndPoints()
    {
        auto strip = bench<PolygonTool>(PolygonTool::Kind::LineStrip);
        strip.click({10, 10});
        QVERIFY(strip.finish() && strip.edits.empty()); // one point is no line
        strip.click({20, 10});
        strip.click({20, 20});
        strip.click({10, 10}); // does not close
        QVERIFY(!strip.preview().closed);
        strip.click({30, 40}, {.control = true});
        QCOMPARE(strip.annotation.shapes.size(), std::size_t{1});
        QVERIFY(strip.annotation.shapes[0].type == ShapeType::LineStrip);
        QVERIFY(strip.annotation.shapes[0].points == (Points{{10, 10}, {20, 10}, {20, 20}, {10, 10}, {30, 40}}));
        auto point = bench<PolygonTool>(PolygonTool::Kind::Point);
        point.click({12, 34});
        point.click({200, 34}); // into the image
        QVERIFY(point.annotation.shapes[0].type == ShapeType::PointShape);
        QVERIFY(point.annotation.shapes[0].points == (Points{{12, 34}}));
        QVERIFY(point.annotation.shapes[1].points == (Points{{100, 34}}));
    }

    void orientedRectangles_data()
    {
        QTest::addColumn<bool>("dragged");
        QTest::newRow("three clicks") << false;
        QTest::newRow("drag and click") << true;
    }
    void orientedRectangles()
    {
        QFETCH(bool, dragged);
        auto canvas = bench<OrientedRectangleTool>();
        if (dragged) {
            canvas.drag({{20, 20}, {50, 60}});
        } else {
            canvas.click({20, 20});
            canvas.click({50, 60});
        }
        QVERIFY(canvas.edits.empty());
        canvas.move({28, 14}, {}, false); // 10 away from the side
        const Points expected{{20, 20}, {50, 60}, {58, 54}, {28, 14}};
        const auto preview = canvas.preview().outline;
        QCOMPARE(preview.size(), expected.size());
        canvas.click({28, 14});
        const Shape &shape = canvas.annotation.shapes.at(0);
        QVERIFY(shape.type == ShapeType::OrientedRectangle && shape.points == preview);
        for (std::size_t i = 0; i < 4; ++i)
            QVERIFY(near(shape.points[i], expected[i]));
        QVERIFY(!canvas.tool->isBusy());
        canvas.click({10, 10});
        canvas.click({30, 10});
        QVERIFY(canvas.back() && canvas.tool->isBusy()); // the side, not its first end
        QVERIFY(canvas.back() && !canvas.tool->isBusy());
    }

    void pressureScalesTheBrush()
    {
        auto canvas = bench<BrushTool>(Gesture::Paint);
        canvas.radiusPx = 10;
        canvas.press({20, 40}, {.pressure = 0.2});
        canvas.move({80, 40}, {.pressure = 1});
        canvas.release({80, 40}, {.pressure = 0}); // lifted
        const auto expected = mapWhere([](Point p) {
            // discs of a radius that grows evenly on the way, by a tenth of a pixel at a time
            for (int i = 0; i <= 6000; ++i) {
                const double t = i / 6000.0;
                if (distance(p, {20 + 60 * t, 40}) <= 2 + 8 * t)
                    return 1;
            }
            return 0;
        });
        auto painted = mapOf(canvas.annotation);
        painted(cv::Rect(80, 39, 1, 2)).copyTo(expected(cv::Rect(80, 39, 1, 2)));
        cv::Mat1b difference;
        cv::absdiff(painted, expected, difference);
        QVERIFY(cv::countNonZero(painted) > 500);
        QVERIFY2(cv::countNonZero(difference) == 0, qPrintable(QString::number(cv::countNonZero(difference))));
    }

    void shiftClickDrawsFromTheLastEnd()
    {
        auto canvas = bench<BrushTool>(Gesture::Paint);
        canvas.radiusPx = 3;
        canvas.click({20, 20}, {.shift = true}); // nothing before: a dab
        canvas.move({70, 50}, {.shift = true}, false);
        QVERIFY(canvas.preview().outline == (Points{{20, 20}, {70, 50}}));
        canvas.click({70, 50}, {.shift = true});
        QCOMPARE(canvas.edits.size(), std::size_t{2});
        QVERIFY(same(mapOf(canvas.annotation), mapWhere([](Point p) {
                         return distanceToSegment(p, {20, 20}, {70, 50}) <= 3 ? 1 : 0;
                     })));
        canvas.tool->leaveImage();
        canvas.annotation = {};
        canvas.click({20, 20}, {.shift = true});
        QVERIFY(same(mapOf(canvas.annotation), mapWhere([](Point p) { return distance(p, {20, 20}) <= 3 ? 1 : 0; })));
    }

    void theStrokeShowsWhatTheRulesLeave()
    {
        auto canvas = bench<BrushTool>(Gesture::Paint);
        canvas.annotation.shapes = {boxShape("tree", {0, 0, 50, 80})};
        canvas.drawOver = DrawOver::Unlabelled;
        canvas.radiusPx = 10;
        canvas.press({45, 40});
        canvas.move({45, 50});
        const auto preview = canvas.preview().stroke;
        for (int y = 0; y < preview->box.height; ++y)
            for (int x = 0; x < preview->box.width; ++x)
                QVERIFY(!(preview->bits(y, x) && preview->box.x + x < 50));
        QVERIFY(cv::countNonZero(preview->bits) > 0);
        const int shown = cv::countNonZero(preview->bits);
        canvas.release({45, 50});
        QCOMPARE(cv::countNonZero(mapOf(canvas.annotation) == 1), shown);
    }

    void lassosPaintAndTakeAway()
    {
        const Points around{{10, 10}, {60, 10}, {60, 50}, {10, 50}};
        const Shape area{.label = "car", .points = around};
        auto lasso = bench<LassoTool>(Gesture::Paint);
        lasso.drag(around);
        QVERIFY(same(mapOf(lasso.annotation), mapOf({.shapes = {area}})));
        QVERIFY(lasso.annotation.shapes[0].type == ShapeType::Mask);
        lasso.drag({{0, 0}, {30, 0}, {30, 79}, {0, 79}}, {.control = true});
        const auto left = mapOf(lasso.annotation);
        QVERIFY(left(20, 20) == 0 && left(20, 40) == 1);
        auto subtract = bench<LassoTool>(Gesture::Erase);
        subtract.annotation.shapes = {area};
        subtract.drag({{0, 0}, {30, 0}, {30, 79}, {0, 79}});
        QVERIFY(same(mapOf(subtract.annotation), left));
        subtract.drag({{0, 0}, {30, 0}, {30, 79}, {0, 79}}, {.control = true});
        QVERIFY(mapOf(subtract.annotation)(70, 10) == 1);
        subtract.click({50, 50}); // no area
        QCOMPARE(subtract.edits.size(), std::size_t{2});
    }

    void fillTakesTheConnectedRegion()
    {
        // A frame of trees with a gap-free hole; the outside and the hole are two regions.
        const auto frame = [](Point p) { return p.x > 20 && p.x < 60 && p.y > 20 && p.y < 60; };
        const auto hole = [](Point p) { return p.x > 30 && p.x < 50 && p.y > 30 && p.y < 50; };
        auto canvas = bench<FillTool>();
        canvas.annotation.shapes = {boxShape("tree", {20, 20, 40, 40})};
        apply(eraseEdit(canvas.annotation, Mask{{30, 30, 20, 20}, cv::Mat1b(20, 20, std::uint8_t{1})}, kImage),
              canvas.annotation);
        canvas.click({40, 40});
        QVERIFY(same(mapOf(canvas.annotation), mapWhere([&](Point p) { return hole(p) ? 1 : frame(p) ? 2 : 0; })));
        canvas.label = "sky";
        canvas.click({25, 25}); // all of the trees become sky
        QVERIFY(same(mapOf(canvas.annotation), mapWhere([&](Point p) { return hole(p) ? 1 : frame(p) ? 3 : 0; })));
        canvas.click({25, 25}); // is sky already
        QCOMPARE(canvas.edits.size(), std::size_t{2});
        canvas.click({40, 40}, {.control = true});
        QVERIFY(same(mapOf(canvas.annotation), mapWhere([&](Point p) { return hole(p) ? 0 : frame(p) ? 3 : 0; })));
        canvas.click({1, 1});
        QVERIFY(same(mapOf(canvas.annotation), mapWhere([&](Point p) { return hole(p) ? 0 : 3; })));
    }

    void aRegionIsFoundHoweverFarItReaches()
    {
        const Size size{3000, 2000};
        cv::Mat1b wanted(size.height, size.width, std::uint8_t{0});
        cv::Mat1b snake = wanted.clone();
        for (int y = 0; y < size.height; y += 40) { // back and forth over the image, touching all of it
            snake.row(y).setTo(255);
            if (y + 40 < size.height)
                snake(cv::Rect(y / 40 % 2 ? 0 : size.width - 1, y, 1, 40)).setTo(255);
        }
        const auto region = connectedRegion(size, {5, 0}, [&](const Rect &area) { return snake(toCv(area)).clone(); });
        region.bits.copyTo(wanted(toCv(region.box)));
        QCOMPARE(cv::countNonZero(wanted), cv::countNonZero(snake));
        QVERIFY(
            connectedRegion(size, {5, 1}, [&](const Rect &area) { return snake(toCv(area)).clone(); }).box.isEmpty());
        QVERIFY(connectedRegion(size, {-5, 1}, [](const Rect &) { return cv::Mat1b(); }).box.isEmpty());
    }

    void refining_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("isVector");
        for (const bool isVector : {false, true}) {
            QTest::addRow("dilate %s", isVector ? "a polygon" : "a mask") << int(RefineTool::Kind::Dilate) << isVector;
            QTest::addRow("erode %s", isVector ? "a polygon" : "a mask") << int(RefineTool::Kind::Erode) << isVector;
        }
    }
    void refining()
    {
        QFETCH(int, kind);
        QFETCH(bool, isVector);
        auto canvas = bench<RefineTool>(RefineTool::Kind(kind));
        canvas.options.set("radius_px", Json(5));
        const Shape area = isVector
                               ? Shape{.label = "car", .type = ShapeType::Rectangle, .points = {{30, 20}, {59, 49}}}
                               : boxShape("car", {30, 20, 30, 30});
        canvas.annotation.shapes = {area};
        const bool grows = RefineTool::Kind(kind) == RefineTool::Kind::Dilate;
        canvas.click({5, 5});
        QVERIFY(canvas.edits.empty()); // nothing there
        canvas.click({40, 30});
        const auto expected = mapWhere([&](Point p) {
            const double dx = std::max({30.5 - p.x, p.x - 59.5, 0.0}), dy = std::max({20.5 - p.y, p.y - 49.5, 0.0});
            if (grows)
                return std::hypot(dx, dy) <= 5 ? 1 : 0;
            return p.x > 35 && p.x < 55 && p.y > 25 && p.y < 45 ? 1 : 0;
        });
        QVERIFY(same(mapOf(canvas.annotation), expected));
        QCOMPARE(canvas.annotation.shapes.size(), std::size_t{1});
        QCOMPARE(canvas.annotation.shapes[0].id, area.id);
        QCOMPARE(canvas.edits.size(), std::size_t{1});
    }

    void refiningWorksOnTheSelection()
    {
        auto canvas = bench<RefineTool>(RefineTool::Kind::Dilate);
        canvas.options.set("radius_px", Json(1));
        canvas.annotation.shapes = {boxShape("car", {10, 10, 3, 3}), boxShape("car", {40, 10, 3, 3}),
                                    boxShape("car", {70, 10, 3, 3})};
        canvas.selection = {canvas.annotation.shapes[0].id, canvas.annotation.shapes[1].id};
        QVERIFY(canvas.finish());
        QCOMPARE(canvas.edits.size(), std::size_t{1}); // one step
        QCOMPARE(cv::countNonZero(mapOf(canvas.annotation)), 2 * 21 + 9);
        canvas.click({11, 11}); // one of the selected: both
        QCOMPARE(cv::countNonZero(mapOf(canvas.annotation)), 2 * 37 + 9);
        canvas.selection.clear();
        QVERIFY(!canvas.finish());
        auto eroding = bench<RefineTool>(RefineTool::Kind::Erode);
        eroding.options.set("radius_px", Json(5));
        eroding.annotation.shapes = {boxShape("car", {10, 10, 3, 3})};
        eroding.click({11, 11});
        QVERIFY(eroding.annotation.shapes.empty()); // nothing is left of it
    }

    void holesAreFilled()
    {
        auto canvas = bench<RefineTool>(RefineTool::Kind::FillHoles);
        canvas.annotation.shapes = {boxShape("car", {10, 10, 40, 40})};
        const auto erase = [&](Rect area) {
            apply(eraseEdit(canvas.annotation, Mask{area, cv::Mat1b(area.height, area.width, std::uint8_t{1})}, kImage),
                  canvas.annotation);
        };
        erase({20, 20, 5, 5});
        erase({40, 30, 12, 3}); // a bay, open to the outside
        canvas.click({12, 12});
        QVERIFY(same(mapOf(canvas.annotation), mapWhere([](Point p) {
                         const bool isBay = p.x > 40 && p.y > 30 && p.y < 33;
                         return p.x > 10 && p.x < 50 && p.y > 10 && p.y < 50 && !isBay ? 1 : 0;
                     })));
        canvas.click({12, 12});
        QCOMPARE(canvas.edits.size(), std::size_t{1}); // no holes any more
    }

    void dilatedShapesKeepApart()
    {
        auto canvas = bench<RefineTool>(RefineTool::Kind::Dilate);
        canvas.options.set("radius_px", Json(5));
        canvas.annotation.shapes = {boxShape("car", {10, 10, 10, 10}), boxShape("car", {22, 10, 10, 10})};
        canvas.click({15, 15});
        QVERIFY(!overlap(*canvas.annotation.shapes[0].mask, *canvas.annotation.shapes[1].mask));
        QCOMPARE(cv::countNonZero(canvas.annotation.shapes[1].mask->bits), 100);
    }
};

QTEST_GUILESS_MAIN(DrawingToolsTest)
#include "test_drawing_tools.moc"
