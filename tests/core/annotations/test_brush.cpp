// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/tools/BrushTool.h"
#include "core/annotations/tools/tool_geometry.h"
#include "core/base/Random.h"

#include "tests/support/ToolBench.h"
#include "tests/support/support.h"

#include <QElapsedTimer>
#include <QObject>

#include <algorithm>

using namespace masque;

namespace {

constexpr Size kImage{80, 60};

/// What a stroke must paint, pixel by pixel: centres that the tip covers on its way.
cv::Mat1b expected(const std::vector<Point> &path, double radius, bool square, Size size)
{
    cv::Mat1b map = blankBits({size.width, size.height});
    for (int y = 0; y < map.rows; ++y)
        for (int x = 0; x < map.cols; ++x) {
            const Point centre{x + 0.5, y + 0.5};
            for (std::size_t i = 0; i + 1 < path.size(); ++i) {
                if (square) {
                    const Point a = path[i], d = path[i + 1] - a;
                    double low = 0, high = 1; // the part of the way on which the square covers the centre
                    const auto limit = [&](double from, double step, double value) {
                        const double p = value - radius - from, q = value + radius - from;
                        if (step == 0) {
                            if (p > 0 || q < 0)
                                high = -1;
                            return;
                        }
                        low = std::max(low, std::min(p / step, q / step));
                        high = std::min(high, std::max(p / step, q / step));
                    };
                    limit(a.x, d.x, centre.x);
                    limit(a.y, d.y, centre.y);
                    if (low <= high)
                        map(y, x) = 1;
                } else if (distanceToSegment(centre, path[i], path[i + 1]) <= radius) {
                    map(y, x) = 1;
                }
            }
        }
    return map;
}

cv::Mat1b spread(const Mask &mask, Size size)
{
    cv::Mat1b map = blankBits({size.width, size.height});
    if (!mask.box.isEmpty())
        mask.bits.copyTo(map(toCv(mask.box)));
    return map;
}

bool same(const cv::Mat1b &a, const cv::Mat1b &b)
{
    return a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

/// Drives a tool along a path as the canvas would.
ToolResult drag(Tool &tool, const ToolContext &context, const std::vector<Point> &path, bool control = false)
{
    PointerEvent event{.position = path.front(), .control = control};
    tool.press(context, event);
    event.control = false;
    for (std::size_t i = 1; i < path.size(); ++i) {
        event.position = path[i];
        tool.move(context, event, true);
    }
    return tool.release(context, event);
}

} // namespace

class BrushTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aStrokePaintsExactlyItsPixels_data()
    {
        QTest::addColumn<double>("radius");
        QTest::addColumn<bool>("square");
        for (const double radius : {0.8, 2.0, 5.5, 12.0, 70.0})
            for (const bool square : {false, true})
                QTest::addRow("%.1f %s", radius, square ? "square" : "round") << radius << square;
    }
    void aStrokePaintsExactlyItsPixels()
    {
        QFETCH(double, radius);
        QFETCH(bool, square);
        Random random(9);
        for (int round = 0; round < 15; ++round) {
            std::vector<Point> path;
            for (int i = 0; i < 5; ++i)
                path.push_back({random.uniform(-20, 100), random.uniform(-20, 80)});
            path.push_back(path.back());
            Annotation annotation;
            const ToolContext context{.annotation = annotation,
                                      .imageSize = kImage,
                                      .label = "a",
                                      .brushRadiusPx = radius,
                                      .brushSquare = square};
            BrushTool tool(PaintFilter::Gesture::Paint);
            const auto result = drag(tool, context, path);
            if (result.edit)
                apply(*result.edit, annotation);
            auto truth = expected(path, radius, square, kImage);
            for (const Point &p : path) // however small, the tip marks the pixel under the pointer
                if (p.x >= 0 && p.y >= 0 && p.x < kImage.width && p.y < kImage.height)
                    truth(int(p.y), int(p.x)) = 1;
            const auto map = annotation.shapes.empty() ? blankBits({kImage.width, kImage.height})
                                                       : spread(*annotation.shapes[0].mask, kImage);
            QVERIFY(same(map, truth));
        }
    }

    void aDotIsOnePixel()
    {
        Annotation annotation;
        const ToolContext context{.annotation = annotation, .imageSize = kImage, .label = "a", .brushRadiusPx = 0.1};
        BrushTool tool(PaintFilter::Gesture::Paint);
        const auto result = drag(tool, context, {{10.2, 20.9}});
        QVERIFY(result.edit->shapes[0].after->mask->box == (Rect{10, 20, 1, 1}));
    }

