// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/SelectTool.h"
#include "tests/support/ToolBench.h"
#include "tests/support/support.h"

#include <QObject>

using namespace masque;

namespace {

using Points = std::vector<Point>;

ToolBench bench()
{
    return ToolBench(std::make_unique<SelectTool>(), {200, 100});
}

Shape shapeOf(ShapeType type, Points points)
{
    return {.label = "car", .type = type, .points = std::move(points)};
}

} // namespace

/// Vertices that are chosen by several.
class VerticesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void severalVerticesAreChosen()
    {
        ToolBench canvas = bench();
        canvas.annotation.shapes = {shapeOf(ShapeType::Polygon, {{20, 20}, {120, 20}, {120, 80}, {70, 90}, {20, 80}}),
                                    shapeOf(ShapeType::Rectangle, {{150, 10}, {190, 90}})};
        const auto id = [&](std::size_t i) { return canvas.annotation.shapes[i].id; };
        using Chosen = std::vector<std::size_t>;
        const auto chosen = [&] { return canvas.preview().chosenHandles; };
        canvas.selection = {id(0)};
        canvas.click({20, 20}, {.control = true});
        canvas.click({121, 21}, {.shift = true});
        QCOMPARE(chosen(), (Chosen{0, 1}));
        canvas.click({121, 21}, {.shift = true});
        QCOMPARE(chosen(), Chosen{0});
        canvas.click({121, 21}, {.control = true});
        QCOMPARE(chosen(), (Chosen{0, 1}));
        canvas.click({70, 90}); // one that is not among them: back to one at a time
        QVERIFY(chosen().empty());
        canvas.drag({{10, 70}, {125, 95}}); // a box that holds three of them and no whole shape
        QCOMPARE(chosen(), (Chosen{2, 3, 4}));
        QCOMPARE(canvas.selection, std::set<ShapeId>{id(0)});
        canvas.drag({{5, 5}, {30, 30}}, {.control = true});
        QCOMPARE(chosen(), (Chosen{0, 2, 3, 4}));
        canvas.drag({{60, 40}, {125, 95}}, {.alt = true}); // from inside of the shape
        QCOMPARE(chosen(), (Chosen{2, 3}));
        QVERIFY(canvas.cancel());
        QVERIFY(chosen().empty());
        QVERIFY(!canvas.cancel());
        canvas.drag({{140, 2}, {195, 95}}); // a box around a shape takes the shape
        QCOMPARE(canvas.selection, std::set<ShapeId>{id(1)});
        canvas.click({150, 10}, {.control = true}); // its corners are bound to each other
        QVERIFY(chosen().empty());
        QVERIFY(canvas.edits.empty());
    }

    void chosenVerticesGoTogether()
    {
        ToolBench canvas = bench();
        const Points first{{20, 20}, {60, 20}, {60, 80}, {20, 80}}, second{{60, 20}, {100, 20}, {100, 80}, {60, 80}};
        canvas.annotation.shapes = {shapeOf(ShapeType::Polygon, first), shapeOf(ShapeType::Polygon, second)};
        const auto points = [&](std::size_t i) { return canvas.annotation.shapes[i].points; };
        canvas.selection = {canvas.annotation.shapes[0].id, canvas.annotation.shapes[1].id};
        canvas.drag({{55, 10}, {65, 90}}); // the border that they share
        QCOMPARE(canvas.preview().chosenHandles.size(), std::size_t{4});
        canvas.drag({{60, 20}, {75, 25}});
        QCOMPARE(points(0), (Points{{20, 20}, {75, 25}, {75, 85}, {20, 80}}));
        QCOMPARE(points(1), (Points{{75, 25}, {100, 20}, {100, 80}, {75, 85}}));
        QCOMPARE(canvas.edits.size(), std::size_t{1});
        QCOMPARE(canvas.edits[0].name, std::string("Move 4 points"));
        canvas.drag({{75, 25}, {75, -100}}); // in the image they stay
        QCOMPARE(points(0)[1], (Point{75, 0}));
        QCOMPARE(points(0)[2], (Point{75, 60}));
        canvas.nudge({2, 1});
        QCOMPARE(points(1)[0], (Point{77, 1}));
        QCOMPARE(points(1)[1], (Point{100, 20}));
        QCOMPARE(canvas.edits.size(), std::size_t{3});
        for (; !canvas.edits.empty(); canvas.edits.pop_back())
            apply(inverted(canvas.edits.back()), canvas.annotation);
        QCOMPARE(points(0), first);
        QCOMPARE(points(1), second);
    }

    void chosenVerticesAreRemoved()
    {
        ToolBench canvas = bench();
        canvas.annotation.shapes = {shapeOf(ShapeType::Polygon, {{20, 20}, {120, 20}, {120, 80}, {70, 90}, {20, 80}})};
        canvas.selection = {canvas.annotation.shapes[0].id};
        QVERIFY(!canvas.removeChosen()); // none: the shape is meant
        canvas.drag({{60, 40}, {125, 95}}, {.alt = true});
        QVERIFY(canvas.removeChosen());
        QCOMPARE(canvas.annotation.shapes[0].points, (Points{{20, 20}, {120, 20}, {20, 80}}));
        QCOMPARE(canvas.edits.size(), std::size_t{1});
        canvas.click({20, 20}, {.control = true});
        QVERIFY(canvas.removeChosen()); // three are the fewest, and the shape stays all the same
        QCOMPARE(canvas.annotation.shapes[0].points.size(), std::size_t{3});
        QCOMPARE(canvas.edits.size(), std::size_t{1});
        apply(inverted(canvas.edits[0]), canvas.annotation); // other vertices: the choice is of the past
        QVERIFY(canvas.preview().chosenHandles.empty());
        QVERIFY(!canvas.removeChosen());
    }
};

QTEST_GUILESS_MAIN(VerticesTest)
#include "test_vertices.moc"
