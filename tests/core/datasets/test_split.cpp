// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/split.h"
#include "tests/support/support.h"

#include <map>
#include <numeric>
#include <set>

using namespace masque;

namespace {

/// Items by a letter each: t train, v val, e test, - none.
Dataset datasetOf(const QString &letters)
{
    Dataset dataset;
    for (const QChar letter : letters) {
        Item item;
        item.image = std::to_string(dataset.items.size()) + ".png";
        item.split = letter == 't'   ? Split::Train
                     : letter == 'v' ? Split::Val
                     : letter == 'e' ? Split::Test
                                     : Split::None;
        dataset.items.push_back(item);
    }
    return dataset;
}

std::vector<std::size_t> allOf(const Dataset &dataset)
{
    std::vector<std::size_t> all(dataset.items.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

} // namespace

class TestSplit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void names_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("split");
        for (const auto *name : {"train", "Train", "TRAIN"})
            QTest::newRow(name) << name << static_cast<int>(Split::Train);
        for (const auto *name : {"val", "valid", "Validation"})
            QTest::newRow(name) << name << static_cast<int>(Split::Val);
        QTest::newRow("test") << "Test" << static_cast<int>(Split::Test);
        for (const auto *name : {"", "trainval", "training2", "cars", "test.txt"})
            QTest::newRow(qPrintable(QString("no split '%1'").arg(name))) << name << static_cast<int>(Split::None);
    }
    void names()
    {
        QFETCH(QString, name);
        QFETCH(int, split);
        QCOMPARE(static_cast<int>(splitFromName(name.toStdString())), split);
    }

    void counts_data()
    {
        QTest::addColumn<QString>("items");
        QTest::addColumn<double>("valRatio");
        QTest::addColumn<double>("testRatio");
        QTest::addColumn<QList<int>>("counts");
        QTest::newRow("unsplit") << "----------" << 0.2 << 0.1 << QList{7, 2, 1};
        QTest::newRow("unsplit, no test") << "----------" << 0.2 << 0.0 << QList{8, 2, 0};
        QTest::newRow("unsplit, no val") << "----------" << 0.0 << 0.0 << QList{10, 0, 0};
        QTest::newRow("few: val gets one") << "---" << 0.1 << 0.0 << QList{2, 1, 0};
        QTest::newRow("one image trains") << "-" << 0.5 << 0.5 << QList{1, 0, 0};
        QTest::newRow("greedy ratios leave one") << "----" << 0.9 << 0.9 << QList{1, 0, 3};
        QTest::newRow("none") << "" << 0.2 << 0.2 << QList{0, 0, 0};
        QTest::newRow("all named") << "tttttvve" << 0.5 << 0.5 << QList{5, 2, 1};
        QTest::newRow("train and val: no test") << "tttttvv" << 0.5 << 0.5 << QList{5, 2, 0};
        QTest::newRow("train and test: val from train") << "ttttttttttee" << 0.2 << 0.5 << QList{8, 2, 2};
        QTest::newRow("test alone") << "eee" << 0.2 << 0.2 << QList{0, 0, 3};
        QTest::newRow("others join train") << "tt--vve" << 0.5 << 0.5 << QList{4, 2, 1};
    }
    void counts()
    {
        QFETCH(QString, items);
        QFETCH(double, valRatio);
        QFETCH(double, testRatio);
        QFETCH(QList<int>, counts);
        const auto dataset = datasetOf(items);
        const auto split = makeSplit(dataset, allOf(dataset), valRatio, testRatio, 7);
        QCOMPARE((QList{static_cast<int>(split.train.size()), static_cast<int>(split.val.size()),
                        static_cast<int>(split.test.size())}),
                 counts);
        std::set<std::size_t> all(split.train.begin(), split.train.end());
        all.insert(split.val.begin(), split.val.end());
        all.insert(split.test.begin(), split.test.end());
        QCOMPARE(all.size(), dataset.items.size()); // disjoint and complete
        for (const auto index : split.test)         // what is named test is never learnt from
            QVERIFY(!items.contains('e') || items[static_cast<int>(index)] == 'e');
    }

    void seeded()
    {
        const auto dataset = datasetOf(QString(100, '-'));
        const auto first = makeSplit(dataset, allOf(dataset), 0.2, 0.1, 1);
        QCOMPARE(makeSplit(dataset, allOf(dataset), 0.2, 0.1, 1).val, first.val);
        QVERIFY(makeSplit(dataset, allOf(dataset), 0.2, 0.1, 2).val != first.val);
    }

    /// Faces that lie in one photo are all learnt from, or all judged by.
    void photosStayWhole()
    {
        Dataset dataset;
        for (int photo = 0; photo < 20; ++photo)
            for (int face = 0; face < 1 + photo % 4; ++face)
                dataset.items.push_back(
                    {.image = std::to_string(photo) + ".jpg#xywh=" + std::to_string(face * 9) + ",0,9,9", .json = {}});
        for (const std::uint64_t seed : {1, 2, 3}) {
            const auto split = makeSplit(dataset, allOf(dataset), 0.3, 0.2, seed);
            std::map<std::string, std::set<int>> sides;
            int side = 0;
            for (const auto *part : {&split.train, &split.val, &split.test}) {
                QVERIFY(part->size() >= 10);
                for (const std::size_t item : *part)
                    sides[dataset.items[item].image.substr(0, dataset.items[item].image.find('#'))].insert(side);
                ++side;
            }
            QCOMPARE(sides.size(), std::size_t{20});
            for (const auto &[photo, of] : sides)
                QCOMPARE(of.size(), std::size_t{1});
            QCOMPARE(split.train.size() + split.val.size() + split.test.size(), dataset.items.size());
        }
    }

    void onlyCandidates()
    {
        const auto dataset = datasetOf("tttvvv");
        const auto split = makeSplit(dataset, {0, 4}, 0.5, 0, 1);
        QCOMPARE(split.train, std::vector<std::size_t>{0});
        QCOMPARE(split.val, std::vector<std::size_t>{4});
    }
};

QTEST_GUILESS_MAIN(TestSplit)
#include "test_split.moc"
