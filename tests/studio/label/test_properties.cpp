// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/face_fields.h"
#include "core/base/files.h"
#include "tests/studio/label/WorkspaceTest.h"

#include <QAbstractItemModelTester>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QTreeView>

using namespace masque;

/// The shapes list and the properties panel, by mouse and keys.
class TestProperties : public WorkspaceTest {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        setUp();
        m_document->applyEdit(drawSquare(m_document->annotation(), "car", 10));
        m_document->applyEdit(drawSquare(m_document->annotation(), "tree", 30));
        QCoreApplication::sendPostedEvents();
    }
    void cleanup() { tearDown(); }
    void editsSeveralTogether();
    void facesHaveIntensityAndRater();
    void flagsFollowTheClass();
    void flagsOfTheImage();
    void lockedShapesCannotBeEdited();
    void searchNarrowsTheList();
    void listKeepsTheSelection();
    void thousandsOfShapes();
    void renamesAClassEverywhere();
    void mergesClassesOfMasks();

private:
    template <typename Widget>
    Widget *widget(const char *name) const
    {
        return m_workspace->findChild<Widget *>(QLatin1String(name));
    }
    void selectAll()
    {
        QTest::keyClick(m_canvas, Qt::Key_A, Qt::ControlModifier);
        QCoreApplication::sendPostedEvents();
    }
    void write(const char *name, const QString &text)
    {
        auto *field = widget<QLineEdit>(name);
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, text);
        QTest::keyClick(field, Qt::Key_Return);
        QCoreApplication::sendPostedEvents();
    }
    /// An entry of the classes' menu.
    void triggerClass(const char *name)
    {
        for (QAction *entry : widget<QTreeView>("labels-list")->actions())
            if (entry->objectName() == QLatin1String(name)) {
                QVERIFY(entry->isEnabled());
                entry->trigger();
            }
    }
    void renameActive(const QString &to)
    {
        triggerClass("label-rename");
        auto *dialog = m_workspace->findChild<QInputDialog *>(QStringLiteral("rename-dialog"));
        QVERIFY(dialog);
        auto *field = dialog->findChild<QLineEdit *>();
        field->selectAll();
        QTest::keyClicks(field, to);
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY(!m_workspace->findChild<QInputDialog *>(QStringLiteral("rename-dialog")));
        QTRY_VERIFY(!m_document->isRelabelling());
    }
    void check(QListWidget *list, const QString &name)
    {
        const auto items = list->findItems(name, Qt::MatchExactly);
        QCOMPARE(items.size(), 1);
        const QRect row = list->visualItemRect(items.front());
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, {row.left() + 10, row.center().y()});
        QCoreApplication::sendPostedEvents();
    }
};

void TestProperties::editsSeveralTogether()
{
    auto *label = widget<QLineEdit>("property-class");
    selectAll();
    QVERIFY(label->text().isEmpty()); // two classes
    QVERIFY(!label->placeholderText().isEmpty());
    const int steps = m_document->undoStack()->count();
    write("property-class", QStringLiteral("bus"));
    write("property-group", QStringLiteral("7"));
    write("property-description", QStringLiteral("seen from behind"));
    QCOMPARE(m_document->undoStack()->count(), steps + 3);
    for (const Shape &shape : shapes()) {
        QCOMPARE(shape.label, std::string("bus"));
        QVERIFY(shape.groupId == 7);
        QCOMPARE(shape.description, std::string("seen from behind"));
    }
    QCOMPARE(label->text(), QStringLiteral("bus"));
    QVERIFY(widget<QLabel>("property-measures")->text().contains(QStringLiteral("242"))); // 2 squares of 11 x 11
    write("property-group", QString(QLatin1Char('x')));                                   // no number: not taken
    m_document->undoStack()->undo();
    m_document->undoStack()->undo();
    m_document->undoStack()->undo();
    QCOMPARE(shapes()[1].label, std::string("tree"));
}

