// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/annotations/rasterise.h"
#include "studio/canvas/CanvasWidget.h"
#include "studio/panels/LabelWorkspace.h"
#include "tests/studio/label/LabelFixture.h"

#include <QAction>
#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

using namespace masque;

/// Real mouse and key events on the whole workspace. The canvas shows the image at 400 %, so image pixel (x, y) lies
/// four widget pixels apart.
class TestLabelWorkspace : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
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
    void walksThroughImages();
    void picksClassesByDigits();
    void searchNarrowsTheWay();
    void spaceFinishesOrPans();
    void wheelZoomsAtTheCursor();
    void marksReviewed();
    void brushSizeKeys();
    void autosavesAfterAStroke();
    void controlsHaveNames();
    void leavingDuringAGestureIsSafe();

private:
    QPoint at(double x, double y) const { return m_canvas->viewport().widgetFromImage(QPointF(x, y)).toPoint(); }
    void click(double x, double y, Qt::KeyboardModifiers keys = {})
    {
        QTest::mouseMove(m_canvas, at(x, y));
        QTest::mouseClick(m_canvas, Qt::LeftButton, keys, at(x, y));
    }
    void drag(const std::vector<QPointF> &path, Qt::KeyboardModifiers keys = {})
    {
        QTest::mousePress(m_canvas, Qt::LeftButton, keys, at(path.front().x(), path.front().y()));
        for (const QPointF &point : path)
            move(point.x(), point.y());
        QTest::mouseRelease(m_canvas, Qt::LeftButton, keys, at(path.back().x(), path.back().y()));
    }
    void move(double x, double y)
    {
        QMouseEvent event(QEvent::MouseMove, at(x, y), m_canvas->mapToGlobal(at(x, y)), Qt::NoButton, Qt::LeftButton,
                          Qt::NoModifier);
        QCoreApplication::sendEvent(m_canvas, &event);
    }
    void useTool(const char *id)
    {
        auto *button = m_workspace->findChild<QToolButton *>(QStringLiteral("tool-") + QLatin1String(id));
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(button->isChecked());
    }
    cv::Mat1b map() const { return rasterise(m_document->annotation(), m_document->labels(), Size{64, 48}); }
    const std::vector<Shape> &shapes() const { return m_document->annotation().shapes; }
    QAction *action(const char *name) const { return m_workspace->findChild<QAction *>(QLatin1String(name)); }

    std::unique_ptr<LabelFixture> m_data;
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<Document> m_document;
    PluginRegistry m_plugins;
    std::unique_ptr<LabelWorkspace> m_workspace;
    CanvasWidget *m_canvas = nullptr;
};

void TestLabelWorkspace::init()
{
    m_data = std::make_unique<LabelFixture>(4);
    m_jobs = makeSynchronousJobRunner();
    m_plugins = LabelFixture::plugins();
    m_document = std::make_unique<Document>(*m_jobs, m_plugins.formats);
    m_workspace = std::make_unique<LabelWorkspace>(*m_document, m_plugins, *m_jobs);
    m_canvas = m_workspace->findChild<CanvasWidget *>(QStringLiteral("canvas"));
    m_workspace->resize(1200, 700);
    m_workspace->show();
    QVERIFY(QTest::qWaitForWindowActive(m_workspace.get()));
    m_document->open(m_data->path());
    QVERIFY(m_document->isLoaded());
    m_canvas->setViewport({4, {32, 24}, false});
    m_canvas->setFocus();
}

void TestLabelWorkspace::cleanup()
{
    m_workspace.reset();
    m_document.reset();
    m_jobs.reset();
    m_data.reset();
}

void TestLabelWorkspace::drawsPolygon()
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
    QVERIFY(m_canvas->grab().toImage().pixelColor(at(25, 20)) != QColor(40, 40, 40));
}

void TestLabelWorkspace::asksForTheClass()
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

void TestLabelWorkspace::givesUpTheShapeOnEscape()
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

