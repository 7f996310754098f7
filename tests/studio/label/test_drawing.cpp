// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "tests/studio/label/WorkspaceTest.h"

#include <QLineEdit>
#include <QSpinBox>

using namespace masque;

class TestDrawing : public WorkspaceTest {
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }
    void drawsPolygon();
    void asksForTheClass();
    void givesUpTheShapeOnEscape();
    void drawsRectangle();
    void paintsExactlyTheBrushesPixels_data();
    void paintsExactlyTheBrushesPixels();
    void erasesAndInvertsWithCtrl();
    void escapeDropsAStroke();
    void dragsAVertexAndUndoes();
    void movesAShapeSelectsAndDeletes();
    void autosavesAfterAStroke();
    void leavingDuringAGestureIsSafe();
};

void TestDrawing::drawsPolygon()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    QTest::keyClick(m_canvas, Qt::Key_N, Qt::ControlModifier);
    click(10, 10);
    click(40, 10);
    click(40, 30);
    click(55, 45);
    QTest::keyClick(m_canvas, Qt::Key_Backspace);
    click(10, 30);
    QTest::keyClick(m_canvas, Qt::Key_Return);
    QCOMPARE(shapes().size(), std::size_t{1});
    QCOMPARE(shapes()[0].label, std::string("car"));
    QCOMPARE(shapes()[0].points, (std::vector<Point>{{10, 10}, {40, 10}, {40, 30}, {10, 30}}));
    QCOMPARE(m_document->undoStack()->undoText(), QStringLiteral("Draw car"));
    QVERIFY(settled(*m_canvas).pixelColor(at(25, 20)) != QColor(40, 40, 40));
}

void TestDrawing::asksForTheClass()
{
    useTool("polygon");
    click(10, 10);
    click(40, 10);
    click(40, 30);
    click(10, 10); // on the first point: closes
    QVERIFY(shapes().empty());
    auto *field = m_workspace->findChild<QLineEdit *>(QStringLiteral("label-popup-field"));
    QVERIFY(field && field->isVisible());
    click(50, 40); // changes nothing while the question is open
    QVERIFY(field->isVisible());
    QTest::keyClicks(field, QStringLiteral("tr"));
    QTest::keyClick(field, Qt::Key_Return); // completes to tree
    QVERIFY(!field->isVisible());
    QCOMPARE(shapes().size(), std::size_t{1});
    QCOMPARE(shapes()[0].label, std::string("tree"));
    QCOMPARE(m_document->activeLabel(), QStringLiteral("tree"));

    m_document->setActiveLabel({});
    useTool("brush");
    drag({{5, 40}, {8, 40}});
    QVERIFY(field->isVisible());
    QTest::keyClicks(field, QStringLiteral("new one"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(shapes().size(), std::size_t{2});
    QCOMPARE(shapes()[1].label, std::string("new one"));
    QCOMPARE(shapes()[1].type, ShapeType::Mask);
    QVERIFY(m_document->labels().idOf("new one"));
}

void TestDrawing::givesUpTheShapeOnEscape()
{
    useTool("rectangle");
    drag({{10, 10}, {30, 20}});
    auto *field = m_workspace->findChild<QLineEdit *>(QStringLiteral("label-popup-field"));
    QVERIFY(field->isVisible());
    QTest::keyClick(field, Qt::Key_Escape);
    QVERIFY(!field->isVisible());
    QVERIFY(shapes().empty());
    QCOMPARE(m_document->undoStack()->count(), 0);
}

void TestDrawing::drawsRectangle()
{
    m_document->setActiveLabel(QStringLiteral("tree"));
    useTool("rectangle");
    drag({{12, 8}, {20, 20}, {44, 30}});
    QCOMPARE(shapes().size(), std::size_t{1});
    QCOMPARE(shapes()[0].type, ShapeType::Rectangle);
    QCOMPARE(shapes()[0].points, (std::vector<Point>{{12, 8}, {44, 30}}));
}

void TestDrawing::paintsExactlyTheBrushesPixels_data()
{
    QTest::addColumn<int>("diameter");
    QTest::addColumn<bool>("square");
    QTest::addColumn<QPointF>("from");
    QTest::addColumn<QPointF>("to");
    QTest::newRow("one dab") << 6 << false << QPointF(20, 20) << QPointF(20, 20);
    QTest::newRow("a fast move") << 8 << false << QPointF(10.5, 12) << QPointF(50, 36.25);
    QTest::newRow("square") << 10 << true << QPointF(15, 15) << QPointF(45, 15);
    QTest::newRow("over the border") << 12 << false << QPointF(60, 4) << QPointF(63, 1);
}

void TestDrawing::paintsExactlyTheBrushesPixels()
{
    QFETCH(int, diameter);
    QFETCH(bool, square);
    QFETCH(QPointF, from);
    QFETCH(QPointF, to);
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    m_workspace->findChild<QSpinBox *>(QStringLiteral("brush-size"))->setValue(diameter);
    if (square)
        QTest::mouseClick(m_workspace->findChild<QToolButton *>(QStringLiteral("brush-square")), Qt::LeftButton);
    drag({from, to});
    from = m_canvas->viewport().imageFromWidget(QPointF(at(from.x(), from.y()))); // the mouse moves by whole pixels
    to = m_canvas->viewport().imageFromWidget(QPointF(at(to.x(), to.y())));

    cv::Mat1b expected(48, 64, std::uint8_t{0});
    const double radius = diameter / 2.0;
    const QPointF way = to - from;
    const double square2 = QPointF::dotProduct(way, way);
    for (int y = 0; y < 48; ++y)
        for (int x = 0; x < 64; ++x) {
            const QPointF pixel(x + 0.5, y + 0.5);
            const double t = square2 > 0 ? qBound(0.0, QPointF::dotProduct(pixel - from, way) / square2, 1.0) : 0;
            const QPointF off = pixel - (from + way * t);
            // the square's way here is level, so its nearest position is as far along as the disc's
            const bool isIn = square ? std::max(qAbs(off.x()), qAbs(off.y())) <= radius
                                     : QPointF::dotProduct(off, off) <= radius * radius;
            expected(y, x) = isIn ? 1 : 0;
        }
    QVERIFY(cv::countNonZero(expected) > 0);
    QCOMPARE(cv::countNonZero(map() != expected), 0);
    QCOMPARE(m_document->undoStack()->count(), 1); // one stroke, one step
    QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(cv::countNonZero(map()), 0);
    QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(cv::countNonZero(map() != expected), 0);
}

void TestDrawing::erasesAndInvertsWithCtrl()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    m_workspace->findChild<QSpinBox *>(QStringLiteral("brush-size"))->setValue(20);
    drag({{15, 24}, {45, 24}});
    const int painted = cv::countNonZero(map());
    useTool("eraser");
    drag({{15, 24}, {20, 24}});
    const int erased = cv::countNonZero(map());
    QVERIFY(erased < painted);
    drag({{15, 24}, {20, 24}}, Qt::ControlModifier);
    QCOMPARE(cv::countNonZero(map()), painted);
    useTool("brush");
    drag({{15, 24}, {20, 24}}, Qt::ControlModifier);
    QCOMPARE(cv::countNonZero(map()), erased);
    QCOMPARE(shapes().size(), std::size_t{1});
}

void TestDrawing::escapeDropsAStroke()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    QTest::mousePress(m_canvas, Qt::LeftButton, {}, at(20, 20));
    move(30, 20);
    m_canvas->setFocus();
    QTest::keyClick(m_canvas, Qt::Key_Escape);
    QTest::mouseRelease(m_canvas, Qt::LeftButton, {}, at(30, 20));
    QVERIFY(shapes().empty());
    QCOMPARE(m_document->undoStack()->count(), 0);
}

