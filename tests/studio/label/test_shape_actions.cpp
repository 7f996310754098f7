// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/face_fields.h"
#include "core/annotations/shape_ops.h"
#include "tests/studio/label/WorkspaceTest.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QDropEvent>
#include <QGuiApplication>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTreeView>

using namespace masque;

/// Operations on shapes as a person does them: keys, mouse, menus.
class TestShapeActions : public WorkspaceTest {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        setUp();
        m_document->applyEdit(drawSquare(m_document->annotation(), "car", 10));
        m_document->applyEdit(drawSquare(m_document->annotation(), "tree", 15));
    }
    void cleanup() { tearDown(); }
    void combinesByKeys();
    void splitsByDragging();
    void convertsAndSaysWhatIsLost();
    void simplifiesWithPreview();
    void escDropsThePreview();
    void nudges();
    void nudgesAlongTheScreenWhenTurned();
    void movesAndRemovesChosenPoints();
    void rightDragCopiesOrMoves();
    void rightDragFollowsTheScreenWhenTurned();
    void rightClickOffersTheMenu();
    void ordersAndGroups();
    void theListOffersTheMenu();
    void rowsAreDraggedIntoOrder();
    void copiesThroughTheClipboard();
    void keepsPreviousShapes();
    void findsFaces();
    void walksThroughDisputedFaces();

private:
    void key(Qt::Key which, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(m_canvas, which, modifiers); }
    void selectAll() { key(Qt::Key_A, Qt::ControlModifier); }
    void rightDrag(QPointF from, QPointF to)
    {
        QTest::mousePress(m_canvas, Qt::RightButton, {}, at(from.x(), from.y()));
        for (const QPointF &p : {(from + to) / 2, to}) {
            QMouseEvent event(QEvent::MouseMove, at(p.x(), p.y()), m_canvas->mapToGlobal(at(p.x(), p.y())),
                              Qt::NoButton, Qt::RightButton, Qt::NoModifier);
            QCoreApplication::sendEvent(m_canvas, &event);
        }
        QTest::mouseRelease(m_canvas, Qt::RightButton, {}, at(to.x(), to.y()));
    }
    QLabel *note() const { return m_workspace->findChild<QLabel *>(QStringLiteral("canvas-note")); }
    /// The open menu's entry is clicked where it lies.
    void choose(const char *name)
    {
        auto *menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
        QVERIFY(menu);
        for (QAction *entry : menu->actions())
            if (entry->objectName() == QLatin1String(name)) {
                const QPoint centre = menu->actionGeometry(entry).center();
                QTest::mouseMove(menu, menu->rect().bottomRight()); // Qt 6.8 takes no click from a mouse that has
                QTest::mouseMove(menu, centre);                     // hardly moved since the menu opened
                QTest::mouseClick(menu, Qt::LeftButton, {}, centre);
            }
        QCoreApplication::sendPostedEvents();
    }
};