void TestLabelWorkspace::drawsRectangle()
{
    m_document->setActiveLabel(QStringLiteral("tree"));
    useTool("rectangle");
    drag({{12, 8}, {20, 20}, {44, 30}});
    QCOMPARE(shapes().size(), std::size_t{1});
    QCOMPARE(shapes()[0].type, ShapeType::Rectangle);
    QCOMPARE(shapes()[0].points, (std::vector<Point>{{12, 8}, {44, 30}}));
}

void TestLabelWorkspace::paintsExactlyTheBrushesPixels_data()
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

void TestLabelWorkspace::paintsExactlyTheBrushesPixels()
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

void TestLabelWorkspace::erasesAndInvertsWithCtrl()
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

void TestLabelWorkspace::escapeDropsAStroke()
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

void TestLabelWorkspace::dragsAVertexAndUndoes()
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

void TestLabelWorkspace::movesAShapeSelectsAndDeletes()
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

void TestLabelWorkspace::walksThroughImages()
{
    QTest::keyClick(m_canvas, Qt::Key_D);
    QCOMPARE(m_document->currentIndex(), 1);
    QTest::keyClick(m_canvas, Qt::Key_D);
    QTest::keyClick(m_canvas, Qt::Key_D);
    QTest::keyClick(m_canvas, Qt::Key_D); // stops at the end
    QCOMPARE(m_document->currentIndex(), 3);
    QTest::keyClick(m_canvas, Qt::Key_A);
    QCOMPARE(m_document->currentIndex(), 2);
    auto *list = m_workspace->findChild<QListView *>(QStringLiteral("browser-list"));
    QCOMPARE(list->currentIndex().row(), 2);
    list->setCurrentIndex(list->model()->index(0, 0));
    QCOMPARE(m_document->currentIndex(), 0);
}

void TestLabelWorkspace::picksClassesByDigits()
{
    QTest::keyClick(m_canvas, Qt::Key_2);
    QCOMPARE(m_document->activeLabel(), QStringLiteral("tree"));
    QTest::keyClick(m_canvas, Qt::Key_1);
    QCOMPARE(m_document->activeLabel(), QStringLiteral("car"));
    QTest::keyClick(m_canvas, Qt::Key_9); // no such class
    QCOMPARE(m_document->activeLabel(), QStringLiteral("car"));
}

void TestLabelWorkspace::searchNarrowsTheWay()
{
    m_document->setCurrentIndex(1);
    m_document->applyEdit(drawSquare(m_document->annotation(), "car"));
    auto *search = m_workspace->findChild<QLineEdit *>(QStringLiteral("browser-search"));
    search->setFocus();
    QTest::keyClicks(search, QStringLiteral("status:new")); // letters and digits are text here, not shortcuts
    QCOMPARE(search->text(), QStringLiteral("status:new"));
    QCOMPARE(m_document->currentIndex(), 1);
    m_canvas->setFocus();
    QTest::keyClick(m_canvas, Qt::Key_A);
    QCOMPARE(m_document->currentIndex(), 0);
    QTest::keyClick(m_canvas, Qt::Key_D);
    QCOMPARE(m_document->currentIndex(), 2); // the labelled one is left out
}

void TestLabelWorkspace::spaceFinishesOrPans()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("polygon");
    click(10, 10);
    click(40, 10);
    click(40, 30);
    m_canvas->setFocus();
    const QPointF before = m_canvas->viewport().state().centre;
    QTest::keyPress(m_canvas, Qt::Key_Space);
    drag({{20, 20}, {22, 20}, {25, 20}});
    QTest::keyRelease(m_canvas, Qt::Key_Space);
    QVERIFY(shapes().empty()); // held and dragged: panned, not finished
    QVERIFY(m_canvas->viewport().state().centre.x() < before.x());
    QTest::keyClick(m_canvas, Qt::Key_Space);
    QCOMPARE(shapes().size(), std::size_t{1});
    QCOMPARE(shapes()[0].points.size(), std::size_t{3});
}

