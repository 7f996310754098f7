// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/tools/builtin_tools.h"
#include "core/base/Random.h"

#include "tests/support/ToolBench.h"
#include "tests/support/support.h"

#include <QElapsedTimer>
#include <QObject>

#include <opencv2/imgproc.hpp>

#include <map>

using namespace masque;

namespace {

constexpr Size kImage{96, 72};

/// A red disc on a green ground.
cv::Mat picture()
{
    cv::Mat image(kImage.height, kImage.width, CV_8UC3, cv::Scalar(60, 140, 70));
    cv::circle(image, {45, 36}, 20, cv::Scalar(200, 50, 40), cv::FILLED);
    cv::Mat noise(image.size(), CV_8UC3);
    cv::RNG(7).fill(noise, cv::RNG::UNIFORM, 0, 8);
    cv::add(image, noise, image);
    return image;
}

cv::Mat1b mapOf(const Annotation &annotation)
{
    return rasterise(annotation, LabelSet({"_background_", "car", "tree", "sky"}), kImage);
}

/// One gesture of each tool about the disc's place, by which every rule's areas are met.
const std::map<std::string, std::function<void(ToolBench &)>> &gestures()
{
    const auto finish = [](auto gesture) {
        return [gesture](ToolBench &canvas) {
            gesture(canvas);
            canvas.finish();
            if (canvas.tool->isBusy()) // watershed proposes first
                canvas.finish();
        };
    };
    const auto clicks = [](std::vector<Point> points) {
        return [points](ToolBench &canvas) {
            for (const Point &p : points)
                canvas.click(p);
        };
    };
    const auto drag = [](std::vector<Point> path) { return [path](ToolBench &canvas) { canvas.drag(path); }; };
    static const std::map<std::string, std::function<void(ToolBench &)>> all{
        {"polygon", finish(clicks({{20, 10}, {80, 12}, {75, 60}, {22, 58}}))},
        {"rectangle", drag({{20, 10}, {70, 60}})},
        {"oriented-rectangle", clicks({{20, 14}, {70, 10}, {72, 60}})},
        {"circle", drag({{45, 36}, {70, 40}})},
        {"line", drag({{15, 15}, {75, 60}})},
        {"linestrip", finish(clicks({{15, 15}, {75, 20}, {30, 60}}))},
        {"point", clicks({{35, 36}})},
        {"brush", drag({{15, 20}, {75, 40}, {30, 55}})},
        {"eraser", drag({{15, 20}, {75, 40}, {30, 55}})},
        {"lasso", drag({{20, 10}, {80, 12}, {75, 60}, {22, 58}})},
        {"lasso-subtract", drag({{20, 10}, {80, 12}, {75, 60}, {22, 58}})},
        {"fill", clicks({{5, 5}})},
        {"fill-holes", clicks({{90, 36}})},
        {"dilate", clicks({{90, 36}})},
        {"erode", clicks({{90, 36}})},
        {"wand", finish(clicks({{45, 36}}))},
        {"grabcut", finish(drag({{20, 10}, {70, 62}}))},
        {"scissors", finish(clicks({{25, 16}, {65, 16}, {65, 56}, {25, 56}}))},
        {"superpixel", drag({{30, 30}, {60, 40}})},
        {"watershed", finish(drag({{40, 36}, {50, 36}}))},
        {"model-brush", drag({{15, 20}, {75, 40}, {30, 55}})},
        {"model-lasso", drag({{20, 10}, {80, 12}, {75, 60}, {22, 58}})},
        {"model-fill", clicks({{45, 36}})},
    };
    return all;
}

/// Trees, sky as a mask, sky as a rectangle (on top), and a large car with a hole at the right.
Annotation scene()
{
    Annotation annotation;
    annotation.shapes = {boxShape("tree", {24, 20, 14, 14}), boxShape("sky", {52, 20, 12, 12}),
                         Shape{.label = "sky", .type = ShapeType::Rectangle, .points = {{40, 40}, {55, 52}}}};
    Shape car = boxShape("car", {70, 4, 24, 64});
    cv::Mat1b bits = car.mask->bits.clone();
    bits(cv::Rect(8, 20, 6, 20)).setTo(0);
    car.mask = std::make_shared<const Mask>(Mask{car.mask->box, bits});
    annotation.shapes.insert(annotation.shapes.begin(), car);
    return annotation;
}

/// A model that sees cars (id 1) in squares, by turns with as many classes as asked for.
std::shared_ptr<const Proposal> proposal(int first, int count)
{
    Proposal out{cv::Mat1b(kImage.height, kImage.width),
                 cv::Mat1b(kImage.height, kImage.width, std::uint8_t{255}),
                 {"_background_", "car", "tree"}};
    for (int y = 0; y < kImage.height; ++y)
        for (int x = 0; x < kImage.width; ++x)
            out.ids(y, x) = static_cast<std::uint8_t>(first + (x / 13 + y / 11) % count);
    return std::make_shared<const Proposal>(std::move(out));
}

ToolBench benchOf(const std::string &id)
{
    for (const auto &factory : builtinTools())
        if (factory->description().id == id) {
            ToolBench canvas(factory->create(), kImage);
            canvas.image = picture();
            canvas.proposal = proposal(1, 1);
            for (const OptionSpec &spec : factory->description().options)
                canvas.options.set(spec.key, spec.defaultValue);
            return canvas;
        }
    qFatal("no such tool");
}

bool identical(const Annotation &a, const Annotation &b)
{
    if (!sameContent(a, b))
        return false;
    for (std::size_t i = 0; i < a.shapes.size(); ++i)
        if (a.shapes[i].id != b.shapes[i].id)
            return false;
    return true;
}

} // namespace

class ToolRulesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyToolObeysEveryRule_data()
    {
        QTest::addColumn<QByteArray>("tool");
        QTest::addColumn<QByteArray>("rule");
        for (const auto &factory : builtinTools()) {
            const std::string id = factory->description().id;
            if (factory->description().use == ToolDescription::Use::Selects)
                continue;
            QVERIFY2(gestures().contains(id), id.c_str());
            for (const char *rule :
                 {"everything", "unlabelled", "one class", "locked mask", "locked rectangle", "locked class"})
                QTest::addRow("%s, %s", id.c_str(), rule) << QByteArray(id.c_str()) << QByteArray(rule);
        }
    }
    void everyToolObeysEveryRule()
    {
        QFETCH(QByteArray, tool);
        QFETCH(QByteArray, rule);
        auto free = benchOf(tool.toStdString()), canvas = benchOf(tool.toStdString());
        free.annotation = canvas.annotation = scene();
        if (rule == "locked mask") // the locked one on top
            std::rotate(canvas.annotation.shapes.begin() + 1, canvas.annotation.shapes.begin() + 2,
                        canvas.annotation.shapes.end());
        free.annotation = canvas.annotation;
        const Annotation start = canvas.annotation;
        const cv::Mat1b before = mapOf(start);
        const bool erases = tool == "eraser" || tool == "lasso-subtract" || tool == "erode";

        cv::Mat1b forbidden = blankBits({kImage.width, kImage.height});
        if (rule == "unlabelled") {
            canvas.drawOver = DrawOver::Unlabelled;
            if (!erases)
                forbidden = before != 0;
        } else if (rule == "one class") {
            canvas.drawOver = DrawOver::OneClass;
            canvas.overClass = "sky";
            forbidden = before != 3;
        } else if (rule == "locked mask" || rule == "locked rectangle") {
            const Shape &locked = canvas.annotation.shapes.back();
            canvas.protectedShapes = {locked.id};
            paintShape(forbidden, {}, locked, 255);
            QCOMPARE(locked.type == ShapeType::Mask, rule == "locked mask");
        } else if (rule == "locked class") {
            canvas.lockedClasses = {"car"};
            canvas.protectedShapes = {start.shapes[0].id};
            forbidden.setTo(255, before == 1);
            if (!erases)
                forbidden.setTo(255);
        }
        gestures().at(tool.toStdString())(free);
        gestures().at(tool.toStdString())(canvas);
        QVERIFY(!free.edits.empty());
        cv::Mat1b expected = mapOf(free.annotation);
        QVERIFY(cv::countNonZero(expected != before) > 0);
        before.copyTo(expected, forbidden);
        const cv::Mat1b result = mapOf(canvas.annotation);
        QVERIFY2(cv::countNonZero(result != expected) == 0,
                 qPrintable(QString::number(cv::countNonZero(result != expected))));
        for (const ShapeId id : canvas.protectedShapes) // not one bit of it
            QVERIFY(canvas.annotation.find(id) && sameContent(*canvas.annotation.find(id), *start.find(id)));
        for (std::size_t i = canvas.edits.size(); i-- > 0;)
            apply(inverted(canvas.edits[i]), canvas.annotation);
        QVERIFY(identical(canvas.annotation, start));
    }

    void rulesMeetSomethingInEachGesture()
    {
        // Or the rows above could not fail.
        for (const auto &[id, gesture] : gestures()) {
            auto canvas = benchOf(id);
            canvas.annotation = scene();
            const auto before = mapOf(canvas.annotation);
            gesture(canvas);
            const cv::Mat changed = mapOf(canvas.annotation) != before;
            if (id == "fill" || id == "fill-holes" || id == "dilate" || id == "erode" || id == "point")
                continue; // their place has one class by what they are
            QVERIFY2(cv::countNonZero(changed & (before != 0)) > 0, id.c_str());
        }
    }

    void undoAllIsTheStartRedoAllTheEnd()
    {
        constexpr std::size_t kEdits = 10000;
        QElapsedTimer timer;
        timer.start();
        Random random(20261125);
        std::vector<ToolBench> tools;
        std::vector<std::string> ids;
        for (const auto &factory : builtinTools()) {
            ids.push_back(factory->description().id);
            tools.push_back(benchOf(ids.back()));
            tools.back().proposal = proposal(0, 3);
        }
        std::map<std::string, int> editsOf;
        const std::vector<std::string> classes{"car", "tree", "sky"};
        TestFolder folder;
        Annotation annotation{.shapes = {}, .imagePath = "a.jpg", .imageSize = kImage};
        const Annotation start = annotation;
        std::vector<Edit> edits;
        int saved = 0;
        const auto record = [&](const std::string &id, const std::vector<Edit> &made) {
            for (const Edit &edit : made) {
                edits.push_back(edit);
                ++editsOf[id];
            }
        };
        while (edits.size() < kEdits) {
            if (annotation.shapes.size() > 24) { // as a person who tidies up
                std::vector<ShapeId> some;
                for (const Shape &shape : annotation.shapes)
                    if (random.chance(0.6))
                        some.push_back(shape.id);
                if (some.empty())
                    continue;
                const Edit edit = removeShapes(annotation, some, "Delete");
                apply(edit, annotation);
                record("delete", {edit});
            }
            const auto which = static_cast<std::size_t>(random.below(static_cast<std::uint32_t>(tools.size())));
            ToolBench &canvas = tools[which];
            canvas.edits.clear();
            canvas.annotation = annotation;
            canvas.label = classes[static_cast<std::size_t>(random.below(3))];
            canvas.radiusPx = random.uniform(0.5, 9);
            canvas.drawOver = DrawOver(random.below(3));
            canvas.overClass = classes[static_cast<std::size_t>(random.below(3))];
            canvas.selection.clear();
            canvas.protectedShapes.clear();
            for (const Shape &shape : annotation.shapes) {
                if (random.chance(0.1))
                    canvas.protectedShapes.insert(shape.id);
                else if (random.chance(0.2))
                    canvas.selection.insert(shape.id);
            }
            const auto somewhere = [&] { return Point{random.uniform(-5, 101), random.uniform(-5, 77)}; };
            const int presses = 1 + static_cast<int>(random.below(5));
            for (int i = 0; i < presses; ++i) {
                const ToolBench::Keys keys{.shift = random.chance(0.15),
                                           .control = random.chance(0.15),
                                           .alt = random.chance(0.1),
                                           .pressure = random.uniform(0.2, 1),
                                           .zoom = random.chance(0.5) ? 1.0 : 0.25};
                if (random.chance(0.5))
                    canvas.click(somewhere(), keys);
                else
                    canvas.drag({somewhere(), somewhere(), somewhere()}, keys);
                if (random.chance(0.1))
                    canvas.back();
            }
            for (int i = 0; i < 2 && random.chance(0.9); ++i)
                canvas.finish();
            canvas.cancel();
            QVERIFY(!canvas.tool->isBusy());
            for (const ShapeId id : canvas.protectedShapes)
                QVERIFY2(canvas.annotation.find(id) && sameContent(*canvas.annotation.find(id), *annotation.find(id)),
                         ids[which].c_str());
            record(ids[which], canvas.edits);
            annotation = canvas.annotation;
            if (edits.size() / 100 > static_cast<std::size_t>(saved)) {
                saved = static_cast<int>(edits.size() / 100);
                MASQUE_VERIFY(writeLabelMe(folder.file("a.json"), annotation));
                const auto again = readLabelMe(folder.file("a.json"));
                MASQUE_VERIFY(again);
                QVERIFY(sameContent(*again, annotation));
            }
        }
        for (const std::string &id : ids)
            QVERIFY2(editsOf[id] > 50, qPrintable(QString("%1: %2").arg(id.c_str()).arg(editsOf[id])));
        const Annotation end = annotation;
        for (std::size_t i = edits.size(); i-- > 0;)
            apply(inverted(edits[i]), annotation);
        QVERIFY(identical(annotation, start));
        for (const Edit &edit : edits)
            apply(edit, annotation);
        QVERIFY(identical(annotation, end));
        qInfo("%zu edits by %zu tools in %.1f s", edits.size(), ids.size(),
              static_cast<double>(timer.elapsed()) / 1000);
    }
};

QTEST_GUILESS_MAIN(ToolRulesTest)
#include "test_tool_rules.moc"