void TestDrawing::dragsAVertexAndUndoes()
{
    m_document->applyEdit(drawSquare(m_document->annotation(), "car"));
    useTool("select");
    drag({{20, 20}, {25, 25}, {30, 35}});
    QCOMPARE(shapes()[0].points, (std::vector<Point>{{10, 10}, {20, 10}, {30, 35}, {10, 20}}));
    QCOMPARE(m_document->selection().size(), std::size_t{1});
    m_canvas->setFocus();
    QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(shapes()[0].points[2], (Point{20, 20}));
    QTest::keyClick(m_canvas, Qt::Key_Y, Qt::ControlModifier);
    QCOMPARE(shapes()[0].points[2], (Point{30, 35}));
}

void TestDrawing::movesAShapeSelectsAndDeletes()
{
    m_document->applyEdit(drawSquare(m_document->annotation(), "car"));
    m_document->applyEdit(drawSquare(m_document->annotation(), "tree", 40));
    useTool("select");
    drag({{15, 15}, {18, 16}, {20, 20}});
    QCOMPARE(shapes()[0].points[0], (Point{15, 15}));
    m_canvas->setFocus();
    QTest::keyClick(m_canvas, Qt::Key_A, Qt::ControlModifier);
    QCOMPARE(m_document->selection().size(), std::size_t{2});
    QTest::keyClick(m_canvas, Qt::Key_D, Qt::ControlModifier);
    QCOMPARE(shapes().size(), std::size_t{4});
    QCOMPARE(m_document->selection().size(), std::size_t{2}); // the copies
    QTest::keyClick(m_canvas, Qt::Key_Delete);
    QCOMPARE(shapes().size(), std::size_t{2});
    QTest::keyClick(m_canvas, Qt::Key_A, Qt::ControlModifier);
    m_document->setShapeLocked(shapes()[0].id, true);
    QTest::keyClick(m_canvas, Qt::Key_Delete);
    QCOMPARE(shapes().size(), std::size_t{1}); // the locked one stays
    QCOMPARE(shapes()[0].label, std::string("car"));
}

void TestDrawing::autosavesAfterAStroke()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    drag({{15, 24}, {45, 24}});
    QTRY_COMPARE(m_document->saveState(), SaveState::Saved);
    const auto saved = readLabelMe(m_data->file("image1.json"));
    MASQUE_VERIFY(saved);
    QCOMPARE(cv::countNonZero(rasterise(*saved, m_document->labels(), Size{64, 48}) != map()), 0);
}

void TestDrawing::leavingDuringAGestureIsSafe()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    QTest::mousePress(m_canvas, Qt::LeftButton, {}, at(20, 20));
    move(30, 20);
    m_document->setCurrentIndex(1);
    move(40, 20);
    QTest::mouseRelease(m_canvas, Qt::LeftButton, {}, at(40, 20));
    QVERIFY(shapes().empty());
    m_document->close();
    click(10, 10);
    m_canvas->grab();
    QVERIFY(!m_document->isLoaded());
}

QTEST_MAIN(TestDrawing)
#include "test_drawing.moc"