void TestLabelWorkspace::wheelZoomsAtTheCursor()
{
    const QPointF cursor(100, 80);
    const QPointF under = m_canvas->viewport().imageFromWidget(cursor);
    QSignalSpy zoom(m_workspace.get(), &LabelWorkspace::zoomText);
    QWheelEvent in(cursor, cursor, {}, {0, 120}, Qt::NoButton, Qt::ControlModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(m_canvas, &in);
    QCOMPARE(m_canvas->viewport().scale(), 4.4);
    QVERIFY((m_canvas->viewport().imageFromWidget(cursor) - under).manhattanLength() < 1e-6);
    QCOMPARE(zoom.last().first().toString(), QStringLiteral("440 %"));
    const QPointF centre = m_canvas->viewport().state().centre;
    QWheelEvent down(cursor, cursor, {}, {0, -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(m_canvas, &down);
    QVERIFY(m_canvas->viewport().state().centre.y() > centre.y());
    QWheelEvent side(cursor, cursor, {}, {0, -120}, Qt::NoButton, Qt::ShiftModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(m_canvas, &side);
    QVERIFY(m_canvas->viewport().state().centre.x() > centre.x());
    QTest::keyClick(m_canvas, Qt::Key_F, Qt::ControlModifier);
    QVERIFY(m_canvas->viewport().state().isFitted);
    QTest::keyClick(m_canvas, Qt::Key_0, Qt::ControlModifier);
    QCOMPARE(m_canvas->viewport().scale(), 1.0);
}

void TestLabelWorkspace::marksReviewed()
{
    QTest::keyClick(m_canvas, Qt::Key_K, Qt::ControlModifier | Qt::AltModifier);
    QVERIFY(m_document->annotation().checked);
    QVERIFY(action("reviewed")->isChecked());
    QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(!m_document->annotation().checked);
    QVERIFY(!action("reviewed")->isChecked());
}

void TestLabelWorkspace::brushSizeKeys()
{
    useTool("brush");
    auto *size = m_workspace->findChild<QSpinBox *>(QStringLiteral("brush-size"));
    QVERIFY(size->isVisible());
    const int before = size->value();
    m_canvas->setFocus();
    QTest::keyClick(m_canvas, Qt::Key_BracketRight);
    QVERIFY(size->value() > before);
    QTest::keyClick(m_canvas, Qt::Key_BracketLeft);
    QTest::keyClick(m_canvas, Qt::Key_BracketLeft);
    QVERIFY(size->value() < before);
    useTool("select");
    QVERIFY(!size->isVisible());
}

void TestLabelWorkspace::autosavesAfterAStroke()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    drag({{15, 24}, {45, 24}});
    QTRY_COMPARE(m_document->saveState(), SaveState::Saved);
    const auto saved = readLabelMe(m_data->file("image1.json"));
    MASQUE_VERIFY(saved);
    QCOMPARE(cv::countNonZero(rasterise(*saved, m_document->labels(), Size{64, 48}) != map()), 0);
}

void TestLabelWorkspace::controlsHaveNames()
{
    for (const QWidget *widget : m_workspace->findChildren<QWidget *>()) {
        const bool isControl = widget->inherits("QAbstractButton") || widget->inherits("QLineEdit")
                               || widget->inherits("QAbstractSlider") || widget->inherits("QAbstractSpinBox")
                               || widget->inherits("QComboBox") || widget->inherits("QAbstractItemView");
        const QString name = widget->objectName();
        if (!isControl || name.startsWith(QLatin1String("qt_")) || widget->inherits("QScrollBar")
            || widget->inherits("QHeaderView") || widget->inherits("QComboBoxListView")
            || widget->inherits("QLineEditIconButton") || widget->inherits("QToolBarExtension"))
            continue;
        QVERIFY2(!name.isEmpty(), widget->metaObject()->className());
        const auto *button = qobject_cast<const QAbstractButton *>(widget);
        QVERIFY2(!widget->accessibleName().isEmpty() || (button && !button->text().isEmpty()), qPrintable(name));
    }
}

void TestLabelWorkspace::leavingDuringAGestureIsSafe()
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

QTEST_MAIN(TestLabelWorkspace)
#include "test_label_workspace.moc"
