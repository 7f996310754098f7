// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/mask_ops.h"
#include "core/annotations/tools/builtin_tools.h"
#include "core/inference/proposals.h"
#include "tests/studio/label/WorkspaceTest.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPointingDevice>
#include <QSpinBox>
#include <QTabletEvent>

#include <opencv2/imgproc.hpp>

#include <cmath>
#include <map>

using namespace masque;

namespace {

constexpr Size kImage{64, 48};
const cv::Point kCentre(30, 24);
constexpr int kRadius = 12;

/// A red disc on a green ground.
cv::Mat picture()
{
    cv::Mat image(kImage.height, kImage.width, CV_8UC3, cv::Scalar(60, 140, 70));
    cv::circle(image, kCentre, kRadius, cv::Scalar(200, 50, 40), cv::FILLED);
    return image;
}

cv::Mat1b disc()
{
    cv::Mat1b out(kImage.height, kImage.width, std::uint8_t{0});
    cv::circle(out, kCentre, kRadius, cv::Scalar(1), cv::FILLED);
    return out;
}

cv::Mat1b where(const std::function<bool(double, double)> &isIn)
{
    cv::Mat1b out(kImage.height, kImage.width);
    for (int y = 0; y < out.rows; ++y)
        for (int x = 0; x < out.cols; ++x)
            out(y, x) = isIn(x + 0.5, y + 0.5) ? 1 : 0;
    return out;
}

cv::Mat1b maskOf(const Shape &shape)
{
    cv::Mat1b out = blankBits({kImage.width, kImage.height});
    paintShape(out, {}, shape, 1);
    return out;
}

double iou(const cv::Mat1b &a, const cv::Mat1b &b)
{
    const int any = cv::countNonZero(a | b);
    return any == 0 ? 1 : double(cv::countNonZero(a & b)) / any;
}

double toSegment(double x, double y, QPointF a, QPointF b)
{
    const QPointF d = b - a, p = QPointF(x, y) - a;
    const double square = QPointF::dotProduct(d, d);
    const double t = square > 0 ? qBound(0.0, QPointF::dotProduct(p, d) / square, 1.0) : 0;
    return std::hypot(p.x() - d.x() * t, p.y() - d.y() * t);
}

} // namespace

/// Each tool driven by real mouse events on the canvas, and the pixels that it must give.
class TestToolsGui : public WorkspaceTest {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup() { tearDown(); }
    void everyToolGivesItsMask_data();
    void everyToolGivesItsMask();
    void everyToolIsInThePaletteWithAnIconAndAKey();
    void rulesAndLocks_data();
    void rulesAndLocks();
    void theBarShowsTheToolsOptions();
    void altDragSizesTheBrush();
    void shiftClickDrawsALine();
    void aPensPressureScalesTheBrush();
    void escapeDropsAProposal();
    void refinesTheSelectionFromTheMenu();
    void watershedAsksForTheClassFirst();
    void aLockedClassIsSaid();
    void workIsDroppedWhenTheImageIsLeft();

private:
    void enter() { QTest::keyClick(m_canvas, Qt::Key_Return); }
    void gesture(const std::string &tool);
    void setBrush(int diameter)
    {
        m_workspace->findChild<QSpinBox *>(QStringLiteral("brush-size"))->setValue(diameter);
    }
    void addMask(const std::string &label, Rect area)
    {
        m_document->applyEdit(
            paintEdit(m_document->annotation(), {area, cv::Mat1b(area.height, area.width, std::uint8_t{1})}, label));
    }
    cv::Mat1b carMap() const { return classMap(1); } ///< 0 and 1
    cv::Mat1b classMap(int id) const
    {
        cv::Mat1b out;
        cv::min(whereEqual(map(), id), 1, out);
        return out;
    }
};

void TestToolsGui::init()
{
    setUp();
    MASQUE_VERIFY(writeImage(m_data->file("picture.png"), picture()));
    if (QByteArray(QTest::currentDataTag()).startsWith("model-")) {
        const cv::Mat1b sure(kImage.height, kImage.width, std::uint8_t{255});
        const StoredProposal proposal{{disc(), sure, {"_background_", "car"}}, "a run", 1, 0};
        const std::string file = proposalFile(m_data->path().toStdString(), "picture.png");
        MASQUE_VERIFY(writeProposal(file, proposal, m_data->file("picture.png")));
    }
    m_document->open(m_data->path() + QStringLiteral("/picture.png"));
    QVERIFY(m_document->isLoaded());
    lookAt400Percent();
    m_canvas->setFocus();
    m_document->setActiveLabel(QStringLiteral("car"));
}

