// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/ItemsModel.h"
#include "studio/document/label_keys.h"
#include "studio/panels/LabelsModel.h"
#include "studio/panels/ShapesModel.h"
#include "tests/studio/label/LabelFixture.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QIcon>
#include <QSignalSpy>
#include <QTest>
#include <QUndoStack>

using namespace masque;

class TestLabelModels : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void filters_data();
    void filters();
    void itemsModelFollowsTheDocument();
    void thumbnailsComeOnDemand();
    void manyRowsStayQuick();
    void labelsAndShapesModelsFollowTheDocument();
    void keysAreGivenInOrder();
};

void TestLabelModels::filters_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("matches");
    QTest::newRow("empty") << "" << true;
    QTest::newRow("part of the name") << "street" << true;
    QTest::newRow("any case") << "STREET" << true;
    QTest::newRow("two words, both") << "street 7" << true;
    QTest::newRow("two words, one") << "street 9" << false;
    QTest::newRow("label") << "label:car" << true;
    QTest::newRow("other label") << "label:tree" << false;
    QTest::newRow("split") << "split:val" << true;
    QTest::newRow("other split") << "split:train" << false;
    QTest::newRow("no split") << "split:none" << false;
    QTest::newRow("status") << "status:labelled" << true;
    QTest::newRow("status being typed") << "status:lab" << true;
    QTest::newRow("other status") << "status:new" << false;
    QTest::newRow("all of it") << "street label:car split:val status:labelled" << true;
}

void TestLabelModels::filters()
{
    QFETCH(QString, text);
    QFETCH(bool, matches);
    const Item item{.image = "val/Street_7.jpg", .json = "val/Street_7.json", .split = Split::Val};
    const ItemSummary summary{.status = ItemStatus::Labelled, .shapes = 2, .labels = {"Car", "person"}};
    QCOMPARE(ItemFilter::parse(text).matches(item, summary), matches);
}

void TestLabelModels::itemsModelFollowsTheDocument()
{
    LabelFixture data(12), other(3);
    data.writePolygon("image3.json", "tree");
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    ItemsModel model(document, *jobs);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 0);
    document.open(data.path());
    QCOMPARE(model.rowCount(), 12);
    QCOMPARE(model.index(9).data().toString(), QStringLiteral("image10.png"));
    QCOMPARE(model.index(2).data(ItemsModel::StatusRole).toInt(), int(ItemStatus::Labelled));
    model.setFilter(QStringLiteral("status:new"));
    QCOMPARE(model.rowCount(), 11);
    QVERIFY(!model.rowOf(2));
    QCOMPARE(model.rowOf(3), 2);
    model.setFilter(QStringLiteral("label:tree"));
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.itemOf(0), 2);
    model.setFilter({});
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    document.applyEdit(drawSquare(document.annotation(), "car"));
    QVERIFY(!changes.isEmpty());
    QCOMPARE(model.index(0).data(ItemsModel::StatusRole).toInt(), int(ItemStatus::Labelled));
    document.open(other.path());
    QCOMPARE(model.rowCount(), 3);
    document.close();
    QCOMPARE(model.rowCount(), 0);
}

void TestLabelModels::thumbnailsComeOnDemand()
{
    LabelFixture data(30);
    const auto jobs = makeThreadedJobRunner();
    Document document(*jobs, LabelFixture::formats());
    ItemsModel model(document, *jobs);
    document.open(data.path());
    QTRY_COMPARE(model.rowCount(), 30);
    QVERIFY(model.index(7).data(Qt::DecorationRole).value<QPixmap>().isNull());
    QTRY_COMPARE(model.index(7).data(Qt::DecorationRole).value<QPixmap>().size(), QSize(64, 48));
    for (int row = 0; row < 30; ++row)
        model.index(row).data(Qt::DecorationRole);
    document.close(); // while they are being made
}

void TestLabelModels::manyRowsStayQuick()
{
    class Many : public DatasetFormat {
    public:
        std::string id() const override { return "many"; }
        std::string title() const override { return "Many"; }
        int probe(const std::string &) const override { return 100; }
        Result<Dataset> read(const std::string &path) const override
        {
            Dataset dataset{.root = path, .format = "many"};
            for (int i = 0; i < 20000; ++i)
                dataset.items.push_back({.image = "folder/image" + std::to_string(i) + ".jpg",
                                         .json = "folder/image" + std::to_string(i) + ".json"});
            return dataset;
        }
    };
    TestFolder folder;
    const auto jobs = makeThreadedJobRunner();
    Document document(*jobs, {std::make_shared<Many>()});
    ItemsModel model(document, *jobs);
    document.open(QString::fromStdString(folder.path()));
    QTRY_COMPARE(model.rowCount(), 20000);
    QElapsedTimer timer;
    timer.start();
    model.setFilter(QStringLiteral("image1999"));
    QCOMPARE(model.rowCount(), 11);
    QVERIFY2(timer.elapsed() < 500, qPrintable(QString::number(timer.elapsed())));
}

void TestLabelModels::labelsAndShapesModelsFollowTheDocument()
{
    LabelFixture data(2);
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    LabelsModel labels(document);
    ShapesModel shapes(document);
    QAbstractItemModelTester labelsTester(&labels, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QAbstractItemModelTester shapesTester(&shapes, QAbstractItemModelTester::FailureReportingMode::QtTest);
    document.open(data.path());
    QCOMPARE(labels.rowCount(), 2);
    QCOMPARE(labels.nameOf(0), QStringLiteral("car"));
    document.applyEdit(drawSquare(document.annotation(), "car"));
    document.applyEdit(drawSquare(document.annotation(), "car", 20));
    document.applyEdit(drawSquare(document.annotation(), "tree", 40));
    QCOMPARE(labels.index(0, LabelsModel::CountColumn).data().toInt(), 2);
    QCOMPARE(shapes.rowCount(), 3);
    QCOMPARE(shapes.index(0, 0).data().toString(), QStringLiteral("tree")); // the topmost first
    document.setShapeHidden(shapes.idOf(0), true);
    document.setActiveLabel(QStringLiteral("bus"));
    QCOMPARE(labels.rowCount(), 3);
    document.setLabelColor(labels.idOf(2), {1, 2, 3});
    const QIcon swatch = labels.index(2, 0).data(Qt::DecorationRole).value<QIcon>();
    QCOMPARE(swatch.pixmap(16, 16).toImage().pixelColor(8, 8), QColor(1, 2, 3));
    document.undoStack()->undo();
    QCOMPARE(shapes.rowCount(), 2);
    document.setCurrentIndex(1);
    QCOMPARE(shapes.rowCount(), 0);
    QCOMPARE(labels.index(0, LabelsModel::CountColumn).data().toInt(), 0);
    document.close();
    QCOMPARE(labels.rowCount(), 0);
}

void TestLabelModels::keysAreGivenInOrder()
{
    LabelSet labels({"_background_", "a", "b", "c"});
    labels.setKey(2, 1);
    const auto keys = labelKeys(labels);
    QVERIFY(!keys[0]);
    QCOMPARE(keys[1], 2);
    QCOMPARE(keys[2], 1);
    QCOMPARE(keys[3], 3);
}

QTEST_MAIN(TestLabelModels)
#include "test_label_models.moc"