/// Offered where every selected shape bears an emotion, and kept in the file as keys of the shape.
void TestProperties::facesHaveIntensityAndRater()
{
    auto *intensity = widget<QLineEdit>("property-intensity");
    selectAll();
    QVERIFY(!intensity->isVisible());
    write("property-class", QStringLiteral("happy"));
    QVERIFY(intensity->isVisible() && widget<QLineEdit>("property-rater")->isVisible());
    write("property-intensity", QStringLiteral("80"));
    write("property-rater", QStringLiteral("anna"));
    QCOMPARE(intensityOf(shapes()[0]), std::optional(0.8));
    write("property-votes", QStringLiteral("happy 3, ben: sad"));
    QCOMPARE(votesOf(shapes()[1]), votesFromText("happy 3, ben: sad"));
    QCOMPARE(widget<QLineEdit>("property-votes")->text(), QStringLiteral("happy 3, ben: sad"));
    auto *agreement = widget<QLabel>("property-agreement");
    QVERIFY(!agreement->isVisible()); // of one face, not of two
    m_document->setSelection({shapes()[1].id});
    QTRY_COMPARE(agreement->text(), QStringLiteral("3/4 say happy"));
    QVERIFY(agreement->isVisible());
    QCOMPARE(widget<QTreeView>("shapes-list")->model()->index(0, 1).data().toString(), QStringLiteral("3/4 agree"));
    selectAll();
    m_document->undoStack()->undo();
    QVERIFY(votesOf(shapes()[1]).empty());
    m_document->undoStack()->redo();
    QCoreApplication::sendPostedEvents();
    write("property-intensity", QStringLiteral("101")); // the last digit is not taken
    QCOMPARE(intensityOf(shapes()[1]), std::optional(0.1));
    m_document->undoStack()->undo();
    QCoreApplication::sendPostedEvents();
    QCOMPARE(intensity->text(), QStringLiteral("80"));
    QVERIFY(m_document->saveAndWait());
    const auto json = readJsonFile(m_document->dataset()->absolute(m_document->dataset()->items[0].json));
    MASQUE_VERIFY(json);
    const Json &shape = (*json)["shapes"].items()[1];
    QCOMPARE(shape["intensity"].toDouble(), 0.8);
    QCOMPARE(shape["rater"].toString(), std::string("anna"));
    QCOMPARE(shape["votes"]["happy"].toInt(), std::int64_t{3});
    QCOMPARE(shape["votes"]["ben"].toString(), std::string("sad"));
    QCOMPARE(shape["label"].toString(), std::string("happy"));
    QCOMPARE(shape["shape_type"].toString(), std::string("polygon"));
    auto *rater = widget<QLineEdit>("property-rater");
    rater->selectAll();
    QTest::keyClick(rater, Qt::Key_Delete);
    write("property-rater", QString());
    QCOMPARE(raterOf(shapes()[0]), std::string());
}

void TestProperties::flagsFollowTheClass()
{
    m_data->write("masque.json",
                  R"({"label_flags": {"c": ["parked"], ".*": ["cut off"]}, "flags": ["blurred", "night"]})");
    m_document->saveAndWait();
    m_document->open(m_data->path());
    Dataset settings = *m_document->dataset();
    auto *flags = widget<QListWidget>("property-flags");
    QCOMPARE(settings.labelFlags.size(), std::size_t{2});
    const std::string before = m_data->read("image1.json");
    selectAll();
    QCOMPARE(flags->count(), 2);
    m_document->setSelection({shapes()[1].id});
    QCoreApplication::sendPostedEvents();
    QCOMPARE(flags->count(), 1); // a tree cannot be parked
    m_document->saveAndWait();
    QCOMPARE(m_data->read("image1.json"), before); // offered, not written
    selectAll();
    check(flags, QStringLiteral("cut off"));
    QCOMPARE(shapes()[0].flags, (Flags{{"parked", false}, {"cut off", true}}));
    QCOMPARE(shapes()[1].flags, (Flags{{"cut off", true}}));
}

void TestProperties::flagsOfTheImage()
{
    m_data->write("masque.json", R"({"flags": ["blurred", "night"]})");
    m_document->saveAndWait();
    m_document->open(m_data->path());
    QCoreApplication::sendPostedEvents();
    auto *flags = widget<QListWidget>("image-flags");
    QCOMPARE(flags->count(), 2);
    QVERIFY(m_document->annotation().flags.empty());
    check(flags, QStringLiteral("night"));
    QCOMPARE(m_document->annotation().flags, (Flags{{"blurred", false}, {"night", true}}));
    m_document->undoStack()->undo();
    QVERIFY(m_document->annotation().flags.empty());
}

