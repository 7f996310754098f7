// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/rasterise.h"
#include "core/annotations/shape_ops.h"
#include "core/annotations/tools/PolygonTool.h"
#include "core/annotations/tools/SelectTool.h"
#include "core/annotations/tools/SplitTool.h"
#include "core/annotations/tools/shape_handles.h"

#include "tests/support/support.h"

#include <QObject>

using namespace masque;

namespace {

constexpr Size kImage{400, 300};
using Points = std::vector<Point>;

} // namespace

class TestSnapping : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void findsVerticesBeforeBorders();
    void walksTheShorterWay();
    void neighboursLeaveNoGap();
    void altSnapsToNothing();
    void draggedVertexSnaps();
    void shiftKeepsAngles();
    void bandSelects();
    void splitToolCuts();

private:
    void send(Tool &tool, Point p, const char *what, bool shift = false, bool control = false, bool alt = false)
    {
        const PointerEvent event{.position = p, .shift = shift, .control = control, .alt = alt};
        const std::string name = what;
        take(name == "press"  ? tool.press(context(), event)
             : name == "move" ? tool.move(context(), event, true)
                              : tool.release(context(), event));
    }
    void click(Tool &tool, Point p, bool alt = false)
    {
        send(tool, p, "press", false, false, alt);
        send(tool, p, "release", false, false, alt);
    }
    void drag(Tool &tool, Point from, Point to, bool shift = false, bool control = false, bool alt = false)
    {
        send(tool, from, "press", false, control, false);
        send(tool, (from + to) * 0.5, "move", shift, control, alt);
        send(tool, to, "move", shift, control, alt);
        send(tool, to, "release", shift, control, alt);
    }
    void take(const ToolResult &result)
    {
        if (result.edit)
            apply(*result.edit, m_annotation);
        if (result.selection)
            m_selection = *result.selection;
    }
    ToolContext context() const
    {
        return {.annotation = m_annotation, .imageSize = kImage, .label = "road", .selection = m_selection};
    }
    const Shape &lake() const { return m_annotation.shapes.front(); }

    Annotation m_annotation;
    std::set<ShapeId> m_selection;
};

void TestSnapping::init()
{
    m_selection.clear();
    m_annotation = {};
    // A right border with corners that no straight line follows.
    m_annotation.shapes = {
        {.label = "lake", .points = {{40, 40}, {200, 43}, {171, 91}, {213, 133}, {158, 180}, {190, 250}, {40, 250}}}};
}

void TestSnapping::findsVerticesBeforeBorders()
{
    const auto vertex = snapTo(context(), {204, 46}, 10);
    QVERIFY(vertex && vertex->point == Point({200, 43}) && vertex->along == 1);
    const auto border = snapTo(context(), {36, 150}, 10);
    QVERIFY(border && border->point == Point({40, 150}));
    QCOMPARE(border->along, 6 + 100.0 / 210);
    QVERIFY(!snapTo(context(), {20, 150}, 10));
    QVERIFY(!snapTo(context(), {204, 46}, 10, {lake().id}));
}

void TestSnapping::walksTheShorterWay()
{
    QCOMPARE(borderBetween(lake(), 1.0, 5.0), (Points{{171, 91}, {213, 133}, {158, 180}}));
    QCOMPARE(borderBetween(lake(), 5.0, 1.0), (Points{{158, 180}, {213, 133}, {171, 91}}));
    QCOMPARE(borderBetween(lake(), 6.5, 0.2), (Points{{40, 40}})); // over the end of the list
    QCOMPARE(borderBetween(lake(), 0.2, 6.5), (Points{{40, 40}}));
    QCOMPARE(borderBetween(lake(), 1.2, 1.7), Points());
    Shape way{.type = ShapeType::LineStrip, .points = {{0, 0}, {10, 0}, {10, 10}, {20, 10}}};
    QCOMPARE(borderBetween(way, 2.5, 0.5), (Points{{10, 10}, {10, 0}}));
}

