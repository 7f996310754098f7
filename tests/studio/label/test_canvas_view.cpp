// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/studio/label/WorkspaceTest.h"

#include <QRandomGenerator>
#include <QWheelEvent>

using namespace masque;

/// Moving around: what the canvas shows at rest is what a canvas shows that was never moved.
class TestCanvasView : public WorkspaceTest {
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }
    void transformsRoundTripTurned_data();
    void transformsRoundTripTurned();
    void paintsTheSameAfterAnyWay();
    void pansInEveryTool_data();
    void pansInEveryTool();
    void ctrlWheelKeepsTheCursorsPixel();
    void paintsUnderTheCursorWhenTurned();
    void fitsTheWidth();
    void fitsBesideTheRulers();
    void drawsOutlinesOnlyWhenAsked();
    void followsTheCursorWithACrosshair();
    void drawsRulersAndGridWhereZoomedIn();
    void arrowKeysFollowTheScreenWhenTurned();
    void minimapShowsAndMovesTheView();
    void minimapTurnsWithTheView();

private:
    void wheel(QPointF at, int delta, Qt::KeyboardModifiers keys = {})
    {
        QWheelEvent event(at, m_canvas->mapToGlobal(at), {}, {0, delta}, Qt::NoButton, keys, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(m_canvas, &event);
    }
};

void TestCanvasView::transformsRoundTripTurned_data()
{
    QTest::addColumn<int>("turns");
    QTest::addColumn<QPointF>("right"); // where the image's right lies on the screen
    QTest::newRow("upright") << 0 << QPointF(1, 0);
    QTest::newRow("right") << 1 << QPointF(0, 1);
    QTest::newRow("upside down") << 2 << QPointF(-1, 0);
    QTest::newRow("left") << -1 << QPointF(0, -1);
}

void TestCanvasView::transformsRoundTripTurned()
{
    QFETCH(int, turns);
    QFETCH(QPointF, right);
    Viewport viewport;
    viewport.setWidgetSize({801, 600});
    viewport.setImageSize({1000, 700});
    viewport.turn(turns);
    QCOMPARE(viewport.scale(), turns % 2 ? std::min(785.0 / 700, 584.0 / 1000) : std::min(785.0 / 1000, 584.0 / 700));
    viewport.setState({2, {400, 300}, false, turns});
    QCOMPARE(viewport.widgetFromImage(QPointF(401, 300)) - viewport.widgetFromImage(QPointF(400, 300)), right * 2);
    const QPointF there = viewport.imageFromWidget(QPointF(13, 577));
    QVERIFY((viewport.widgetFromImage(there) - QPointF(13, 577)).manhattanLength() < 1e-9);
    const QPointF before = viewport.imageFromWidget(QPointF(100, 100));
    viewport.scrollBy({10, -6}); // the picture follows the hand
    QVERIFY((viewport.widgetFromImage(before) - QPointF(110, 94)).manhattanLength() < 1e-9);
    viewport.zoomTo(5, {70, 80});
    QCOMPARE(viewport.imageFromWidget(QRectF(0, 0, 10, 20)).size(), turns % 2 ? QSizeF(4, 2) : QSizeF(2, 4));
}

void TestCanvasView::paintsTheSameAfterAnyWay()
{
    QRandomGenerator random(7);
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    for (int step = 0; step < 60; ++step) {
        const QPointF place(random.bounded(m_canvas->width()), random.bounded(m_canvas->height()));
        switch (random.bounded(5)) {
        case 0: wheel(place, random.bounded(2) ? 120 : -120, Qt::ControlModifier); break;
        case 1: wheel(place, random.bounded(-300, 300)); break;
        case 2: m_canvas->turn(1); break;
        case 3: m_document->applyEdit(drawSquare(m_document->annotation(), "tree", random.bounded(50))); break;
        default: drag({{random.bounded(64.0), random.bounded(48.0)}, {random.bounded(64.0), random.bounded(48.0)}});
        }
        if (step % 3 == 0)
            m_canvas->grab(); // paints in between, or not
    }
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(m_canvas, &leave); // no brush in the picture
    const QImage shown = settled(*m_canvas);
    CanvasWidget fresh(*m_document);
    fresh.resize(m_canvas->size());
    fresh.setViewport(m_canvas->viewport().state());
    const QImage expected = settled(fresh);
    QCOMPARE(shown.size(), expected.size());
    int different = 0;
    for (int y = 0; y < shown.height(); ++y)
        for (int x = 0; x < shown.width(); ++x)
            different += shown.pixel(x, y) != expected.pixel(x, y);
    // Antialiased lines may end a shade otherwise where parts meet.
    QVERIFY2(different <= shown.width() * shown.height() / 500, qPrintable(QString::number(different)));
}

void TestCanvasView::pansInEveryTool_data()
{
    QTest::addColumn<QString>("tool");
    QTest::addColumn<bool>("bySpace");
    for (const char *tool : {"select", "polygon", "rectangle", "brush", "eraser"})
        for (const bool bySpace : {false, true})
            QTest::addRow("%s, %s", tool, bySpace ? "Space" : "middle button") << QString(tool) << bySpace;
}

