// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "studio/panels/ClassKeyMenu.h"
#include "tests/studio/label/WorkspaceTest.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>

using namespace masque;

/// The Label workspace by keys alone. No mouse event is sent anywhere in this file.
class TestKeyboard : public WorkspaceTest {
    Q_OBJECT

    void keys(Qt::Key key, int times, Qt::KeyboardModifiers modifiers = {})
    {
        for (int i = 0; i < times; ++i)
            QTest::keyClick(m_canvas, key, modifiers);
    }
    QLineEdit *search() const { return m_workspace->findChild<QLineEdit *>(QStringLiteral("browser-search")); }
    QListView *list() const { return m_workspace->findChild<QListView *>(QStringLiteral("browser-list")); }
    QString text(const char *name) const { return m_workspace->findChild<QLabel *>(QLatin1String(name))->text(); }

private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }
    void labelsSavesAndLeaves();
    void stepsByArrows();
    void returnClicksWhereNothingIsToBeFinished();
    void arrowsAreTheSelectionsInTheSelectTool();
    void escapeLeavesThePointer();
    void theViewFollowsThePointer();
    void panesFollowEachOther();
    void walksByStatusAndPlace();
    void goesToNumberOrName();
    void theImageShownStaysInTheListUntilLeft();
    void completesAndTellsErrors();
    void choosesClassByTyping();
    void classKeysAreSet();
};

void TestKeyboard::labelsSavesAndLeaves()
{
    QTest::keyClick(m_canvas, Qt::Key_2); // tree
    QTest::keyClick(m_canvas, Qt::Key_N, Qt::ControlModifier);
    // At 400 % an arrow is 3 image pixels (10 screen pixels), one with Ctrl; the way begins in the middle of the view.
    keys(Qt::Key_Left, 5); // 32.5 - 15
    keys(Qt::Key_Up, 3);   // 24.5 - 9
    QTest::keyClick(m_canvas, Qt::Key_Space);
    keys(Qt::Key_Right, 10);
    QTest::keyClick(m_canvas, Qt::Key_Space);
    keys(Qt::Key_Down, 4);
    QTest::keyClick(m_canvas, Qt::Key_Space);
    QTest::keyClick(m_canvas, Qt::Key_Return);
    QCOMPARE(shapes().size(), std::size_t{1});

    QTest::keyClick(m_canvas, Qt::Key_1); // car
    QTest::keyClick(m_canvas, Qt::Key_B);
    keys(Qt::Key_BracketLeft, 20);
    keys(Qt::Key_Down, 4);
    QTest::keyPress(m_canvas, Qt::Key_Space);
    keys(Qt::Key_Left, 6);
    QTest::keyRelease(m_canvas, Qt::Key_Space);
    QCOMPARE(shapes().size(), std::size_t{2});
    const cv::Mat1b shown = map();

    QTest::keyClick(m_canvas, Qt::Key_D);
    QCOMPARE(m_document->currentIndex(), 1);
    QVERIFY(shapes().empty());
    const auto saved = readLabelMe(m_data->file("image1.json"));
    MASQUE_VERIFY(saved);
    QCOMPARE(saved->shapes.size(), std::size_t{2});
    const Shape &polygon = saved->shapes[0], &stroke = saved->shapes[1];
    QCOMPARE(polygon.label, std::string("tree"));
    QVERIFY((polygon.points == std::vector<Point>{{17.5, 15.5}, {47.5, 15.5}, {47.5, 27.5}}));
    QCOMPARE(stroke.label, std::string("car"));
    QCOMPARE(stroke.type, ShapeType::Mask);
    const cv::Mat1b pixels = rasterise(*saved, m_document->labels(), Size{64, 48});
    QCOMPARE(cv::countNonZero(pixels != shown), 0);
    QCOMPARE(int(pixels(39, 47)), 1); // from where Space went down to where it came up
    QCOMPARE(int(pixels(39, 30)), 1);
    QCOMPARE(int(pixels(39, 60)), 0);
}