/// A gesture about the disc. All coordinates are whole widget pixels.
void TestToolsGui::gesture(const std::string &tool)
{
    useTool(tool.c_str());
    m_canvas->setFocus();
    const auto clicks = [this](const std::vector<QPointF> &points) {
        for (const QPointF &p : points)
            click(p.x(), p.y());
    };
    const std::vector<QPointF> square{{10, 8}, {50, 8}, {50, 40}, {10, 40}};
    if (tool == "polygon" || tool == "linestrip") {
        clicks(square);
        enter();
    } else if (tool == "rectangle" || tool == "grabcut") {
        drag({{12, 6}, {30, 30}, {48, 42}});
        if (tool == "grabcut")
            enter();
    } else if (tool == "oriented-rectangle") {
        clicks({{10, 8}, {50, 8}});
        move(30, 20);
        click(30, 30);
    } else if (tool == "circle") {
        drag({{30, 24}, {40, 24}});
    } else if (tool == "line") {
        drag({{10, 10}, {50, 40}});
    } else if (tool == "point") {
        click(30, 24);
    } else if (tool == "brush" || tool == "eraser") {
        setBrush(8);
        drag({{10, 24}, {50, 24}});
    } else if (tool == "lasso" || tool == "lasso-subtract" || tool == "model-lasso") {
        drag(square);
    } else if (tool == "model-brush") {
        setBrush(30);
        drag({{24, 24}, {36, 24}});
    } else if (tool == "fill" || tool == "fill-holes" || tool == "dilate" || tool == "erode") {
        click(30, 10);
    } else if (tool == "model-fill") {
        click(30, 24);
    } else if (tool == "wand") {
        click(30, 24);
        enter();
    } else if (tool == "scissors") {
        clicks({{42, 24}, {30, 36}, {18, 24}, {30, 12}});
        enter();
    } else if (tool == "superpixel") {
        m_workspace->findChild<QSpinBox *>(QStringLiteral("option-size_px"))->setValue(8);
        drag({{24, 24}, {36, 24}});
    } else if (tool == "watershed") {
        const int steps = m_document->undoStack()->count();
        setBrush(4);
        drag({{26, 24}, {34, 24}});
        drag({{6, 4}, {56, 4}}, Qt::ControlModifier);
        enter();
        QCOMPARE(m_document->undoStack()->count(), steps); // proposed, not taken
        enter();
    } else {
        QFAIL(("no gesture for " + tool).c_str());
    }
}

void TestToolsGui::everyToolGivesItsMask_data()
{
    QTest::addColumn<QByteArray>("tool");
    for (const auto &factory : builtinTools())
        if (factory->description().use != ToolDescription::Use::Selects)
            QTest::newRow(factory->description().id.c_str()) << QByteArray(factory->description().id.c_str());
}