void TestCanvasView::pansInEveryTool()
{
    QFETCH(QString, tool);
    QFETCH(bool, bySpace);
    useTool(qPrintable(tool));
    m_canvas->setFocus();
    const QPointF before = m_canvas->viewport().widgetFromImage(QPointF(10, 10));
    const Qt::MouseButton button = bySpace ? Qt::LeftButton : Qt::MiddleButton;
    if (bySpace)
        QTest::keyPress(m_canvas, Qt::Key_Space);
    QTest::mousePress(m_canvas, button, {}, {200, 200});
    QMouseEvent move(QEvent::MouseMove, QPointF(230, 180), m_canvas->mapToGlobal(QPointF(230, 180)), Qt::NoButton,
                     button, Qt::NoModifier);
    QCoreApplication::sendEvent(m_canvas, &move);
    QTest::mouseRelease(m_canvas, button, {}, {230, 180});
    if (bySpace)
        QTest::keyRelease(m_canvas, Qt::Key_Space);
    QCOMPARE(m_canvas->viewport().widgetFromImage(QPointF(10, 10)) - before, QPointF(30, -20));
    QVERIFY(shapes().empty());
}

void TestCanvasView::ctrlWheelKeepsTheCursorsPixel()
{
    for (const int turns : {0, 1, 2, 3}) {
        m_canvas->setViewport({4, {32, 24}, false, turns});
        const QPointF cursor(300, 220);
        const QPointF before = m_canvas->viewport().imageFromWidget(cursor);
        wheel(cursor, 120, Qt::ControlModifier);
        QVERIFY((m_canvas->viewport().imageFromWidget(cursor) - before).manhattanLength() < 1e-9);
        QVERIFY(m_canvas->viewport().scale() > 4.3);
    }
}

void TestCanvasView::paintsUnderTheCursorWhenTurned()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    for (const int turns : {1, 2, 3}) {
        m_canvas->setViewport({4, {32, 24}, false, turns});
        click(10 + 10 * turns, 12);
        QCOMPARE(map()(12, 10 + 10 * turns), std::uint8_t{1});
        const QImage picture = settled(*m_canvas);
        const QColor there = picture.pixelColor(at(10.5 + 10 * turns, 14.5));
        QVERIFY(there.red() != there.green() || there.green() != there.blue()); // coloured over the grey image
    }
}

void TestCanvasView::fitsTheWidth()
{
    m_workspace->setFocus();
    QTest::keyClick(m_canvas, Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
    const QRectF seen = m_canvas->viewport().widgetFromImage(QRectF(0, 0, 64, 48));
    QCOMPARE(seen.left(), 28.0); // clear of the rulers
    QCOMPARE(seen.width(), m_canvas->width() - 56.0);
    QVERIFY(seen.height() <= m_canvas->height() || qAbs(seen.top() - 28) < 1e-9);
}

void TestCanvasView::fitsBesideTheRulers()
{
    m_canvas->fit();
    const auto seen = [this] { return m_canvas->viewport().widgetFromImage(QRectF(0, 0, 64, 48)); };
    QVERIFY(seen().top() >= 28 && seen().left() >= 28);
    QVERIFY(qAbs(seen().top() - 28) < 1e-9 || qAbs(seen().left() - 28) < 1e-9);
    action("show-rulers")->setChecked(false);
    QVERIFY(qAbs(seen().top() - 8) < 1e-9 || qAbs(seen().left() - 8) < 1e-9);
    m_workspace->resize(800, 500);
    action("show-rulers")->setChecked(true);
    QVERIFY(m_canvas->rect().contains(seen().toAlignedRect()));
    Viewport viewport; // an image that is large enough to have no rulers when fitted
    viewport.setEdge(20, 4);
    viewport.setWidgetSize({416, 316});
    viewport.setImageSize({200, 100});
    QCOMPARE(viewport.scale(), 2.0);
}

void TestCanvasView::drawsOutlinesOnlyWhenAsked()
{
    m_document->applyEdit(drawSquare(m_document->annotation(), "car"));
    const QColor image(40, 40, 40);
    action("shapes-outlined")->trigger();
    QImage picture = settled(*m_canvas);
    QCOMPARE(picture.pixelColor(at(15, 15)), image);
    QVERIFY(picture.pixelColor(at(15, 10)) != image);
    action("shapes-filled")->trigger();
    picture = settled(*m_canvas);
    QVERIFY(picture.pixelColor(at(15, 15)) != image);
    QCOMPARE(picture.pixelColor(at(15, 10.5)), picture.pixelColor(at(15, 15)));
}

void TestCanvasView::followsTheCursorWithACrosshair()
{
    const QColor image(40, 40, 40);
    action("show-crosshair")->setChecked(true);
    QTest::mouseMove(m_canvas, at(30, 30));
    move(30, 30);
    QVERIFY(settled(*m_canvas).pixelColor(at(50, 30)) != image);
    move(30, 20);
    QCOMPARE(settled(*m_canvas).pixelColor(at(50, 30)), image);
    action("show-crosshair")->setChecked(false);
    QCOMPARE(settled(*m_canvas).pixelColor(at(50, 20)), image);
}

void TestCanvasView::drawsRulersAndGridWhereZoomedIn()
{
    const QColor image(40, 40, 40);
    m_canvas->setViewport({16, {32, 24}, false, 1});
    QImage picture = settled(*m_canvas);
    const QPoint between = m_canvas->viewport().widgetFromImage(QPointF(32, 24)).toPoint();
    QCOMPARE(picture.pixelColor(between + QPoint(7, 7)), image);
    int lines = 0;
    for (int x = between.x() + 7; x < between.x() + 7 + 160; ++x)
        lines += picture.pixelColor(x, between.y() + 7) != image;
    QCOMPARE(lines, 10); // a line every 16 widget pixels
    QVERIFY(picture.pixelColor(4, between.y() + 7) != image);
    action("show-rulers")->setChecked(false);
    picture = settled(*m_canvas);
    for (int x = between.x() + 7; x < between.x() + 7 + 160; ++x)
        QCOMPARE(picture.pixelColor(x, between.y() + 7), image);
}

void TestCanvasView::arrowKeysFollowTheScreenWhenTurned()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    m_canvas->setViewport({4, {32, 24}, false, 1});
    m_canvas->setFocus();
    std::optional<QPointF> place;
    connect(m_canvas, &CanvasWidget::cursorMoved, this, [&](const std::optional<QPointF> &now) { place = now; });
    QTest::keyClick(m_canvas, Qt::Key_Right, Qt::ControlModifier);
    QVERIFY(place);
    const QPointF before = m_canvas->viewport().widgetFromImage(*place);
    QTest::keyClick(m_canvas, Qt::Key_Right, Qt::ControlModifier); // one image pixel
    QCOMPARE(m_canvas->viewport().widgetFromImage(*place) - before, QPointF(4, 0));
    disconnect(m_canvas, &CanvasWidget::cursorMoved, this, nullptr);
}

