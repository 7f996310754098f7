// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/PolygonTool.h"
#include "core/annotations/tools/SelectTool.h"
#include "core/annotations/tools/TwoPointTool.h"
#include "core/annotations/tools/shape_handles.h"

#include "tests/support/support.h"

#include <QObject>

using namespace masque;

namespace {

constexpr Size kImage{200, 100};
using Points = std::vector<Point>;

struct Keys {
    bool shift = false, control = false, alt = false, doubleClick = false;
    double zoom = 1; ///< image pixels a screen pixel
};

/// A canvas without a window: sends events, applies edits, keeps the selection.
class Bench {
public:
    explicit Bench(std::unique_ptr<Tool> made) : tool(std::move(made)) {}

    ToolContext context() const
    {
        return {.annotation = annotation,
                .imageSize = kImage,
                .label = label,
                .selection = selection,
                .protectedShapes = protectedShapes};
    }
    bool press(Point p, Keys keys = {}) { return take(tool->press(context(), event(p, keys))); }
    bool move(Point p, Keys keys = {}, bool down = true) { return take(tool->move(context(), event(p, keys), down)); }
    bool release(Point p, Keys keys = {}) { return take(tool->release(context(), event(p, keys))); }
    void click(Point p, Keys keys = {})
    {
        press(p, keys);
        release(p, keys);
    }
    void drag(Point from, Point to, Keys keys = {})
    {
        press(from, keys);
        move((from + to) * 0.5, keys);
        move(to, keys);
        release(to, keys);
    }
    bool finish() { return take(tool->finish(context())); }
    bool back() { return take(tool->back(context())); }
    bool cancel() { return take(tool->cancel()); }
    ToolPreview preview() const { return tool->preview(context()); }

    std::unique_ptr<Tool> tool;
    Annotation annotation;
    std::set<ShapeId> selection, protectedShapes;
    std::string label = "car";
    std::vector<Edit> edits;

private:
    static PointerEvent event(Point p, Keys keys)
    {
        return {.position = p,
                .imagePixelsPerScreenPixel = keys.zoom,
                .shift = keys.shift,
                .control = keys.control,
                .alt = keys.alt,
                .doubleClick = keys.doubleClick};
    }
    bool take(const ToolResult &result)
    {
        if (result.edit) {
            apply(*result.edit, annotation);
            edits.push_back(*result.edit);
        }
        if (result.selection)
            selection = *result.selection;
        return result.handled;
    }
};

template <typename T, typename... Args>
Bench bench(Args... args)
{
    return Bench(std::make_unique<T>(args...));
}

Shape shapeOf(ShapeType type, Points points)
{
    return {.label = "car", .type = type, .points = std::move(points)};
}

} // namespace

class ToolsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void polygonClosedByEveryWay_data()
    {
        QTest::addColumn<QByteArray>("way");
        for (const char *way : {"first vertex", "enter", "double click"})
            QTest::newRow(way) << QByteArray(way);
    }
    void polygonClosedByEveryWay()
    {
        QFETCH(QByteArray, way);
        auto canvas = bench<PolygonTool>();
        for (const Point p : Points{{10, 10}, {50, 10}, {50, 40}, {20.5, 40.25}})
            canvas.click(p);
        QVERIFY(canvas.tool->isBusy() && canvas.edits.empty());
        if (way == "first vertex")
            canvas.click({17, 14}); // within ten screen pixels
        else if (way == "enter")
            QVERIFY(canvas.finish());
        else
            canvas.click({20.5, 40.25}, {.doubleClick = true});
        QVERIFY(!canvas.tool->isBusy());
        QCOMPARE(canvas.edits.size(), std::size_t{1});
        const Shape &shape = canvas.annotation.shapes.at(0);
        QVERIFY(shape.points == (Points{{10, 10}, {50, 10}, {50, 40}, {20.5, 40.25}}));
        QVERIFY(shape.type == ShapeType::Polygon && shape.label == "car");
        QVERIFY(!canvas.finish()); // nothing under way
    }

    void polygonSnapsInScreenPixels()
    {
        auto canvas = bench<PolygonTool>();
        const Keys zoomedIn{.zoom = 0.1};
        for (const Point p : Points{{10, 10}, {50, 10}, {50, 40}})
            canvas.click(p, zoomedIn);
        canvas.click({13, 10}, zoomedIn); // thirty screen pixels away
        QVERIFY(canvas.tool->isBusy());
        canvas.click({10.5, 10}, {.alt = true, .zoom = 0.1}); // Alt: no snapping
        QVERIFY(canvas.tool->isBusy());
        canvas.move({10.5, 10.5}, zoomedIn, false);
        QVERIFY(canvas.preview().closed && canvas.preview().activeHandle == std::size_t{0});
        canvas.click({10.5, 10.5}, zoomedIn);
        QCOMPARE(canvas.annotation.shapes.at(0).points.size(), std::size_t{5});
    }

    void polygonTakesPointsBackAndCancels()
    {
        auto canvas = bench<PolygonTool>();
        QVERIFY(!canvas.back() && !canvas.cancel());
        canvas.click({10, 10});
        canvas.click({50, 10});
        canvas.click({50, 10}); // the same place again adds nothing
        QCOMPARE(canvas.preview().handles.size(), std::size_t{2});
        QVERIFY(canvas.finish()); // two points are no polygon: swallowed, still drawing
        QVERIFY(canvas.tool->isBusy());
        QVERIFY(canvas.back());
        QCOMPARE(canvas.preview().handles.size(), std::size_t{1});
        canvas.move({60, 60}, {}, false);
        QVERIFY(canvas.preview().outline == (Points{{10, 10}, {60, 60}}));
        QVERIFY(canvas.cancel() && !canvas.tool->isBusy() && canvas.edits.empty());
        QVERIFY(canvas.preview().outline.empty());
    }

    void polygonStaysInTheImage()
    {
        auto canvas = bench<PolygonTool>();
        for (const Point p : Points{{-5, -5}, {250, 10}, {50, 1000}})
            canvas.click(p);
        canvas.finish();
        QVERIFY(canvas.annotation.shapes.at(0).points == (Points{{0, 0}, {200, 10}, {50, 100}}));
    }

    void rectangleByDragAndByClicks()
    {
        auto canvas = bench<TwoPointTool>(TwoPointTool::Kind::Rectangle);
        canvas.drag({50, 40}, {10, 20});
        QVERIFY(canvas.annotation.shapes.at(0).points == (Points{{50, 40}, {10, 20}}));
        QVERIFY(canvas.annotation.shapes.at(0).type == ShapeType::Rectangle);
        canvas.click({60, 60});
        QVERIFY(canvas.tool->isBusy());
        canvas.move({80, 70}, {}, false);
        QVERIFY(canvas.preview().outline == (Points{{60, 60}, {80, 60}, {80, 70}, {60, 70}}));
        canvas.click({90, 80});
        QVERIFY(canvas.annotation.shapes.at(1).points == (Points{{60, 60}, {90, 80}}));
        QVERIFY(!canvas.tool->isBusy());
    }

    void rectangleSquareCancelAndNoArea()
    {
        auto canvas = bench<TwoPointTool>(TwoPointTool::Kind::Rectangle);
        canvas.drag({50, 50}, {20, 70}, {.shift = true});
        QVERIFY(canvas.annotation.shapes.at(0).points == (Points{{50, 50}, {30, 70}}));
        canvas.press({10, 10});
        canvas.move({20, 20});
        QVERIFY(canvas.cancel());
        canvas.drag({10, 10}, {60, 10}); // a line has no area
        QVERIFY(canvas.tool->isBusy());
        canvas.cancel();
        QCOMPARE(canvas.annotation.shapes.size(), std::size_t{1});
    }

    void withoutAClassNothingIsDrawn()
    {
        auto polygon = bench<PolygonTool>();
        auto rectangle = bench<TwoPointTool>(TwoPointTool::Kind::Rectangle);
        polygon.label = rectangle.label = "";
        QVERIFY(!polygon.press({1, 1}) && !rectangle.press({1, 1}));
        QVERIFY(!polygon.tool->isBusy() && !rectangle.tool->isBusy());
    }

    void clicksSelect()
    {
        auto canvas = bench<SelectTool>();
        canvas.annotation.shapes = {shapeOf(ShapeType::Rectangle, {{10, 10}, {80, 80}}),
                                    shapeOf(ShapeType::Rectangle, {{40, 40}, {120, 90}}),
                                    shapeOf(ShapeType::Rectangle, {{150, 10}, {190, 90}})};
        const auto id = [&](std::size_t i) { return canvas.annotation.shapes[i].id; };
        canvas.click({60, 60});
        QCOMPARE(canvas.selection, std::set<ShapeId>{id(1)}); // the topmost
        canvas.click({170, 50}, {.control = true});
        QCOMPARE(canvas.selection, (std::set<ShapeId>{id(1), id(2)}));
        canvas.click({60, 60}, {.control = true});
        QCOMPARE(canvas.selection, std::set<ShapeId>{id(2)});
        canvas.click({170, 50}, {.control = true});
        QVERIFY(canvas.selection.empty());
        canvas.selection = {id(0), id(1)};
        canvas.click({60, 60}); // a plain click on one of several leaves it alone
        QCOMPARE(canvas.selection, std::set<ShapeId>{id(1)});
        canvas.click({135, 5});
        QVERIFY(canvas.selection.empty());
        canvas.protectedShapes = {id(1)};
        canvas.click({60, 60});
        QCOMPARE(canvas.selection, std::set<ShapeId>{id(0)});
        QVERIFY(canvas.edits.empty());
    }

    void aDragMovesAllSelected()
    {
        auto canvas = bench<SelectTool>();
        canvas.annotation.shapes = {shapeOf(ShapeType::Rectangle, {{10, 10}, {40, 40}}), shapeOf(ShapeType::Mask, {})};
        canvas.annotation.shapes[1].mask =
            std::make_shared<const Mask>(Mask{{60, 20, 30, 30}, cv::Mat1b(30, 30, std::uint8_t{1})});
        canvas.selection = {canvas.annotation.shapes[0].id, canvas.annotation.shapes[1].id};
        canvas.press({75, 35});
        canvas.move({76, 35}); // a tremble moves nothing
        QVERIFY(!canvas.preview().shape);
        canvas.move({80.25, 45});
        QVERIFY(canvas.preview().shape && canvas.preview().moreShapes.size() == 1);
        QVERIFY(canvas.annotation.shapes[0].points[0] == (Point{10, 10}));
        canvas.release({80.25, 45});
        QVERIFY(canvas.annotation.shapes[0].points == (Points{{15.25, 20}, {45.25, 50}}));
        QVERIFY(canvas.annotation.shapes[1].mask->box == (Rect{65, 30, 30, 30}));
        QCOMPARE(canvas.edits.size(), std::size_t{1});
        QCOMPARE(canvas.edits[0].name, std::string("Move 2 shapes"));
        canvas.drag({80, 45}, {-500, -500}); // and they stay in the image
        QVERIFY(canvas.annotation.shapes[0].points[0] == (Point{0, 0}));
        QCOMPARE(canvas.annotation.shapes[1].mask->box.x, 50);
        apply(inverted(canvas.edits[1]), canvas.annotation);
        apply(inverted(canvas.edits[0]), canvas.annotation);
        QVERIFY(canvas.annotation.shapes[0].points == (Points{{10, 10}, {40, 40}}));
    }

    void verticesAreDraggedAddedAndRemoved()
    {
        auto canvas = bench<SelectTool>();
        canvas.annotation.shapes = {shapeOf(ShapeType::Polygon, {{20, 20}, {120, 20}, {120, 80}, {20, 80}})};
        const auto &points = canvas.annotation.shapes[0].points;
        canvas.drag({123, 22}, {130, 30});
        QVERIFY(points == (Points{{20, 20}, {130, 30}, {120, 80}, {20, 80}}));
        QCOMPARE(canvas.selection.size(), std::size_t{1});
        canvas.click({70, 82}, {.alt = true});
        QVERIFY(points == (Points{{20, 20}, {130, 30}, {120, 80}, {70, 82}, {20, 80}}));
        canvas.drag({22, 50}, {5, 50}, {.alt = true}); // put in and dragged at once
        QVERIFY(points.size() == 6 && points.back() == (Point{5, 50}));
        QCOMPARE(canvas.edits.size(), std::size_t{3});
        canvas.click({71, 81}, {.shift = true, .alt = true});
        canvas.click({6, 50}, {.shift = true, .alt = true});
        canvas.click({130, 30}, {.shift = true, .alt = true});
        QVERIFY(points == (Points{{20, 20}, {120, 80}, {20, 80}}));
        canvas.click({20, 20}, {.shift = true, .alt = true}); // three are the fewest
        QCOMPARE(points.size(), std::size_t{3});
        QCOMPARE(canvas.edits.size(), std::size_t{6});
        canvas.press({20, 20});
        canvas.move({60, 60});
        canvas.cancel();
        canvas.release({60, 60});
        QCOMPARE(canvas.edits.size(), std::size_t{6});
    }

    void hoveringShowsTheHandle()
    {
        auto canvas = bench<SelectTool>();
        canvas.annotation.shapes = {shapeOf(ShapeType::Polygon, {{20, 20}, {120, 20}, {120, 80}})};
        QVERIFY(canvas.preview().handles.empty());
        canvas.move({118, 78}, {}, false);
        QCOMPARE(canvas.preview().handles.size(), std::size_t{3});
        QCOMPARE(*canvas.preview().activeHandle, std::size_t{2});
        canvas.annotation.shapes.clear(); // removed by somebody else
        QVERIFY(canvas.preview().handles.empty());
    }

    void handlesKeepTheShapesNature_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<QList<QPointF>>("points");
        QTest::addColumn<int>("handle");
        QTest::addColumn<QPointF>("to");
        QTest::addColumn<QList<QPointF>>("expected");
        using List = QList<QPointF>;
        const auto row = [](const char *name, ShapeType type, const List &points, int handle, QPointF to,
                            const List &expected) {
            QTest::newRow(name) << static_cast<int>(type) << points << handle << to << expected;
        };
        const List box{{10, 10}, {30, 20}}, corners{{10, 10}, {30, 10}, {30, 20}, {10, 20}};
        row("rectangle, own corner", ShapeType::Rectangle, box, 0, {5, 6}, {{5, 6}, {30, 20}});
        row("rectangle, corner between", ShapeType::Rectangle, box, 1, {35, 6}, {{10, 6}, {35, 20}});
        row("rectangle, other own corner", ShapeType::Rectangle, box, 2, {35, 26}, {{10, 10}, {35, 26}});
        row("rectangle, last corner", ShapeType::Rectangle, box, 3, {5, 26}, {{5, 10}, {30, 26}});
        row("rectangle of four", ShapeType::Rectangle, corners, 2, {40, 25}, {{10, 10}, {40, 10}, {40, 25}, {10, 25}});
        row("oriented rectangle", ShapeType::OrientedRectangle, {{0, 0}, {10, 10}, {5, 15}, {-5, 5}}, 2, {10, 20},
            {{0, 0}, {15, 15}, {10, 20}, {-5, 5}});
        row("circle's centre", ShapeType::Circle, box, 0, {20, 20}, {{20, 20}, {40, 30}});
        row("circle's rim", ShapeType::Circle, box, 1, {20, 20}, {{10, 10}, {20, 20}});
        row("polygon", ShapeType::Polygon, corners, 3, {1, 2}, {{10, 10}, {30, 10}, {30, 20}, {1, 2}});
    }
    void handlesKeepTheShapesNature()
    {
        QFETCH(int, type);
        QFETCH(QList<QPointF>, points);
        QFETCH(int, handle);
        QFETCH(QPointF, to);
        QFETCH(QList<QPointF>, expected);
        Shape shape = shapeOf(static_cast<ShapeType>(type), {});
        for (const QPointF &p : points)
            shape.points.push_back({p.x(), p.y()});
        const Shape moved = withHandleAt(shape, static_cast<std::size_t>(handle), {to.x(), to.y()});
        QCOMPARE(moved.points.size(), static_cast<std::size_t>(expected.size()));
        for (int i = 0; i < expected.size(); ++i) {
            const Point p = moved.points[static_cast<std::size_t>(i)];
            QVERIFY2(std::abs(p.x - expected[i].x()) < 1e-9 && std::abs(p.y - expected[i].y()) < 1e-9,
                     qPrintable(QString("%1: %2, %3").arg(i).arg(p.x).arg(p.y)));
        }
    }

    void thinShapesAreHitNearby()
    {
        const Shape line = shapeOf(ShapeType::LineStrip, {{10, 10}, {50, 10}, {50, 50}});
        QVERIFY(isHit(line, {30, 18}, 10) && isHit(line, {58, 30}, 10));
        QVERIFY(!isHit(line, {30, 30}, 10)); // an open strip has no inside
        const Shape ring = shapeOf(ShapeType::Polygon, {{10, 10}, {50, 10}, {50, 50}});
        QVERIFY(isHit(ring, {40, 20}, 10) && !isHit(ring, {20, 40}, 10));
        QVERIFY(isHit(shapeOf(ShapeType::Other, {{10, 10}, {50, 10}, {50, 50}}), {30, 12}, 5));
    }
};

QTEST_GUILESS_MAIN(ToolsTest)
#include "test_tools.moc"