void TestToolsGui::everyToolGivesItsMask()
{
    QFETCH(QByteArray, tool);
    const std::vector<Point> square{{10, 8}, {50, 8}, {50, 40}, {10, 40}};
    const Rect frame{10, 6, 40, 36};
    const auto inFrame = [&](double x, double y, double wider) {
        const double dx = std::max({frame.x + 0.5 - x, x - frame.right() + 0.5, 0.0});
        const double dy = std::max({frame.y + 0.5 - y, y - frame.bottom() + 0.5, 0.0});
        return std::hypot(dx, dy) <= wider;
    };
    if (tool == "eraser" || tool == "lasso-subtract" || tool == "fill-holes" || tool == "dilate" || tool == "erode")
        addMask("car", frame);
    if (tool == "fill-holes")
        m_document->applyEdit(
            eraseEdit(m_document->annotation(), {{20, 20, 8, 8}, cv::Mat1b(8, 8, std::uint8_t{1})}, kImage));
    const int steps = m_document->undoStack()->count();
    const cv::Mat1b before = carMap();
    gesture(tool.toStdString());
    QCOMPARE(m_document->undoStack()->count(), steps + 1); // one gesture, one step

    const cv::Mat1b result = carMap();
    cv::Mat1b expected;
    double least = 1; // of agreement
    if (tool == "polygon")
        expected = maskOf({.points = square});
    else if (tool == "linestrip")
        expected = maskOf({.type = ShapeType::LineStrip, .points = square});
    else if (tool == "rectangle")
        expected = maskOf({.type = ShapeType::Rectangle, .points = {{12, 6}, {48, 42}}});
    else if (tool == "oriented-rectangle")
        expected = maskOf({.points = {{10, 8}, {50, 8}, {50, 30}, {10, 30}}});
    else if (tool == "circle")
        expected = maskOf({.type = ShapeType::Circle, .points = {{30, 24}, {40, 24}}});
    else if (tool == "line")
        expected = maskOf({.type = ShapeType::Line, .points = {{10, 10}, {50, 40}}});
    else if (tool == "point")
        expected = maskOf({.type = ShapeType::PointShape, .points = {{30, 24}}});
    else if (tool == "brush")
        expected = where([](double x, double y) { return toSegment(x, y, {10, 24}, {50, 24}) <= 4; });
    else if (tool == "eraser")
        expected = where([&](double x, double y) {
            return inFrame(x, y, 0) && toSegment(x, y, {10, 24}, {50, 24}) > 4;
        });
    else if (tool == "lasso")
        expected = maskOf({.points = square});
    else if (tool == "lasso-subtract")
        cv::subtract(where([&](double x, double y) { return inFrame(x, y, 0); }), maskOf({.points = square}), expected);
    else if (tool == "fill")
        expected = where([](double, double) { return true; });
    else if (tool == "fill-holes")
        expected = where([&](double x, double y) { return inFrame(x, y, 0); });
    else if (tool == "dilate")
        expected = where([&](double x, double y) { return inFrame(x, y, 2); });
    else if (tool == "erode")
        expected = where([](double x, double y) { return x > 12 && x < 48 && y > 8 && y < 40; });
    else
        expected = disc();
    if (tool == "grabcut")
        least = 0.97;
    if (tool == "scissors" || tool == "watershed")
        least = 0.9;
    if (tool == "superpixel") { // as far as it went: the disc's inner superpixels, and nothing of the ground
        QVERIFY(cv::countNonZero(result & (expected == 0)) == 0);
        for (int x = 24; x <= 36; ++x)
            QVERIFY(result(24, x) == 1);
    } else {
        QVERIFY2(iou(result, expected) >= least, qPrintable(QString::number(iou(result, expected))));
    }

    m_canvas->setFocus();
    QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(cv::countNonZero(carMap() != before), 0);
    QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(cv::countNonZero(carMap() != result), 0);
}

void TestToolsGui::everyToolIsInThePaletteWithAnIconAndAKey()
{
    std::map<QString, QString> keys;
    for (const auto &factory : builtinTools()) {
        const ToolDescription tool = factory->description();
        const QString id = QString::fromStdString(tool.id);
        auto *button = m_workspace->findChild<QToolButton *>(QStringLiteral("tool-") + id);
        QVERIFY2(button && button->isVisible(), tool.id.c_str());
        QVERIFY2(!button->icon().pixmap(24, 24).toImage().isNull() && !button->accessibleName().isEmpty(),
                 tool.id.c_str());
        const QString key = action(("action-tool-" + tool.id).c_str())->shortcut().toString();
        QVERIFY2(!key.isEmpty() && button->toolTip().contains(QString::fromStdString(tool.help)), tool.id.c_str());
        QVERIFY2(keys.emplace(key, id).second, qPrintable(key + QStringLiteral(" is used twice")));
    }
    for (QAction *other : m_workspace->findChildren<QAction *>())
        for (const QKeySequence &key : other->shortcuts())
            QVERIFY2(!keys.contains(key.toString()) || other->objectName().startsWith(QLatin1String("action-tool-")),
                     qPrintable(key.toString() + other->text()));
}

void TestToolsGui::rulesAndLocks_data()
{
    QTest::addColumn<QByteArray>("tool");
    QTest::addColumn<QByteArray>("rule");
    for (const char *tool : {"polygon", "rectangle", "circle", "brush", "lasso", "fill", "wand", "grabcut", "scissors",
                             "superpixel", "watershed"})
        for (const char *rule : {"unlabelled", "trees only", "locked shape", "locked class", "hidden shape"})
            QTest::addRow("%s, %s", tool, rule) << QByteArray(tool) << QByteArray(rule);
}

void TestToolsGui::rulesAndLocks()
{
    QFETCH(QByteArray, tool);
    QFETCH(QByteArray, rule);
    m_document->applyEdit(drawPolygon(m_document->annotation(), "tree", {{26, 20}, {34, 20}, {34, 28}, {26, 28}}));
    const cv::Mat1b trees = classMap(2);
    const Shape tree = shapes()[0];
    auto *over = m_workspace->findChild<QComboBox *>(QStringLiteral("draw-over"));
    QVERIFY(over);
    useTool(tool.constData());
    const auto choose = [over](int row) {
        over->setCurrentIndex(row);
        Q_EMIT over->activated(row);
    };
    if (rule == "unlabelled")
        choose(1);
    else if (rule == "trees only")
        choose(over->findData(QStringLiteral("tree")));
    else if (rule == "locked shape")
        m_document->setShapeLocked(tree.id, true);
    else if (rule == "locked class")
        m_document->setLabelLocked("tree", true);
    else
        m_document->setShapeHidden(tree.id, true);
    gesture(tool.toStdString());
    if (rule == "trees only") {
        QCOMPARE(cv::countNonZero(carMap() & (trees == 0)), 0);
        if (tool != "fill") // which was clicked beside them
            QVERIFY(cv::countNonZero(carMap()) > 0);
    } else {
        QCOMPARE(cv::countNonZero(classMap(2) != trees), 0);
        QVERIFY(cv::countNonZero(carMap()) > 0);
        QVERIFY(sameContent(*m_document->annotation().find(tree.id), tree));
    }
}

