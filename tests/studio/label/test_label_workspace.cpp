// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/studio/label/WorkspaceTest.h"

#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>
#include <QSpinBox>

using namespace masque;

class TestLabelWorkspace : public WorkspaceTest {
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }
    void walksThroughImages();
    void picksClassesByDigits();
    void searchNarrowsTheWay();
    void spaceFinishesOrPans();
    void wheelZoomsAtTheCursor();
    void marksReviewed();
    void brushSizeKeys();
    void controlsHaveNames();
};

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

QTEST_MAIN(TestLabelWorkspace)
#include "test_label_workspace.moc"