void TestProperties::lockedShapesCannotBeEdited()
{
    selectAll();
    QVERIFY(widget<QLineEdit>("property-class")->isEnabled());
    m_document->setLabelLocked("tree", true);
    m_document->setSelection({});
    m_document->setSelection({shapes()[1].id});
    QCoreApplication::sendPostedEvents();
    QVERIFY(!widget<QLineEdit>("property-class")->isEnabled());
}

void TestProperties::searchNarrowsTheList()
{
    auto *list = widget<QTreeView>("shapes-list");
    auto *search = widget<QLineEdit>("shapes-search");
    QCOMPARE(list->model()->rowCount(), 2);
    selectAll();
    search->setFocus();
    QTest::keyClicks(search, QStringLiteral("TRE"));
    QCOMPARE(list->model()->rowCount(), 1);
    QCOMPARE(m_document->selection().size(), std::size_t{2}); // what is out of the list stays selected
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(list->model()->index(0, 0)).center());
    QCOMPARE(m_document->selection(), std::set<ShapeId>{shapes()[1].id});
    search->clear();
    QTest::keyClicks(search, QStringLiteral("polygon"));
    QCOMPARE(list->model()->rowCount(), 2);
    QTest::keyClicks(search, QStringLiteral("x"));
    QCOMPARE(list->model()->rowCount(), 0);
}