void TestToolsGui::theBarShowsTheToolsOptions()
{
    useTool("wand");
    auto *tolerance = m_workspace->findChild<QSpinBox *>(QStringLiteral("option-tolerance"));
    QVERIFY(tolerance);
    QTRY_VERIFY(tolerance->isVisible());
    tolerance->setValue(255);
    click(30, 24);
    enter();
    QCOMPARE(cv::countNonZero(carMap()), 64 * 48); // everything is similar
    m_canvas->setFocus();
    QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier);
    tolerance->setValue(100);
    drag({{30, 24}, {30, 24}, {4, 24}}); // 104 screen pixels to the left: 34 less
    QCOMPARE(tolerance->value(), 66);
    m_canvas->turn(1);                    // the screen's right is the image's up
    drag({{30, 24}, {30, 24}, {30, 18}}); // 24 screen pixels: 8 more
    QCOMPARE(tolerance->value(), 74);
    m_canvas->turn(-1);
    tolerance->setValue(5); // changes the proposal
    enter();
    QCOMPARE(cv::countNonZero(carMap() != disc()), 0);
    useTool("select");
    QVERIFY(!m_workspace->findChild<QSpinBox *>(QStringLiteral("option-tolerance"))
            || !m_workspace->findChild<QSpinBox *>(QStringLiteral("option-tolerance"))->isVisible());
    useTool("wand");
    QTRY_COMPARE(m_workspace->findChildren<QSpinBox *>(QStringLiteral("option-tolerance")).size(), 1);
    QCOMPARE(m_workspace->findChild<QSpinBox *>(QStringLiteral("option-tolerance"))->value(), 5); // kept
}

void TestToolsGui::altDragSizesTheBrush()
{
    useTool("brush");
    setBrush(8);
    drag({{30, 24}, {36, 24}}, Qt::AltModifier);
    QCOMPARE(m_workspace->findChild<QSpinBox *>(QStringLiteral("brush-size"))->value(), 20);
    QVERIFY(shapes().empty());
    QTest::keyClick(m_canvas, Qt::Key_BracketLeft);
    QVERIFY(m_workspace->findChild<QSpinBox *>(QStringLiteral("brush-size"))->value() < 20);
    drag({{30, 24}, {30, 24}});
    QCOMPARE(shapes().size(), std::size_t{1}); // and paints again
    setBrush(8);
    m_canvas->setViewport({4, {32, 24}, false, 1}); // turned: to the right is the image's up
    drag({{30, 24}, {30, 18}}, Qt::AltModifier);
    QCOMPARE(m_workspace->findChild<QSpinBox *>(QStringLiteral("brush-size"))->value(), 20);
}

void TestToolsGui::shiftClickDrawsALine()
{
    useTool("brush");
    setBrush(6);
    click(10, 10);
    click(50, 40, Qt::ShiftModifier);
    const auto expected = where([](double x, double y) { return toSegment(x, y, {10, 10}, {50, 40}) <= 3; });
    QCOMPARE(cv::countNonZero(carMap() != expected), 0);
}

void TestToolsGui::aPensPressureScalesTheBrush()
{
    useTool("brush");
    setBrush(20);
    const auto pen = [this](QEvent::Type type, QPointF at, double pressure, Qt::MouseButton button) {
        const QPointF local = m_canvas->viewport().widgetFromImage(at);
        QTabletEvent event(type, QPointingDevice::primaryPointingDevice(), local, m_canvas->mapToGlobal(local),
                           pressure, 0, 0, 0, 0, 0, Qt::NoModifier, button,
                           type == QEvent::TabletRelease ? Qt::NoButton : Qt::LeftButton);
        QCoreApplication::sendEvent(m_canvas, &event);
        QVERIFY(event.isAccepted());
    };
    pen(QEvent::TabletPress, {20, 24}, 0.3, Qt::LeftButton);
    pen(QEvent::TabletMove, {40, 24}, 0.3, Qt::NoButton);
    pen(QEvent::TabletRelease, {40, 24}, 0, Qt::LeftButton);
    const auto expected = where([](double x, double y) { return toSegment(x, y, {20, 24}, {40, 24}) <= 3; });
    QCOMPARE(cv::countNonZero(carMap() != expected), 0);
}