void TestKeyboard::stepsByArrows()
{
    QSignalSpy cursor(m_canvas, &CanvasWidget::cursorMoved);
    const auto place = [&] { return *cursor.last().first().value<std::optional<QPointF>>(); };
    QTest::keyClick(m_canvas, Qt::Key_N, Qt::ControlModifier);
    QTest::keyClick(m_canvas, Qt::Key_Right);
    QCOMPARE(place(), QPointF(35.5, 24.5));
    QTest::keyClick(m_canvas, Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(place(), QPointF(36.5, 24.5));
    QTest::keyClick(m_canvas, Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(place(), QPointF(23.5, 24.5));
    keys(Qt::Key_Up, 30); // stops at the border
    QCOMPARE(place(), QPointF(23.5, 0.5));
}

void TestKeyboard::returnClicksWhereNothingIsToBeFinished()
{
    m_document->applyEdit(drawPolygon(m_document->annotation(), "car", {{20, 10}, {45, 10}, {45, 40}, {20, 40}}));
    QTest::keyClick(m_canvas, Qt::Key_J, Qt::ControlModifier);
    QTest::keyClick(m_canvas, Qt::Key_Left);
    QTest::keyClick(m_canvas, Qt::Key_Return);
    QCOMPARE(m_document->selection().size(), std::size_t{1});
}

void TestKeyboard::arrowsAreTheSelectionsInTheSelectTool()
{
    m_document->applyEdit(drawSquare(m_document->annotation(), "car"));
    m_document->setSelection({shapes()[0].id});
    QSignalSpy cursor(m_canvas, &CanvasWidget::cursorMoved);
    QTest::keyClick(m_canvas, Qt::Key_J, Qt::ControlModifier);
    QTest::keyClick(m_canvas, Qt::Key_Left);
    QCOMPARE(cursor.count(), 0);
    QTest::keyClick(m_canvas, Qt::Key_Escape);
    QTest::keyClick(m_canvas, Qt::Key_Left);
    QCOMPARE(cursor.count(), 1);
}

void TestKeyboard::escapeLeavesThePointer()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    QTest::keyClick(m_canvas, Qt::Key_N, Qt::ControlModifier);
    for (const Qt::Key key : {Qt::Key_Left, Qt::Key_Down, Qt::Key_Right}) {
        keys(key, 3);
        QTest::keyClick(m_canvas, Qt::Key_Space);
    }
    QTest::keyClick(m_canvas, Qt::Key_Escape); // the polygon
    QTest::keyClick(m_canvas, Qt::Key_Return); // nothing to finish: begins another
    QTest::keyClick(m_canvas, Qt::Key_Escape);
    QTest::keyClick(m_canvas, Qt::Key_Escape); // the pointer
    QTest::keyClick(m_canvas, Qt::Key_Return);
    QTest::keyClick(m_canvas, Qt::Key_Return);
    QVERIFY(shapes().empty());
}

void TestKeyboard::theViewFollowsThePointer()
{
    m_canvas->setViewport({40, {32, 24}, false});
    QTest::keyClick(m_canvas, Qt::Key_N, Qt::ControlModifier);
    keys(Qt::Key_Right, 60);
    QVERIFY(m_canvas->viewport().state().centre.x() > 40);
    QVERIFY(m_canvas->rect().contains(at(63.5, 24.5)));
    const double before = m_canvas->viewport().state().centre.x();
    QTest::keyClick(m_canvas, Qt::Key_Left, Qt::AltModifier);
    QVERIFY(m_canvas->viewport().state().centre.x() < before);
}

void TestKeyboard::panesFollowEachOther()
{
    QStringList names;
    for (int i = 0; i < 8; ++i) {
        names << QApplication::focusWidget()->objectName();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F6);
    }
    QVERIFY(names.contains(QStringLiteral("browser-list")));
    QVERIFY(names.contains(QStringLiteral("labels-list")));
    QVERIFY(names.contains(QStringLiteral("shapes-list")));
    QCOMPARE(names.first(), names.last()); // once round
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_F6);
    QVERIFY(!m_canvas->hasFocus());
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    QVERIFY(m_canvas->hasFocus());
    list()->setFocus();
    QVERIFY(m_workspace->findChild<QLabel *>(QStringLiteral("dock-images-title"))->property("hasFocus").toBool());
}

void TestKeyboard::walksByStatusAndPlace()
{
    for (const int item : {1, 2}) {
        m_document->setCurrentIndex(item);
        m_document->applyEdit(drawSquare(m_document->annotation(), "car"));
    }
    m_document->setCurrentIndex(0);
    QTest::keyClick(m_canvas, Qt::Key_D, Qt::ShiftModifier);
    QCOMPARE(m_document->currentIndex(), 3);
    QCOMPARE(text("browser-position"), QStringLiteral("4 / 4"));
    QTest::keyClick(m_canvas, Qt::Key_A, Qt::ShiftModifier);
    QCOMPARE(m_document->currentIndex(), 0);
    QTest::keyClick(m_canvas, Qt::Key_End, Qt::ControlModifier);
    QCOMPARE(m_document->currentIndex(), 3);
    QTest::keyClick(m_canvas, Qt::Key_Home, Qt::ControlModifier);
    QCOMPARE(m_document->currentIndex(), 0);
    search()->setText(QStringLiteral("label:car"));
    QTest::keyClick(m_canvas, Qt::Key_D);
    QCOMPARE(m_document->currentIndex(), 1);
    QCOMPARE(text("browser-position"), QStringLiteral("1 / 2"));
    QCOMPARE(text("browser-count"), QStringLiteral("2 of 4"));
    QSignalSpy message(m_workspace.get(), &LabelWorkspace::messageText);
    QTest::keyClick(m_canvas, Qt::Key_D, Qt::ShiftModifier); // none in this filter
    QCOMPARE(m_document->currentIndex(), 1);
    QCOMPARE(message.count(), 1);
}

