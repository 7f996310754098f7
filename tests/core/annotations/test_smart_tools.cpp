// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Proposal.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/tools/builtin_tools.h"
#include "core/annotations/tools/regions.h"
#include "core/annotations/tools/smart/GrabCutTool.h"
#include "core/annotations/tools/smart/ScissorsTool.h"
#include "core/annotations/tools/smart/SuperpixelTool.h"
#include "core/annotations/tools/smart/WandTool.h"
#include "core/annotations/tools/smart/WatershedTool.h"
#include "core/annotations/tools/smart/segmentation.h"
#include "core/annotations/tools/tool_geometry.h"

#include "tests/support/ToolBench.h"
#include "tests/support/support.h"

#include <QElapsedTimer>
#include <QObject>

#include <opencv2/imgproc.hpp>

#include <cmath>

using namespace masque;

namespace {

constexpr Size kImage{160, 120};
const cv::Point kCentre(70, 60);
constexpr int kRadius = 30;

/// A red disc with a little noise on a green ground; a second, smaller disc of the same red far from it.
cv::Mat picture()
{
    cv::Mat image(kImage.height, kImage.width, CV_8UC3, cv::Scalar(60, 140, 70));
    cv::circle(image, kCentre, kRadius, cv::Scalar(200, 50, 40), cv::FILLED);
    cv::circle(image, {140, 100}, 10, cv::Scalar(200, 50, 40), cv::FILLED);
    cv::Mat noise(image.size(), CV_8UC3);
    cv::RNG(7).fill(noise, cv::RNG::UNIFORM, 0, 8);
    cv::add(image, noise, image);
    return image;
}

cv::Mat1b disc()
{
    cv::Mat1b out(kImage.height, kImage.width, std::uint8_t{0});
    cv::circle(out, kCentre, kRadius, cv::Scalar(1), cv::FILLED);
    return out;
}

template <typename T>
ToolBench bench()
{
    ToolBench canvas(std::make_unique<T>(), kImage);
    canvas.image = picture();
    return canvas;
}

cv::Mat1b mapOf(const Annotation &annotation)
{
    return rasterise(annotation, LabelSet({"_background_", "car", "tree", "sky"}), kImage);
}

cv::Mat1b spread(const std::shared_ptr<const Mask> &mask)
{
    cv::Mat1b out = blankBits({kImage.width, kImage.height});
    if (mask && !mask->box.isEmpty())
        mask->bits.copyTo(out(toCv(mask->box)));
    return out;
}

double iou(const cv::Mat1b &a, const cv::Mat1b &b)
{
    const int both = cv::countNonZero(a & b), any = cv::countNonZero(a | b);
    return any == 0 ? 1 : double(both) / any;
}

int wrong(const cv::Mat1b &a, const cv::Mat1b &b)
{
    return cv::countNonZero(a != b);
}

} // namespace

class SmartToolsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theWandFindsSimilarPixels()
    {
        auto canvas = bench<WandTool>();
        canvas.options.set("tolerance", Json(25));
        canvas.click({70, 60});
        QVERIFY(canvas.edits.empty() && canvas.tool->isBusy()); // proposed, not painted
        QCOMPARE(wrong(spread(canvas.preview().stroke), disc()), 0);
        QVERIFY(canvas.finish());
        QCOMPARE(wrong(mapOf(canvas.annotation), disc()), 0);
        QVERIFY(!canvas.tool->isBusy() && !canvas.preview().stroke);

        canvas.options.set("contiguous", Json(false));
        canvas.annotation = {};
        canvas.click({70, 60});
        canvas.finish();
        QVERIFY(mapOf(canvas.annotation)(100, 140) == 1); // the other disc too
        canvas.click({70, 60});
        QVERIFY(canvas.cancel() && !canvas.finish());
        QCOMPARE(canvas.edits.size(), std::size_t{2});
    }

    void theWandsToleranceIsDragged()
    {
        auto canvas = bench<WandTool>();
        canvas.options.set("tolerance", Json(0));
        canvas.press({70, 60});
        const int few = cv::countNonZero(spread(canvas.preview().stroke));
        canvas.move({70 + 3 * 25, 60}, {.zoom = 1}); // three screen pixels a step
        QCOMPARE(canvas.options["tolerance"].toInt(), 25);
        QCOMPARE(wrong(spread(canvas.preview().stroke), disc()), 0);
        QVERIFY(few < cv::countNonZero(disc()));
        canvas.move({70 - 300, 60});
        QCOMPARE(canvas.options["tolerance"].toInt(), 0);
        QCOMPARE(cv::countNonZero(spread(canvas.preview().stroke)), few);
        canvas.release({70 - 300, 60});
        const int works = canvas.works;
        canvas.move({10, 10}, {}, false); // no drag any more
        QCOMPARE(canvas.works, works);
    }

    void theWandAddsAndTakesAway()
    {
        auto canvas = bench<WandTool>();
        canvas.options.set("tolerance", Json(25));
        canvas.click({70, 60});
        canvas.click({140, 100}, {.shift = true});
        QVERIFY(spread(canvas.preview().stroke)(100, 140) && spread(canvas.preview().stroke)(60, 70));
        canvas.click({70, 60}, {.control = true});
        const auto left = spread(canvas.preview().stroke);
        QVERIFY(left(100, 140) && !left(60, 70));
    }

    void similarPixelsOfAWholeLargeImage()
    {
        cv::Mat image(3000, 4000, CV_8UC3, cv::Scalar(90, 90, 90));
        cv::rectangle(image, {100, 100, 3000, 2500}, cv::Scalar(200, 30, 30), cv::FILLED);
        QElapsedTimer timer;
        timer.start();
        const Mask all = similarPixels(image, {500, 500}, 10, Spread::WholeImage);
        const double wholeMs = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        timer.restart();
        const Mask connected = similarPixels(image, {500, 500}, 10, Spread::Connected);
        qInfo("12 megapixels: whole image %.0f ms, connected %.0f ms", wholeMs,
              static_cast<double>(timer.nsecsElapsed()) / 1e6);
        QVERIFY(all == connected && all.box == (Rect{100, 100, 3000, 2500}));
        QVERIFY(cv::countNonZero(all.bits) == 3000 * 2500);
    }

    void grabCutFromABox()
    {
        auto canvas = bench<GrabCutTool>();
        canvas.drag({{35, 25}, {105, 95}});
        QVERIFY(canvas.edits.empty() && canvas.tool->isBusy());
        QVERIFY(iou(spread(canvas.preview().stroke), disc()) > 0.97);
        QVERIFY(canvas.finish());
        QVERIFY(iou(mapOf(canvas.annotation), disc()) > 0.97);
        QVERIFY(mapOf(canvas.annotation)(100, 140) == 0); // outside the box
        QCOMPARE(canvas.edits.size(), std::size_t{1});
    }

    void grabCutIsRefinedByStrokes()
    {
        auto canvas = bench<GrabCutTool>();
        canvas.radiusPx = 5;
        canvas.drag({{35, 25}, {105, 95}});
        canvas.press({60, 60}, {.control = true});
        canvas.move({80, 60}, {.control = true});
        QVERIFY(canvas.preview().strokeLabels == (std::vector<std::string>{"car", "car", ""}));
        canvas.release({80, 60}, {.control = true});
        QVERIFY(canvas.works == 2);
        canvas.drag({{40, 30}, {45, 30}}); // belongs to it, though green
        QVERIFY(canvas.finish());
        const auto map = mapOf(canvas.annotation);
        QVERIFY(map(60, 70) == 0 && map(60, 60) == 0 && map(30, 42) == 1);
    }

    void grabCutFromStrokesAlone()
    {
        auto canvas = bench<GrabCutTool>();
        canvas.options.set("start", Json("strokes"));
        canvas.options.set("iterations", Json(5));
        canvas.radiusPx = 6;
        canvas.drag({{55, 60}, {85, 60}});
        QVERIFY(spread(canvas.preview().stroke)(40, 70) == 1); // it has grown from the stroke
        canvas.drag({{30, 20}, {110, 20}}, {.control = true});
        canvas.drag({{136, 100}, {144, 100}}, {.control = true}); // nor the other disc
        canvas.drag({{140, 96}, {140, 104}}, {.control = true});
        canvas.finish();
        QVERIFY2(iou(mapOf(canvas.annotation), disc()) > 0.95,
                 qPrintable(QString::number(iou(mapOf(canvas.annotation), disc()))));
    }

    /// A proposal that has the place right and the border wrong, and knows it.
    void grabCutFromTheModel()
    {
        cv::Mat1b ids(kImage.height, kImage.width, std::uint8_t{0});
        cv::Mat1b confidence(kImage.height, kImage.width, std::uint8_t{250});
        cv::circle(confidence, kCentre, kRadius + 8, cv::Scalar(140), cv::FILLED);
        cv::circle(confidence, kCentre, kRadius - 12, cv::Scalar(250), cv::FILLED);
        cv::circle(ids, kCentre + cv::Point(4, 3), kRadius - 5, cv::Scalar(1), cv::FILLED);
        auto canvas = bench<GrabCutTool>();
        canvas.options.set("start", Json("model"));
        canvas.click({70, 60});
        QVERIFY(!canvas.tool->isBusy()); // there is no proposal
        canvas.proposal = std::make_shared<const Proposal>(Proposal{ids, confidence, {"_background_", "car"}});
        canvas.click({140, 100});
        QVERIFY(!canvas.tool->isBusy()); // of no object
        QVERIFY(iou(ids, disc()) < 0.75);
        canvas.click({70, 60});
        QVERIFY(canvas.tool->isBusy());
        QVERIFY2(iou(spread(canvas.preview().stroke), disc()) > 0.97,
                 qPrintable(QString::number(iou(spread(canvas.preview().stroke), disc()))));
        canvas.radiusPx = 3;
        canvas.drag({{60, 60}, {80, 60}}, {.control = true}); // a stroke outweighs the model
        QVERIFY(spread(canvas.preview().stroke)(60, 70) == 0);
        QVERIFY(canvas.finish());
        QVERIFY(mapOf(canvas.annotation)(45, 70) == 1 && mapOf(canvas.annotation)(60, 70) == 0);
        QCOMPARE(canvas.edits.size(), std::size_t{1});
    }

    void grabCutNeverFails_data()
    {
        QTest::addColumn<bool>("onImage");
        QTest::newRow("a box of all of the image") << true;
        QTest::newRow("one pixel") << false;
    }
    void grabCutNeverFails()
    {
        QFETCH(bool, onImage);
        const Rect box = onImage ? Rect{0, 0, kImage.width, kImage.height} : Rect{20, 20, 1, 1};
        const Mask first = grabCut({.image = picture(), .box = box, .strokes = {}, .previous = {}});
        const Mask again = grabCut({.image = picture(), .box = box, .strokes = {}, .previous = {}});
        QVERIFY(first == again); // the same strokes, the same pixels
        const Mask all{box, cv::Mat1b(box.height, box.width, std::uint8_t{3})};
        QVERIFY(grabCut({.image = picture(), .box = box, .strokes = all, .previous = {}}).box.isEmpty());
    }

    void scissorsFollowEdges()
    {
        auto canvas = bench<ScissorsTool>();
        canvas.options.set("tolerance_px", Json(0.5));
        const auto rim = [](double degrees) {
            const double a = degrees * std::atan(1.0) / 45;
            return Point{kCentre.x + 0.5 + kRadius * std::cos(a), kCentre.y + 0.5 + kRadius * std::sin(a)};
        };
        canvas.click(rim(0));
        canvas.move(rim(90), {}, false);
        QVERIFY(canvas.preview().outline.size() > 10); // the live way bends along the rim
        for (const Point &p : canvas.preview().outline)
            QVERIFY(std::abs(distance(p, {kCentre.x + 0.5, kCentre.y + 0.5}) - kRadius) < 3);
        for (const double degrees : {90, 180, 270})
            canvas.click(rim(degrees));
        QVERIFY(canvas.edits.empty());
        canvas.click(rim(2)); // at the first click: closes
        const Shape &shape = canvas.annotation.shapes.at(0);
        QVERIFY(shape.type == ShapeType::Polygon && shape.points.size() > 8 && shape.points.size() < 200);
        QVERIFY2(iou(mapOf(canvas.annotation), disc()) > 0.95,
                 qPrintable(QString::number(iou(mapOf(canvas.annotation), disc()))));
        QVERIFY(!canvas.tool->isBusy());
    }

    void scissorsTakeClicksBackAndDrawStraight()
    {
        auto canvas = bench<ScissorsTool>();
        canvas.options.set("result", Json("mask"));
        canvas.click({20, 20}, {.alt = true});
        canvas.click({120, 20}, {.alt = true});
        canvas.click({120, 30}, {.alt = true});
        QVERIFY(canvas.back());
        canvas.click({120, 110}, {.alt = true});
        QCOMPARE(canvas.preview().outline.size(), std::size_t{3});
        canvas.click({20, 110}, {.alt = true});
        canvas.move({20, 100}, {.alt = true}, false);
        QVERIFY(canvas.finish());
        const Shape &shape = canvas.annotation.shapes.at(0);
        QVERIFY(shape.type == ShapeType::Mask && shape.mask->box == (Rect{20, 20, 101, 91}));
        QVERIFY(!canvas.back() && !canvas.cancel());
    }

    void superpixelsCoverTheirArea_data()
    {
        QTest::addColumn<int>("sizePx");
        QTest::newRow("small") << 6;
        QTest::newRow("middle") << 24;
        QTest::newRow("in a reduced copy") << 60;
    }
    void superpixelsCoverTheirArea()
    {
        QFETCH(int, sizePx);
        const Rect area{10, 5, 140, 110};
        const auto cut = cutIntoSuperpixels(picture(), area, sizePx, 15);
        double low = 0, high = 0;
        cv::minMaxLoc(cut.labels, &low, &high);
        QVERIFY(low == 0 && high >= 1);
        cv::Mat1i times(kImage.height, kImage.width, 0);
        for (int label = 0; label <= static_cast<int>(high); ++label) {
            const Mask mask = cut.pixelsOf(label);
            for (int y = 0; y < mask.bits.rows; ++y)
                for (int x = 0; x < mask.bits.cols; ++x)
                    if (mask.bits(y, x)) {
                        ++times(mask.box.y + y, mask.box.x + x);
                        QCOMPARE(cut.labelAt({mask.box.x + x, mask.box.y + y}), label);
                    }
        }
        QCOMPARE(cv::countNonZero(times(toCv(area)) != 1), 0); // each pixel in one
        QCOMPARE(static_cast<int>(cv::sum(times)[0]), area.width * area.height);
    }

    void superpixelsArePainted()
    {
        auto canvas = bench<SuperpixelTool>();
        canvas.options.set("size_px", Json(10));
        canvas.move({70, 60}, {}, false);
        QVERIFY(canvas.works == 1 && canvas.preview().stroke);
        const auto hovered = spread(canvas.preview().stroke);
        QVERIFY(hovered(60, 70) == 1);
        QVERIFY(cv::countNonZero(hovered & (disc() == 0)) == 0); // keeps to the edge
        canvas.click({70, 60});
        QCOMPARE(wrong(mapOf(canvas.annotation), hovered), 0);
        canvas.drag({{60, 60}, {80, 60}});
        QCOMPARE(canvas.edits.size(), std::size_t{2});
        const auto painted = mapOf(canvas.annotation);
        for (int x = 60; x <= 80; ++x)
            QVERIFY(painted(60, x) == 1);
        QVERIFY(canvas.works == 1); // they were known
        canvas.drag({{60, 60}, {80, 60}}, {.control = true});
        QCOMPARE(mapOf(canvas.annotation)(60, 70), std::uint8_t{0});
        canvas.press({70, 60});
        QVERIFY(canvas.cancel() && !canvas.tool->isBusy());
        QCOMPARE(canvas.edits.size(), std::size_t{3});
    }

    void superpixelsThatAreNotKnownYetAreWaitedFor()
    {
        SuperpixelTool tool;
        Annotation annotation;
        const ToolContext context{.annotation = annotation, .imageSize = kImage, .label = "car", .image = picture()};
        tool.press(context, {.position = {60, 60}});
        const auto work = tool.nextWork(context);
        QVERIFY(work && !tool.nextWork(context)); // one at a time
        tool.move(context, {.position = {80, 60}}, true);
        QVERIFY(!tool.release(context, {.position = {80, 60}}).edit);
        QVERIFY(tool.isBusy());
        const auto result = tool.takeWork(context, work(std::stop_token()));
        QVERIFY(result.edit && !tool.isBusy());
        apply(*result.edit, annotation);
        for (int x = 60; x <= 80; ++x)
            QVERIFY(mapOf(annotation)(60, x) == 1);
        tool.leaveImage();
        tool.press(context, {.position = {60, 60}});
        QVERIFY(tool.nextWork(context));
        tool.takeWork(context, {}); // it failed
        QVERIFY(!tool.isBusy() && !tool.nextWork(context));
    }

    void watershedFromMarkersOfSeveralClasses()
    {
        auto canvas = bench<WatershedTool>();
        canvas.radiusPx = 3;
        canvas.drag({{60, 60}, {80, 60}});
        canvas.label = "tree";
        canvas.drag({{20, 15}, {120, 15}});
        canvas.drag({{20, 105}, {120, 105}});
        QVERIFY(canvas.preview().strokeLabels == (std::vector<std::string>{"car", "tree"}));
        QVERIFY(canvas.finish() && canvas.edits.empty()); // proposes
        QCOMPARE(canvas.works, 1);
        QVERIFY(canvas.finish()); // takes
        QCOMPARE(canvas.edits.size(), std::size_t{1});
        const auto map = mapOf(canvas.annotation);
        QVERIFY2(iou(whereEqual(map, 1), disc()) > 0.9, qPrintable(QString::number(iou(whereEqual(map, 1), disc()))));
        QVERIFY(map(60, 20) == 2);
        QCOMPARE(cv::countNonZero(map(cv::Rect(17, 12, 100, 90)) == 0), 0); // no gaps between the basins
        QVERIFY(!canvas.tool->isBusy());
    }

    void watershedMarkersOfNoClassStayEmpty()
    {
        auto canvas = bench<WatershedTool>();
        canvas.radiusPx = 3;
        canvas.drag({{60, 60}, {80, 60}});
        canvas.drag({{20, 15}, {120, 15}}, {.control = true});
        canvas.drag({{5, 110}, {9, 110}});
        QVERIFY(canvas.back()); // the last stroke
        canvas.finish();
        canvas.finish();
        const auto map = mapOf(canvas.annotation);
        QVERIFY(iou(map, disc()) > 0.9 && map(110, 7) == 0);
        canvas.drag({{5, 110}, {9, 110}});
        QVERIFY(canvas.back() && !canvas.tool->isBusy());
    }

    void watershedMarkersChangedAfterTheProposalProposeAnew()
    {
        auto canvas = bench<WatershedTool>();
        canvas.radiusPx = 3;
        canvas.drag({{60, 60}, {80, 60}});
        canvas.finish();
        canvas.drag({{20, 15}, {120, 15}}, {.control = true});
        QVERIFY(canvas.edits.empty());
        canvas.finish();
        QVERIFY(canvas.edits.empty());
        canvas.finish();
        QVERIFY(iou(mapOf(canvas.annotation), disc()) > 0.9);
    }

    void aMoveNeverWaitsForWork_data()
    {
        QTest::addColumn<QByteArray>("id");
        for (const char *id : {"wand", "grabcut", "scissors", "superpixel", "watershed"})
            QTest::newRow(id) << QByteArray(id);
    }
    void aMoveNeverWaitsForWork()
    {
        // 12 megapixels with edges everywhere; what the window's thread does is timed, what jobs do is not.
        QFETCH(QByteArray, id);
        const Size size{4000, 3000};
        cv::Mat image(size.height, size.width, CV_8UC3, cv::Scalar(90, 110, 80));
        cv::RNG random(3);
        for (int i = 0; i < 3000; ++i)
            cv::circle(image, {random.uniform(0, size.width), random.uniform(0, size.height)}, random.uniform(5, 60),
                       cv::Scalar(random.uniform(0, 256), random.uniform(0, 256), random.uniform(0, 256)), cv::FILLED);
        const auto tools = builtinTools();
        const auto factory = std::find_if(tools.begin(), tools.end(),
                                          [&](const auto &tool) { return tool->description().id == id.toStdString(); });
        QVERIFY(factory != tools.end());
        const auto tool = (*factory)->create();
        Annotation annotation;
        const ToolContext context{.annotation = annotation,
                                  .imageSize = size,
                                  .label = "car",
                                  .brushRadiusPx = 40,
                                  .drawOver = DrawOver::Unlabelled,
                                  .image = image};
        std::vector<double> milliseconds;
        double worstWorkMs = 0;
        const auto timed = [&](const auto &call) {
            QElapsedTimer timer;
            timer.start();
            ToolResult result = call();
            (void)tool->preview(context);
            milliseconds.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
            if (result.edit)
                apply(*result.edit, annotation);
        };
        const auto work = [&] {
            while (const ToolWork due = tool->nextWork(context)) {
                QElapsedTimer timer;
                timer.start();
                std::any done = due(std::stop_token());
                worstWorkMs = std::max(worstWorkMs, static_cast<double>(timer.nsecsElapsed()) / 1e6);
                timed([&] { return tool->takeWork(context, std::move(done)); });
            }
        };
        for (int gesture = 0; gesture < 4; ++gesture) {
            const Point from{900.0 + 300 * gesture, 900};
            timed([&] { return tool->press(context, {.position = from}); });
            for (int i = 0; i < 60; ++i) {
                const Point at{from.x + 15 * i, from.y + 10 * i};
                timed([&] { return tool->move(context, {.position = at}, true); });
                if (i % 20 == 19)
                    work();
            }
            timed([&] { return tool->release(context, {.position = {from.x + 900, from.y + 600}}); });
            if (id == "watershed")
                timed([&] { return tool->finish(context); });
            work();
        }
        std::sort(milliseconds.begin(), milliseconds.end());
        qInfo("%s: %zu calls, median %.3f ms, p99 %.2f ms, worst %.1f ms; longest work %.0f ms", id.constData(),
              milliseconds.size(), milliseconds[milliseconds.size() / 2], milliseconds[milliseconds.size() * 99 / 100],
              milliseconds.back(), worstWorkMs);
        QVERIFY(milliseconds[milliseconds.size() * 9 / 10] < 8); // a loaded machine may disturb a few
    }

    void enterWhileTheWorkIsDoneIsKept()
    {
        GrabCutTool tool;
        const Annotation annotation;
        const ToolContext context{.annotation = annotation, .imageSize = kImage, .label = "car", .image = picture()};
        tool.press(context, {.position = {35, 25}});
        tool.release(context, {.position = {105, 95}});
        const auto work = tool.nextWork(context);
        QVERIFY(!tool.finish(context).edit && tool.isBusy());
        QVERIFY(tool.takeWork(context, work(std::stop_token())).edit && !tool.isBusy());
    }
};

QTEST_GUILESS_MAIN(SmartToolsTest)
#include "test_smart_tools.moc"