void TestProperties::listKeepsTheSelection()
{
    auto *list = widget<QTreeView>("shapes-list");
    QAbstractItemModelTester tester(list->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    const std::set<ShapeId> chosen{shapes()[0].id};
    m_document->setSelection(chosen);
    QTest::keyClick(m_canvas, Qt::Key_BracketRight, Qt::ControlModifier); // forward: rows move
    QCOMPARE(shapes()[1].label, std::string("car"));
    QCOMPARE(m_document->selection(), chosen);
    QCOMPARE(list->selectionModel()->selectedRows().size(), 1);
    QCOMPARE(list->selectionModel()->selectedRows().front().row(), 0);
    widget<QLineEdit>("shapes-search")->setText(QStringLiteral("car"));
    m_document->applyEdit(replaceShape(
        m_document->annotation(),
        [&] {
            Shape shape = shapes()[1];
            shape.label = "tree";
            return shape;
        }(),
        "Relabel as tree"));
    QCOMPARE(list->model()->rowCount(), 0);
    QCOMPARE(m_document->selection(), chosen);
}

void TestProperties::thousandsOfShapes()
{
    std::vector<Shape> many;
    for (int i = 0; i < 5000; ++i)
        many.push_back({.label = "car", .points = {{1, 1}, {5, 1}, {5, 5}}});
    m_document->applyEdit(insertShapes(m_document->annotation(), std::move(many), "Paste 5000 shapes"));
    auto *list = widget<QTreeView>("shapes-list");
    QCOMPARE(list->model()->rowCount(), 5002);
    int resets = 0, removed = 0, inserted = 0;
    connect(list->model(), &QAbstractItemModel::modelReset, this, [&] { ++resets; });
    connect(list->model(), &QAbstractItemModel::rowsRemoved, this,
            [&](const QModelIndex &, int first, int last) { removed += last - first + 1; });
    connect(list->model(), &QAbstractItemModel::rowsInserted, this,
            [&](const QModelIndex &, int first, int last) { inserted += last - first + 1; });
    m_document->applyEdit(drawSquare(m_document->annotation(), "car", 12));
    m_document->applyEdit(removeShapes(m_document->annotation(), {shapes()[2500].id}, "Delete car"));
    QCOMPARE(resets, 0);
    QCOMPARE(inserted, 1);
    QCOMPARE(removed, 1);
    selectAll();
    QCOMPARE(list->selectionModel()->selection().size(), 1); // one run of rows
}

void TestProperties::renamesAClassEverywhere()
{
    m_data->writePolygon("image2.json", "car");
    m_data->writePolygon("image3.json", "tree");
    m_document->setActiveLabel(QStringLiteral("car"));
    renameActive(QStringLiteral("tree"));             // a class that there is: merged
    QCOMPARE(shapes()[0].label, std::string("tree")); // with unsaved edits, in memory
    QVERIFY(!m_document->labels().idOf("car"));
    QCOMPARE(m_document->activeLabel(), QStringLiteral("tree"));
    QVERIFY(m_data->read("image2.json").find("\"tree\"") != std::string::npos);
    QVERIFY2(m_document->notice().contains(QStringLiteral("changed: 1.")), qPrintable(m_document->notice()));
    QVERIFY(m_document->saveAndWait());
    QVERIFY(m_data->read("masque.json").find("car") == std::string::npos);
    QCOMPARE(m_document->lastRelabelling(), QStringLiteral("car → tree"));
    triggerClass("label-undo-rename");
    QTRY_VERIFY(!m_document->isRelabelling());
    QCOMPARE(shapes()[0].label, std::string("car"));
    QCOMPARE(shapes()[1].label, std::string("tree"));
    QVERIFY(m_data->read("image2.json").find("\"car\"") != std::string::npos);
    QVERIFY(m_data->read("image3.json").find("\"tree\"") != std::string::npos);
    QVERIFY(m_document->labels().idOf("car"));
    QVERIFY(m_document->lastRelabelling().isEmpty());
    QVERIFY(m_document->saveAndWait());
    QVERIFY(!m_document->hasConflict());
}

/// Numbers in mask files get a name, and two of them become one class, without a mask file being touched.
void TestProperties::mergesClassesOfMasks()
{
    QVERIFY(m_document->saveAndWait());
    const TestFolder folder;
    cv::Mat3b mask(48, 64, cv::Vec3b::all(0));
    for (int id = 1; id < 4; ++id)
        mask.colRange(id * 16, id * 16 + 16).setTo(cv::Scalar::all(id));
    folder.write("masks/readme", "");
    for (const char *name : {"a.png", "b.png"}) {
        MASQUE_VERIFY(writeImage(folder.file(name), cv::Mat3b(48, 64, {90, 9, 9})));
        MASQUE_VERIFY(writeImage(folder.file(std::string("masks/") + name), mask));
    }
    const auto bytes = readFile(folder.file("masks/b.png"));
    const auto open = [&] {
        m_document->open(QString::fromStdString(folder.path()));
        QTRY_VERIFY(m_document->dataset() && m_document->dataset()->root == folder.path());
        QTRY_VERIFY(!m_document->isIndexing() && shapes().size() == 3);
    };
    open();
    const auto idsOf = [&](int x) { // of the image that is not open, as training reads it
        const auto ids = readLabelMap(*m_document->dataset(), m_document->dataset()->items[1]);
        return ids ? int{(*ids)(0, x)} : -1;
    };
    using Names = std::vector<std::string>;
    QCOMPARE(m_document->labels().names(), (Names{"_background_", "car", "tree", "class_3"}));
    m_document->setActiveLabel(QStringLiteral("class_3"));
    renameActive(QStringLiteral("lorry"));
    QCOMPARE(m_document->activeLabel(), QStringLiteral("lorry"));
    m_document->setActiveLabel(QStringLiteral("tree"));
    renameActive(QStringLiteral("lorry"));
    QCOMPARE(m_document->labels().names(), (Names{"_background_", "car", "lorry"}));
    QCOMPARE(m_document->activeLabel(), QStringLiteral("lorry"));
    QCOMPARE(shapes()[1].label, std::string("lorry")); // the image on the screen
    QCOMPARE(idsOf(20), 1);
    QCOMPARE(idsOf(40), 2);
    QCOMPARE(idsOf(60), 2);
    QVERIFY(readFile(folder.file("masks/b.png")).value() == bytes.value());
    QVERIFY(m_document->saveAndWait());

    // Read again from its files, and taken back from them.
    m_document->close();
    open();
    QCOMPARE(m_document->labels().names(), (Names{"_background_", "car", "lorry"}));
    QCOMPARE(idsOf(40), 2);
    QCOMPARE(m_document->lastRelabelling(), QStringLiteral("tree → lorry"));
    triggerClass("label-undo-rename");
    QTRY_VERIFY(!m_document->isRelabelling());
    QCOMPARE(m_document->labels().names(), (Names{"_background_", "car", "tree", "lorry"}));
    QCOMPARE(idsOf(40), 2);
    QCOMPARE(idsOf(60), 3);
    QCOMPARE(shapes()[1].label, std::string("tree"));
    triggerClass("label-undo-rename");
    QTRY_VERIFY(!m_document->isRelabelling());
    QCOMPARE(m_document->labels().names(), (Names{"_background_", "car", "tree", "class_3"}));
    QCOMPARE(shapes()[2].label, std::string("class_3"));
    QVERIFY(m_document->saveAndWait());
}

QTEST_MAIN(TestProperties)
#include "test_properties.moc"
