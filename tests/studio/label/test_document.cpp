// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/studio/label/LabelFixture.h"

#include <QSignalSpy>
#include <QTest>
#include <QUndoStack>

using namespace masque;

class TestDocument : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void opensAndShowsTheFirstImage();
    void opensOnTheImageNamed();
    void keepsWhatIsOpenWhenOpeningFails();
    void undoesAndRedoesAcrossImages();
    void leavesStepsBeyondTheLimitToTheJournal();
    void dropsSelectionOfRemovedShapes();
    void showsBrokenImageAsProblem();
    void protectsHiddenAndLocked();
    void picksTheOnlyClass();
    void closesDuringJobs();
};

void TestDocument::opensAndShowsTheFirstImage()
{
    LabelFixture data(3);
    data.writePolygon("image1.json", "tree");
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    QList<int> kinds;
    connect(&document, &Document::changed, this, [&](const ChangeEvent &event) { kinds << event.kind; });
    document.open(data.path());
    QVERIFY(document.dataset());
    QCOMPARE(document.dataset()->items.size(), std::size_t{3});
    QCOMPARE(document.currentIndex(), 0);
    QVERIFY(document.isLoaded());
    QCOMPARE(document.imageSize(), (Size{64, 48}));
    QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
    QCOMPARE(document.summaries()[0].status, ItemStatus::Labelled);
    QCOMPARE(document.summaries()[1].status, ItemStatus::New);
    QCOMPARE(document.saveState(), SaveState::Saved);
    QVERIFY(kinds.indexOf(ChangeEvent::DatasetOpened) < kinds.indexOf(ChangeEvent::ImageLoaded));
    QVERIFY(kinds.contains(ChangeEvent::ItemsIndexed));
}

void TestDocument::opensOnTheImageNamed()
{
    LabelFixture data(12);
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(data.path() + QStringLiteral("/image10.png"));
    QCOMPARE(document.currentIndex(), 9); // natural order
}

void TestDocument::keepsWhatIsOpenWhenOpeningFails()
{
    LabelFixture data(2);
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(data.path());
    document.open(data.path() + QStringLiteral("/nowhere"));
    QVERIFY(!document.datasetError().isEmpty());
    QVERIFY(document.datasetError().contains(QStringLiteral("nowhere")));
    QVERIFY(document.dataset());
    QVERIFY(document.isLoaded());
}

void TestDocument::undoesAndRedoesAcrossImages()
{
    LabelFixture data(2);
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(data.path());
    document.applyEdit(drawSquare(document.annotation(), "car"));
    document.applyEdit(drawSquare(document.annotation(), "tree", 30));
    document.setCurrentIndex(1);
    QVERIFY(document.annotation().shapes.empty());
    QVERIFY(!document.undoStack()->canUndo());
    document.setCurrentIndex(0);
    QCOMPARE(document.annotation().shapes.size(), std::size_t{2});
    QCOMPARE(document.undoStack()->count(), 2);
    document.undoStack()->undo();
    QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
    QCOMPARE(document.annotation().shapes[0].label, std::string("car"));
    document.undoStack()->redo();
    QCOMPARE(document.annotation().shapes.size(), std::size_t{2});
    document.undoStack()->undo();
    document.undoStack()->undo();
    QVERIFY(document.annotation().shapes.empty());
}

void TestDocument::leavesStepsBeyondTheLimitToTheJournal()
{
    LabelFixture data(2);
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(data.path());
    document.applyEdit(drawSquare(document.annotation(), "car"));
    const std::size_t one = document.undoBytes();
    QVERIFY(one > 0);
    document.setUndoLimit(3 * one);
    for (int i = 0; i < 10; ++i)
        document.applyEdit(drawSquare(document.annotation(), "car", i));
    QVERIFY(document.undoBytes() <= 3 * one);
    QCOMPARE(document.annotation().shapes.size(), std::size_t{11});
    QCOMPARE(document.undoStack()->count(), 11);
    while (document.undoStack()->canUndo())
        document.undoStack()->undo();
    QVERIFY(document.annotation().shapes.empty()); // none is lost
    while (document.undoStack()->canRedo())
        document.undoStack()->redo();
    QCOMPARE(document.annotation().shapes.size(), std::size_t{11});
}

void TestDocument::dropsSelectionOfRemovedShapes()
{
    LabelFixture data(1);
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(data.path());
    document.applyEdit(drawSquare(document.annotation(), "car"));
    document.setSelection({document.annotation().shapes[0].id, ShapeId{999999}});
    QCOMPARE(document.selection().size(), std::size_t{1});
    document.undoStack()->undo();
    QVERIFY(document.selection().empty());
}

void TestDocument::showsBrokenImageAsProblem()
{
    LabelFixture data(2);
    data.write("image2.png", data.read("image2.png").substr(0, 30));
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(data.path());
    document.setCurrentIndex(1);
    QVERIFY(!document.isLoaded());
    QVERIFY(document.isReadOnly());
    QVERIFY(document.loadError().contains(QStringLiteral("image2.png")));
    QCOMPARE(document.summaries()[1].status, ItemStatus::Problem);
    document.setCurrentIndex(0);
    QVERIFY(document.isLoaded());
    QVERIFY(document.loadError().isEmpty());
}

void TestDocument::protectsHiddenAndLocked()
{
    LabelFixture data(1);
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(data.path());
    document.applyEdit(drawSquare(document.annotation(), "car"));
    document.applyEdit(drawSquare(document.annotation(), "tree", 30));
    const ShapeId car = document.annotation().shapes[0].id, tree = document.annotation().shapes[1].id;
    QVERIFY(document.protectedShapes().empty());
    document.setShapeLocked(car, true);
    document.setLabelHidden("tree", true);
    QCOMPARE(document.protectedShapes(), (std::set<ShapeId>{car, tree}));
    document.setShapeLocked(car, false);
    document.setLabelHidden("tree", false);
    QVERIFY(document.protectedShapes().empty());
}

void TestDocument::picksTheOnlyClass()
{
    LabelFixture data(1);
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(data.path());
    QVERIFY(document.activeLabel().isEmpty()); // two classes: nobody can know
    document.setActiveLabel(QStringLiteral(" bus "));
    QCOMPARE(document.activeLabel(), QStringLiteral("bus"));
    QCOMPARE(document.labels().size(), 4);
    QCOMPARE(document.dataset()->labels.size(), 4);
    QTRY_VERIFY(data.read("masque.json").find("bus") != std::string::npos);
}

void TestDocument::closesDuringJobs()
{
    LabelFixture data(60);
    for (int i = 0; i < 5; ++i) {
        auto jobs = makeThreadedJobRunner();
        auto document = std::make_unique<Document>(*jobs, LabelFixture::formats());
        QSignalSpy changes(document.get(), &Document::changed);
        document->open(data.path());
        if (i > 0)
            QVERIFY(changes.wait());
        if (i > 2) {
            QTRY_VERIFY(document->isLoaded());
            document->applyEdit(drawSquare(document->annotation(), "car"));
            document->setCurrentIndex(20 + i);
        }
        if (i % 2 == 0)
            document->close();
        document.reset();
        jobs.reset();
    }
    QVERIFY(data.read("image1.json").find("car") != std::string::npos);
}

QTEST_MAIN(TestDocument)
#include "test_document.moc"