void TestShapeActions::combinesByKeys()
{
    const cv::Mat1b before = map();
    selectAll();
    key(Qt::Key_M, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(shapes().size(), std::size_t{1});
    QCOMPARE(cv::countNonZero(map()), cv::countNonZero(before));
    QCOMPARE(m_document->selection().size(), std::size_t{1});
    key(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(cv::countNonZero(map() != before), 0);
    selectAll();
    key(Qt::Key_X, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(shapes().size(), std::size_t{2}); // two pieces beside the common part
    key(Qt::Key_Z, Qt::ControlModifier);
    m_document->setSelection({shapes()[0].id});
    key(Qt::Key_M, Qt::ControlModifier | Qt::ShiftModifier); // one alone: nothing, and a word about it
    QCOMPARE(shapes().size(), std::size_t{2});
    QVERIFY(note()->isVisible());
}

void TestShapeActions::splitsByDragging()
{
    useTool("split");
    drag({{5, 15}, {20, 15}, {30, 15}});
    QCOMPARE(shapes().size(), std::size_t{3}); // only the topmost that it crosses
    QCOMPARE(shapes()[0].label, std::string("car"));
    QCOMPARE(shapes()[2].label, std::string("tree"));
    key(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(shapes().size(), std::size_t{2});
}

void TestShapeActions::convertsAndSaysWhatIsLost()
{
    const cv::Mat1b before = map();
    selectAll();
    key(Qt::Key_M, Qt::ControlModifier | Qt::AltModifier);
    QVERIFY(shapes()[0].type == ShapeType::Mask && shapes()[1].type == ShapeType::Mask);
    QCOMPARE(cv::countNonZero(map() != before), 0);
    Shape ring = shapes()[0];
    Mask mask{ring.mask->box, ring.mask->bits.clone()};
    mask.bits(5, 5) = 0;
    ring.mask = std::make_shared<const Mask>(std::move(mask));
    m_document->applyEdit(replaceShape(m_document->annotation(), ring, "Erase"));
    m_document->setSelection({ring.id});
    key(Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(shapes()[0].type, ShapeType::Polygon);
    QVERIFY(note()->isVisible());
    QVERIFY2(note()->text().contains(QStringLiteral("IoU")), qPrintable(note()->text()));
}

void TestShapeActions::simplifiesWithPreview()
{
    std::vector<Point> circle;
    for (int i = 0; i < 100; ++i)
        circle.push_back({40 + 10 * std::cos(i * 0.0628), 30 + 10 * std::sin(i * 0.0628)});
    m_document->applyEdit(drawPolygon(m_document->annotation(), "car", circle));
    m_document->setSelection({shapes().back().id});
    key(Qt::Key_S, Qt::ControlModifier | Qt::AltModifier);
    auto *slider = m_workspace->findChild<QSlider *>(QStringLiteral("outline-slider"));
    auto *figures = m_workspace->findChild<QLabel *>(QStringLiteral("outline-figures"));
    QVERIFY(slider->isVisible() && slider->hasFocus());
    const QString first = figures->text();
    QVERIFY(first.contains(QStringLiteral("100 →")));
    QTest::keyClick(slider, Qt::Key_PageUp);
    QVERIFY(figures->text() != first);
    QCOMPARE(shapes().back().points.size(), std::size_t{100}); // a preview alone
    const int steps = m_document->undoStack()->count();
    QTest::keyClick(slider, Qt::Key_Return);
    QVERIFY(shapes().back().points.size() < 50);
    QCOMPARE(m_document->undoStack()->count(), steps + 1);
    QVERIFY(!slider->isVisible());
    QVERIFY(m_canvas->hasFocus());
}

void TestShapeActions::escDropsThePreview()
{
    selectAll();
    key(Qt::Key_O, Qt::ControlModifier | Qt::AltModifier);
    auto *slider = m_workspace->findChild<QSlider *>(QStringLiteral("outline-slider"));
    QVERIFY(slider->isVisible());
    const int steps = m_document->undoStack()->count();
    m_canvas->setFocus();
    key(Qt::Key_Escape);
    QVERIFY(!slider->isVisible());
    QCOMPARE(m_document->undoStack()->count(), steps);
    QCOMPARE(m_document->selection().size(), std::size_t{2});
}

void TestShapeActions::nudges()
{
    m_document->setSelection({shapes()[0].id});
    key(Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(shapes()[0].points[0], (Point{11, 10}));
    key(Qt::Key_Down); // five screen pixels at 400 % are one
    QCOMPARE(shapes()[0].points[0], (Point{11, 11}));
    key(Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(shapes()[0].points[0], (Point{5, 11}));
    m_document->setShapeLocked(shapes()[0].id, true);
    key(Qt::Key_Up);
    QCOMPARE(shapes()[0].points[0], (Point{5, 11}));
}

void TestShapeActions::nudgesAlongTheScreenWhenTurned()
{
    m_canvas->setViewport({4, {32, 24}, false, 1}); // the image's right lies below
    m_document->setSelection({shapes()[0].id});
    key(Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(shapes()[0].points[0], (Point{10, 9}));
    key(Qt::Key_Down, Qt::ControlModifier);
    QCOMPARE(shapes()[0].points[0], (Point{11, 9}));
}

void TestShapeActions::movesAndRemovesChosenPoints()
{
    m_document->setShapeHidden(shapes()[1].id, true);
    useTool("select");
    m_document->setSelection({shapes()[0].id});
    click(10, 10, Qt::ControlModifier);
    click(20, 10, Qt::ShiftModifier);
    const int steps = m_document->undoStack()->count();
    drag({{10, 10}, {12, 8}, {14, 7}});
    QVERIFY(shapes()[0].points == (std::vector<Point>{{14, 7}, {24, 7}, {20, 20}, {10, 20}}));
    m_canvas->setFocus();
    key(Qt::Key_Left, Qt::ControlModifier);
    QVERIFY(shapes()[0].points == (std::vector<Point>{{13, 7}, {23, 7}, {20, 20}, {10, 20}}));
    QCOMPARE(m_document->undoStack()->count(), steps + 2);
    click(23, 7, Qt::ControlModifier);
    key(Qt::Key_Delete);
    QVERIFY(shapes()[0].points == (std::vector<Point>{{23, 7}, {20, 20}, {10, 20}}));
    QCOMPARE(m_document->undoStack()->count(), steps + 3);
    click(20, 20, Qt::ControlModifier);
    key(Qt::Key_Delete); // three points are the fewest
    QCOMPARE(shapes()[0].points.size(), std::size_t{3});
    QCOMPARE(m_document->undoStack()->count(), steps + 3);
    QVERIFY(!m_workspace->findChild<QLabel *>(QStringLiteral("tool-message"))->text().isEmpty());
    key(Qt::Key_Escape); // the choice, not the selection
    QCOMPARE(m_document->selection().size(), std::size_t{1});
    key(Qt::Key_Delete);
    QCOMPARE(shapes().size(), std::size_t{1});
}

void TestShapeActions::rightDragFollowsTheScreenWhenTurned()
{
    m_canvas->setViewport({4, {32, 24}, false, 3});
    rightDrag({12, 12}, {32, 22});
    choose("move-here");
    QCOMPARE(shapes()[0].points[0], (Point{30, 20}));
}

void TestShapeActions::rightDragCopiesOrMoves()
{
    rightDrag({12, 12}, {32, 22});
    QCOMPARE(m_document->selection(), std::set<ShapeId>{shapes()[0].id});
    choose("copy-here");
    QCOMPARE(shapes().size(), std::size_t{3});
    QCOMPARE(shapes()[2].points[0], (Point{30, 20}));
    QCOMPARE(shapes()[0].points[0], (Point{10, 10}));
    rightDrag({32, 22}, {33, 32});
    choose("move-here");
    QCOMPARE(shapes().size(), std::size_t{3});
    QCOMPARE(shapes()[2].points[0], (Point{31, 30}));
    rightDrag({33, 32}, {12, 32});
    choose("cancel-drop");
    QCOMPARE(shapes()[2].points[0], (Point{31, 30}));
}

void TestShapeActions::rightClickOffersTheMenu()
{
    QTest::mouseClick(m_canvas, Qt::RightButton, {}, at(12, 12));
    QCOMPARE(m_document->selection(), std::set<ShapeId>{shapes()[0].id});
    choose("to-mask");
    QCOMPARE(shapes()[0].type, ShapeType::Mask);
}

void TestShapeActions::ordersAndGroups()
{
    m_document->setSelection({shapes()[0].id});
    key(Qt::Key_BracketRight, Qt::ControlModifier);
    QCOMPARE(shapes()[1].label, std::string("car"));
    QCOMPARE(int(map()(15, 18)), 1); // now on top
    selectAll();
    key(Qt::Key_G, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(shapes()[0].groupId && shapes()[0].groupId == shapes()[1].groupId);
    key(Qt::Key_U, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(!shapes()[0].groupId && !shapes()[1].groupId);
}

void TestShapeActions::theListOffersTheMenu()
{
    auto *list = m_workspace->findChild<QTreeView *>(QStringLiteral("shapes-list"));
    const QModelIndex lower = list->model()->index(1, 0);
    const QPoint place = list->visualRect(lower).center();
    QTest::mouseClick(list->viewport(), Qt::RightButton, {}, place);
    QContextMenuEvent event(QContextMenuEvent::Mouse, place, list->viewport()->mapToGlobal(place));
    QCoreApplication::sendEvent(list->viewport(), &event);
    QCOMPARE(m_document->selection(), std::set<ShapeId>{shapes()[0].id});
    choose("forward");
    QCOMPARE(shapes()[1].label, std::string("car"));
    const QRect eye = list->visualRect(list->model()->index(0, 2));
    QTest::mouseClick(list->viewport(), Qt::RightButton, {}, eye.center()); // hides nothing
    QVERIFY(m_document->hiddenShapes().empty());
}

void TestShapeActions::rowsAreDraggedIntoOrder()
{
    m_document->applyEdit(drawSquare(m_document->annotation(), "car", 30));
    const std::vector<ShapeId> before{shapes()[0].id, shapes()[1].id, shapes()[2].id};
    auto *list = m_workspace->findChild<QTreeView *>(QStringLiteral("shapes-list"));
    const int steps = m_document->undoStack()->count();
    const auto dragTo = [&](int row, int toRow) {
        const std::unique_ptr<QMimeData> data(list->model()->mimeData({list->model()->index(row, 0)}));
        QPoint place(20, list->viewport()->height() - 4);
        if (toRow < list->model()->rowCount())
            place = list->visualRect(list->model()->index(toRow, 0)).topLeft() + QPoint(20, 1);
        QDragEnterEvent enter(place, Qt::MoveAction, data.get(), Qt::LeftButton, {});
        QCoreApplication::sendEvent(list->viewport(), &enter);
        QDragMoveEvent over(place, Qt::MoveAction, data.get(), Qt::LeftButton, {});
        QCoreApplication::sendEvent(list->viewport(), &over);
        QDropEvent drop(place, Qt::MoveAction, data.get(), Qt::LeftButton, {});
        QCoreApplication::sendEvent(list->viewport(), &drop);
        return drop.isAccepted();
    };
    QVERIFY(dragTo(2, 0)); // the lowest to the top
    QCOMPARE(shapes()[2].id, before[0]);
    QCOMPARE(m_document->undoStack()->count(), steps + 1);
    dragTo(0, 3); // and back below all
    QCOMPARE(shapes()[0].id, before[0]);
    dragTo(0, 2); // between
    QCOMPARE(shapes()[1].id, before[2]);
    for (int i = 0; i < 3; ++i)
        key(Qt::Key_Z, Qt::ControlModifier);
    for (std::size_t i = 0; i < 3; ++i)
        QCOMPARE(shapes()[i].id, before[i]);
    m_document->setShapeLocked(before[0], true);
    dragTo(2, 0);
    QCOMPARE(shapes()[0].id, before[0]);
}

void TestShapeActions::copiesThroughTheClipboard()
{
    selectAll();
    key(Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("\"shapes\"")));
    key(Qt::Key_D); // another image
    QCOMPARE(m_document->currentIndex(), 1);
    key(Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(shapes().size(), std::size_t{2});
    QCOMPARE(m_document->selection().size(), std::size_t{2});
    QCOMPARE(shapes()[1].points[0], (Point{15, 10}));
    QGuiApplication::clipboard()->setText(QStringLiteral("a shopping list"));
    key(Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(shapes().size(), std::size_t{2});
    QVERIFY(note()->isVisible());
}

void TestShapeActions::keepsPreviousShapes()
{
    auto *badge = m_workspace->findChild<QLabel *>(QStringLiteral("keep-previous-badge"));
    QVERIFY(!badge->isVisible());
    key(Qt::Key_P, Qt::ControlModifier);
    QVERIFY(badge->isVisible());
    key(Qt::Key_D);
    QTRY_COMPARE(shapes().size(), std::size_t{2});
    QCOMPARE(m_document->undoStack()->count(), 1);
    key(Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(shapes().empty());
    key(Qt::Key_A);
    QCoreApplication::sendPostedEvents();
    QCOMPARE(shapes().size(), std::size_t{2}); // has its own
    key(Qt::Key_D);
    QCoreApplication::sendPostedEvents();
    QVERIFY(shapes().empty()); // taken away on purpose
    key(Qt::Key_P, Qt::ControlModifier);
    QVERIFY(!badge->isVisible());
}

void TestShapeActions::findsFaces()
{
    const std::string photo = sharedData("faces/photos_dlib/2007_007763.jpg");
    const std::string model = sharedData("faces/model/face_detection_yunet_120x160_2022feb.onnx");
    if (photo.empty() || model.empty())
        QSKIP("no shared data");
    qputenv("MASQUE_FACE_MODEL", QByteArray::fromStdString(model));
    const auto rgb = readImage(photo);
    MASQUE_VERIFY(rgb);
    MASQUE_VERIFY(writeImage(m_data->file("image4.png"), *rgb));
    for (int i = 0; i < 3; ++i)
        key(Qt::Key_D);
    QTRY_COMPARE(m_document->imageSize(), (Size{500, 375}));
    key(Qt::Key_F, Qt::ControlModifier | Qt::AltModifier);
    QTRY_COMPARE(shapes().size(), std::size_t{7});
    for (const Shape &shape : shapes()) {
        QCOMPARE(shape.label, std::string("face"));
        QCOMPARE(shape.type, ShapeType::Rectangle);
    }
    key(Qt::Key_F, Qt::ControlModifier | Qt::AltModifier); // they are there already
    QTest::qWait(50);
    QCOMPARE(shapes().size(), std::size_t{7});
    QCOMPARE(m_document->undoStack()->count(), 1);
    key(Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(shapes().empty());

    // All images; those without a face stay as they are.
    action("find-all-faces")->trigger();
    QTRY_COMPARE(shapes().size(), std::size_t{7});
    QTRY_COMPARE(action("find-all-faces")->text(), QStringLiteral("Find faces in all images"));
    qunsetenv("MASQUE_FACE_MODEL");
}

/// Faces of all images on which raters' votes differ, the most disputed first.
void TestShapeActions::walksThroughDisputedFaces()
{
    key(Qt::Key_J, Qt::ControlModifier | Qt::AltModifier); // there is none yet
    QVERIFY(m_document->selection().empty());
    const auto face = [](const char *votes, int x) {
        return std::string(R"({"label": "happy", "shape_type": "rectangle", "group_id": null, "flags": {}, "votes": {)")
               + votes + R"(}, "points": [[)" + std::to_string(x) + ", 5], [" + std::to_string(x + 9) + ", 15]]}";
    };
    const auto file = [&](const char *image, const std::string &shapes) {
        m_data->write(std::string(image) + ".json", R"({"version": "5.1.1", "flags": {}, "imagePath": ")"
                                                        + std::string(image) + R"(.png", "imageData": null,
            "imageHeight": 48, "imageWidth": 64, "shapes": [)"
                                                        + shapes + "]}");
    };
    file("image2", face(R"("happy": 4)", 1) + ", " + face(R"("happy": 3, "anna": "sad")", 20));
    file("image4", face(R"("happy": 2, "sad": 1)", 1) + ", " + face(R"("happy": 1, "sad": 1)", 20));
    m_document->open(m_data->path());
    QTRY_VERIFY(m_document->isLoaded() && !m_document->isIndexing());
    QSignalSpy said(m_workspace.get(), &LabelWorkspace::messageText);
    const auto isAt = [&](int item, std::size_t shape) {
        return m_document->currentIndex() == item && m_document->selection() == std::set<ShapeId>{shapes()[shape].id};
    };
    key(Qt::Key_J, Qt::ControlModifier | Qt::AltModifier);
    QTRY_VERIFY(isAt(3, 1)); // 1/2
    QCOMPARE(said.last().first().toString(), QStringLiteral("Disputed face 1 of 3"));
    key(Qt::Key_J, Qt::ControlModifier | Qt::AltModifier);
    QTRY_VERIFY(isAt(3, 0)); // 2/3
    key(Qt::Key_J, Qt::ControlModifier | Qt::AltModifier);
    QTRY_VERIFY(isAt(1, 1)); // 3/4
    key(Qt::Key_J, Qt::ControlModifier | Qt::AltModifier);
    QTRY_VERIFY(isAt(3, 1)); // round
    key(Qt::Key_J, Qt::ControlModifier | Qt::AltModifier | Qt::ShiftModifier);
    QTRY_VERIFY(isAt(1, 1));
    // What is agreed on leaves the queue.
    Edit agree = changeShapes(m_document->annotation(), m_document->selection(), "Agree",
                              [](Shape &shape) { setVotes(shape, votesFromText("happy 4")); });
    m_document->applyEdit(std::move(agree));
    key(Qt::Key_J, Qt::ControlModifier | Qt::AltModifier);
    QTRY_VERIFY(isAt(3, 1));
    QTRY_COMPARE(said.last().first().toString(), QStringLiteral("Disputed face 1 of 2"));
}

QTEST_MAIN(TestShapeActions)
#include "test_shape_actions.moc"