void TestSnapping::neighboursLeaveNoGap()
{
    PolygonTool tool;
    click(tool, {203, 38});  // near the lake's corner: snaps
    click(tool, {187, 245}); // near its far corner: the border between comes along
    click(tool, {300, 260});
    click(tool, {300, 40});
    take(tool.finish(context()));
    QCOMPARE(m_annotation.shapes.size(), std::size_t{2});
    const Shape &road = m_annotation.shapes[1];
    QCOMPARE(road.points, (Points{{200, 43}, {171, 91}, {213, 133}, {158, 180}, {190, 250}, {300, 260}, {300, 40}}));
    // Between the two, in every row that both reach, no pixel is without a class.
    const cv::Mat1b map = rasterise(m_annotation, LabelSet({"_background_", "lake", "road"}), kImage);
    for (int y = 50; y < 248; ++y)
        for (int x = 60; x < 290; ++x)
            QVERIFY2(map(y, x) != 0, qPrintable(QStringLiteral("%1, %2").arg(x).arg(y)));
}

void TestSnapping::altSnapsToNothing()
{
    PolygonTool tool;
    for (const Point p : {Point{203, 38}, Point{187, 245}, Point{300, 260}})
        click(tool, p, true);
    take(tool.finish(context()));
    QCOMPARE(m_annotation.shapes[1].points, (Points{{203, 38}, {187, 245}, {300, 260}}));
}

void TestSnapping::draggedVertexSnaps()
{
    m_annotation.shapes.push_back({.label = "road", .points = {{250, 50}, {300, 50}, {300, 100}, {250, 100}}});
    SelectTool tool;
    drag(tool, {250, 50}, {205, 48});
    QCOMPARE(m_annotation.shapes[1].points[0], (Point{200, 43}));
    drag(tool, {250, 100}, {174, 94}, false, false, true); // Alt: where the pointer is
    QCOMPARE(m_annotation.shapes[1].points[3], (Point{174, 94}));
}

void TestSnapping::shiftKeepsAngles()
{
    m_annotation.shapes = {{.label = "road", .points = {{250, 50}, {300, 50}, {300, 100}, {250, 100}}}};
    SelectTool tool;
    drag(tool, {250, 50}, {200, 54}, true);
    QCOMPARE(m_annotation.shapes[0].points[0], (Point{200, 50}));
    drag(tool, {280, 80}, {283, 140}, true); // the whole shape, straight down
    QCOMPARE(m_annotation.shapes[0].points[1], (Point{300, 110}));
}

void TestSnapping::bandSelects()
{
    m_annotation.shapes = {{.label = "a", .points = {{20, 20}, {40, 20}, {40, 40}}},
                           {.label = "b", .points = {{60, 20}, {80, 20}, {80, 40}}},
                           {.label = "c", .type = ShapeType::Circle, .points = {{120, 30}, {130, 30}}}};
    SelectTool tool;
    drag(tool, {10, 10}, {100, 60});
    QCOMPARE(m_selection, (std::set<ShapeId>{m_annotation.shapes[0].id, m_annotation.shapes[1].id}));
    drag(tool, {115, 15}, {125, 45}); // only part of the circle
    QVERIFY(m_selection.empty());
    drag(tool, {10, 10}, {50, 60});
    drag(tool, {150, 60}, {100, 10}, false, true); // Ctrl adds
    QCOMPARE(m_selection, (std::set<ShapeId>{m_annotation.shapes[0].id, m_annotation.shapes[2].id}));
    QVERIFY(!tool.isBusy());
}

void TestSnapping::splitToolCuts()
{
    SplitTool tool;
    drag(tool, {20, 150}, {260, 160}, true); // Shift: level
    QCOMPARE(m_annotation.shapes.size(), std::size_t{2});
    for (const Shape &part : m_annotation.shapes)
        QCOMPARE(std::count_if(part.points.begin(), part.points.end(), [](Point p) { return p.y == 150; }), 2);
    m_selection = {m_annotation.shapes[1].id};
    drag(tool, {100, 30}, {100, 290});
    QCOMPARE(m_annotation.shapes.size(), std::size_t{3}); // of both that it crosses, the selected one alone
}

QTEST_GUILESS_MAIN(TestSnapping)
#include "test_snapping.moc"