void TestKeyboard::goesToNumberOrName()
{
    const auto ask = [&](const QString &typed) {
        QTest::keyClick(m_canvas, Qt::Key_G, Qt::ControlModifier);
        auto *dialog = m_workspace->findChild<QDialog *>(QStringLiteral("go-to"));
        QVERIFY(dialog);
        auto *field = dialog->findChild<QLineEdit *>(QStringLiteral("go-to-field"));
        field->setText(typed);
        QTest::keyClick(field, Qt::Key_Return);
    };
    ask(QStringLiteral("3"));
    QCOMPARE(m_document->currentIndex(), 2);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    ask(QStringLiteral("E2.P"));
    QCOMPARE(m_document->currentIndex(), 1);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    ask(QStringLiteral("elephant"));
    QCOMPARE(m_document->currentIndex(), 1);
    QVERIFY(text("go-to-error").contains(QStringLiteral("elephant")));
}

void TestKeyboard::theImageShownStaysInTheListUntilLeft()
{
    search()->setText(QStringLiteral("status:new"));
    QTest::keyClick(m_canvas, Qt::Key_D);
    QCOMPARE(m_document->currentIndex(), 1);
    m_document->applyEdit(drawSquare(m_document->annotation(), "car"));
    QCOMPARE(list()->model()->rowCount(), 4); // it is new no longer, but here
    QTest::keyClick(m_canvas, Qt::Key_D);
    QCOMPARE(m_document->currentIndex(), 2);
    QCOMPARE(list()->model()->rowCount(), 3);
    QCOMPARE(list()->currentIndex().row(), 1);
    QTest::keyClick(m_canvas, Qt::Key_A);
    QCOMPARE(m_document->currentIndex(), 0);
}

void TestKeyboard::completesAndTellsErrors()
{
    search()->setFocus();
    auto *popup = search()->findChild<QAbstractItemView *>(QStringLiteral("browser-search-completion"));
    if (!popup)
        for (QWidget *widget : QApplication::topLevelWidgets())
            if (widget->objectName() == QLatin1String("browser-search-completion"))
                popup = qobject_cast<QAbstractItemView *>(widget);
    QVERIFY(popup);
    QTest::keyClicks(search(), QStringLiteral("image -lab"));
    QVERIFY(popup->isVisible());
    QCOMPARE(popup->model()->index(0, 0).data().toString(), QStringLiteral("-label:"));
    QTest::keyClick(search(), Qt::Key_Tab);
    QCOMPARE(search()->text(), QStringLiteral("image -label:"));
    QCOMPARE(popup->model()->rowCount(), 2); // the classes
    QTest::keyClicks(search(), QStringLiteral("t"));
    QTest::keyClick(search(), Qt::Key_Tab);
    QCOMPARE(search()->text(), QStringLiteral("image -label:tree "));
    QTest::keyClicks(search(), QStringLiteral("foo:1"));
    QTest::keyClick(search(), Qt::Key_Return);
    auto *error = m_workspace->findChild<QLabel *>(QStringLiteral("browser-search-error"));
    QVERIFY(error->isVisible());
    QVERIFY(error->text().contains(QStringLiteral("foo:")) && error->text().contains(QStringLiteral("status:")));
    search()->setText(QStringLiteral("image2"));
    QTRY_VERIFY(error->isHidden()); // by itself, when typing pauses
    QCOMPARE(list()->model()->rowCount(), 1);
}

void TestKeyboard::choosesClassByTyping()
{
    QTest::keyClick(m_canvas, Qt::Key_C);
    QWidget *field = QApplication::focusWidget();
    QCOMPARE(field->objectName(), QStringLiteral("label-popup-field"));
    QTest::keyClicks(field, QStringLiteral("tr"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(m_document->activeLabel(), QStringLiteral("tree"));
    QVERIFY(m_canvas->hasFocus());
}

void TestKeyboard::classKeysAreSet()
{
    const int car = *m_document->labels().idOf("car"), tree = *m_document->labels().idOf("tree");
    assignClassKey(*m_document, car, 7);
    QTest::keyClick(m_canvas, Qt::Key_7);
    QCOMPARE(m_document->activeLabel(), QStringLiteral("car"));
    assignClassKey(*m_document, tree, 7); // they change places
    QTest::keyClick(m_canvas, Qt::Key_7);
    QCOMPARE(m_document->activeLabel(), QStringLiteral("tree"));
    QCOMPARE(m_document->labels()[car].key, std::optional<int>());
    assignClassKey(*m_document, car, 3);
    QTRY_VERIFY(m_data->read("masque.json").find("\"key\": 3") != std::string::npos);
    QVERIFY(m_data->read("masque.json").find("\"key\": 7") != std::string::npos);
}

QTEST_MAIN(TestKeyboard)
#include "test_keyboard.moc"