void TestToolsGui::escapeDropsAProposal()
{
    for (const char *tool : {"wand", "grabcut", "scissors", "watershed"}) {
        useTool(tool);
        m_canvas->setFocus();
        if (tool == QByteArray("grabcut"))
            drag({{12, 6}, {48, 42}});
        else
            click(30, 24);
        QTest::keyClick(m_canvas, Qt::Key_Escape);
        enter();
        QVERIFY2(shapes().empty(), tool);
    }
    QCOMPARE(m_document->undoStack()->count(), 0);
}

void TestToolsGui::refinesTheSelectionFromTheMenu()
{
    addMask("car", {20, 20, 10, 10});
    addMask("tree", {40, 20, 10, 10});
    QAction *dilate = action("selection-dilate");
    QVERIFY(dilate && !dilate->isEnabled());
    m_document->setSelection({shapes()[0].id, shapes()[1].id});
    dilate->trigger();
    QVERIFY(cv::countNonZero(map() == 1) > 100 && cv::countNonZero(map() == 2) > 100);
    QCOMPARE(m_document->undoStack()->count(), 3);
    m_document->undoStack()->undo();
    QCOMPARE(cv::countNonZero(map()), 200);
    action("selection-erode")->trigger();
    QCOMPARE(cv::countNonZero(map()), 2 * 36);
}

void TestToolsGui::watershedAsksForTheClassFirst()
{
    m_document->setActiveLabel({});
    useTool("watershed");
    click(30, 24);
    auto *field = m_workspace->findChild<QLineEdit *>(QStringLiteral("label-popup-field"));
    QVERIFY(field && field->isVisible());
    QTest::keyClicks(field, QStringLiteral("tree"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(m_document->activeLabel(), QStringLiteral("tree"));
    QVERIFY(shapes().empty());
}

void TestToolsGui::aLockedClassIsSaid()
{
    auto *message = m_workspace->findChild<QLabel *>(QStringLiteral("tool-message"));
    m_document->setLabelLocked("car", true);
    useTool("rectangle");
    drag({{12, 6}, {48, 42}});
    QVERIFY(message->isVisible() && message->text().contains(QLatin1String("car")));
    QVERIFY(shapes().empty());
    m_document->setLabelLocked("car", false);
    drag({{12, 6}, {48, 42}});
    QVERIFY(!message->isVisible());
    QCOMPARE(shapes().size(), std::size_t{1});
}

void TestToolsGui::workIsDroppedWhenTheImageIsLeft()
{
    const auto threads = makeThreadedJobRunner();
    Document document(*threads, m_plugins.formats);
    LabelWorkspace workspace(document, m_plugins, *threads);
    auto *canvas = workspace.findChild<CanvasWidget *>(QStringLiteral("canvas"));
    workspace.resize(1200, 700);
    workspace.show();
    document.open(m_data->path() + QStringLiteral("/picture.png"));
    QTRY_VERIFY(document.isLoaded());
    canvas->setViewport({4, {32, 24}, false});
    document.setActiveLabel(QStringLiteral("car"));
    QTest::mouseClick(workspace.findChild<QToolButton *>(QStringLiteral("tool-wand")), Qt::LeftButton);
    const auto place = [canvas](double x, double y) {
        return canvas->viewport().widgetFromImage(QPointF(x, y)).toPoint();
    };
    QTest::mouseClick(canvas, Qt::LeftButton, {}, place(30, 24));
    document.setCurrentIndex(0);
    QTRY_VERIFY(document.isLoaded() && threads->runningCount() == 0);
    canvas->setFocus();
    QTest::keyClick(canvas, Qt::Key_Return);
    QVERIFY(document.annotation().shapes.empty());
    document.setCurrentIndex(4);
    QTRY_VERIFY(document.isLoaded());
    canvas->setViewport({4, {32, 24}, false});
    QTest::mouseClick(canvas, Qt::LeftButton, {}, place(30, 24));
    QTest::keyClick(canvas, Qt::Key_Return); // before the work is done, or after
    QTRY_COMPARE(document.annotation().shapes.size(), std::size_t{1});
    QCOMPARE(cv::countNonZero(rasterise(document.annotation(), document.labels(), kImage) != disc()), 0);
}

QTEST_MAIN(TestToolsGui)
#include "test_tools_gui.moc"