    void nothingChangesBeforeTheRelease()
    {
        Annotation annotation;
        const ToolContext context{.annotation = annotation, .imageSize = kImage, .label = "a", .brushRadiusPx = 3};
        BrushTool tool(PaintFilter::Gesture::Paint);
        QVERIFY(!tool.isBusy());
        QVERIFY(!tool.preview(context).stroke);
        const auto pressed = tool.press(context, {.position = {20, 20}});
        QVERIFY(!pressed.edit && pressed.dirty.contains(20, 20) && tool.isBusy());
        const auto moved = tool.move(context, {.position = {30, 20}}, true);
        QVERIFY(!moved.edit && moved.dirty.contains(25, 20));
        const auto preview = tool.preview(context);
        QVERIFY(same(spread(*preview.stroke, kImage), expected({{20, 20}, {30, 20}}, 3, false, kImage)));
        QVERIFY(!preview.strokeErases);
        const auto dropped = tool.cancel();
        QVERIFY(dropped.dirty.contains(25, 20) && !dropped.edit && !tool.isBusy());
        QVERIFY(!tool.release(context, {.position = {30, 20}}).edit);
    }

    void controlAtThePressSwapsBrushAndEraser()
    {
        Annotation annotation;
        annotation.shapes = {boxShape("a", {0, 0, 40, 40})};
        const ToolContext context{.annotation = annotation, .imageSize = kImage, .label = "a", .brushRadiusPx = 3};
        BrushTool brush(PaintFilter::Gesture::Paint), eraser(PaintFilter::Gesture::Erase);
        QCOMPARE(drag(brush, context, {{20, 20}}, true).edit->name, std::string("Erase"));
        QCOMPARE(drag(eraser, context, {{20, 20}}).edit->name, std::string("Erase"));
        QVERIFY(!drag(brush, context, {{20, 20}}).edit); // painted already: no step to undo
        QCOMPARE(drag(eraser, context, {{50, 50}}, true).edit->name, std::string("Paint a"));
        eraser.press(context, {.position = {20, 20}});
        QVERIFY(eraser.preview(context).strokeErases);
    }

    void erasingKeepsToTheSelectedShape()
    {
        Annotation annotation;
        annotation.shapes = {boxShape("a", {0, 0, 20, 20}), boxShape("b", {0, 0, 20, 20}),
                             boxShape("c", {60, 40, 9, 9})};
        ToolContext context{.annotation = annotation, .imageSize = kImage, .label = "a", .brushRadiusPx = 3};
        BrushTool eraser(PaintFilter::Gesture::Erase);
        QCOMPARE(drag(eraser, context, {{10, 10}}).edit->shapes.size(), std::size_t{2});
        context.selection = {annotation.shapes[1].id};
        auto edit = drag(eraser, context, {{10, 10}}).edit;
        QVERIFY(edit->shapes.size() == 1 && edit->shapes[0].after->id == annotation.shapes[1].id);
        edit = drag(eraser, context, {{64, 44}}).edit; // the selected one is not there
        QVERIFY(edit->shapes.size() == 1 && edit->shapes[0].after->id == annotation.shapes[2].id);
        context.protectedShapes = {annotation.shapes[2].id};
        QVERIFY(!drag(eraser, context, {{64, 44}}).edit);
    }

    void withoutAClassThereIsNothingToPaint()
    {
        Annotation annotation;
        const ToolContext context{.annotation = annotation, .imageSize = kImage, .label = ""};
        BrushTool brush(PaintFilter::Gesture::Paint);
        QVERIFY(!brush.press(context, {.position = {5, 5}}).handled);
        QVERIFY(!brush.isBusy());
    }

    void aMoveIsCheapOnAHugeImage()
    {
        Annotation annotation;
        const ToolContext context{
            .annotation = annotation, .imageSize = {12000, 8000}, .label = "a", .brushRadiusPx = 40};
        BrushTool tool(PaintFilter::Gesture::Paint);
        Random random(2);
        Point at{6000, 4000};
        double direction = 0;
        tool.press(context, {.position = at});
        std::vector<double> milliseconds;
        for (int i = 0; i < 4000; ++i) {
            direction += random.uniform(-0.3, 0.3);
            at = intoImage(at + Point{25 * std::cos(direction), 25 * std::sin(direction)}, context.imageSize);
            QElapsedTimer timer;
            timer.start();
            tool.move(context, {.position = at}, true);
            const auto preview = tool.preview(context);
            milliseconds.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
            QVERIFY(preview.stroke);
        }
        std::sort(milliseconds.begin(), milliseconds.end());
        QElapsedTimer timer;
        timer.start();
        const auto result = tool.release(context, {.position = at});
        qInfo("stroke move, radius 40: median %.3f ms, p99 %.3f ms, worst %.1f ms; release %.0f ms of a %d x %d stroke",
              milliseconds[2000], milliseconds[3960], milliseconds.back(),
              static_cast<double>(timer.nsecsElapsed()) / 1e6, result.dirty.width, result.dirty.height);
        QVERIFY(milliseconds[3960] < 1);
    }
};

QTEST_GUILESS_MAIN(BrushTest)
#include "test_brush.moc"