void TestCanvasView::minimapShowsAndMovesTheView()
{
    auto *map = m_canvas->findChild<QWidget *>(QStringLiteral("minimap"));
    QVERIFY(map && !map->isVisible()); // all of the image is in sight
    m_canvas->setViewport({40, {10, 10}, false});
    QVERIFY(map->isVisible() && m_canvas->rect().contains(map->geometry()));
    QTest::mouseClick(map, Qt::LeftButton, {}, {map->width() * 3 / 4, map->height() / 2});
    QVERIFY((m_canvas->viewport().state().centre - QPointF(48, 24)).manhattanLength() < 1);
    QTest::mousePress(map, Qt::LeftButton, {}, {map->width() * 3 / 4 + 3, map->height() / 2}); // held where it is taken
    QVERIFY((m_canvas->viewport().state().centre - QPointF(48, 24)).manhattanLength() < 1);
    QMouseEvent move(QEvent::MouseMove, QPointF(map->width() / 2.0 + 3, map->height() / 2.0), QPointF(), Qt::NoButton,
                     Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(map, &move);
    QVERIFY((m_canvas->viewport().state().centre - QPointF(32, 24)).manhattanLength() < 1);
    QTest::mouseRelease(map, Qt::LeftButton, {}, {map->width() / 2 + 3, map->height() / 2});
    QVERIFY(shapes().empty() && m_document->selection().empty()); // nothing reached the tool
    const QColor inside = map->grab().toImage().pixelColor(map->width() / 2, map->height() / 2);
    QCOMPARE(inside, QColor(40, 40, 40));
    QVERIFY(map->grab().toImage().pixelColor(4, 4) != inside); // out of sight, darker
    QTest::keyClick(m_canvas, Qt::Key_M, Qt::ShiftModifier);
    QVERIFY(!map->isVisible() && !action("show-minimap")->isChecked());
    QTest::keyClick(m_canvas, Qt::Key_M, Qt::ShiftModifier);
    QVERIFY(map->isVisible());
    m_canvas->fit();
    QVERIFY(!map->isVisible());
}

void TestCanvasView::minimapTurnsWithTheView()
{
    auto *map = m_canvas->findChild<QWidget *>(QStringLiteral("minimap"));
    m_canvas->setViewport({40, {10, 10}, false, 1});
    QVERIFY(map->height() > map->width());
    QTest::mouseClick(map, Qt::LeftButton, {}, {map->width() / 2, map->height() * 3 / 4}); // the image's right is below
    QVERIFY((m_canvas->viewport().state().centre - QPointF(48, 24)).manhattanLength() < 1);
}

QTEST_MAIN(TestCanvasView)
#include "test_canvas_view.moc"
