// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/datasets/IndexCache.h"
#include "core/datasets/listing.h"
#include "tests/support/support.h"

#include <filesystem>
#include <fstream>
#include <thread>

namespace fs = std::filesystem;
using namespace masque;

namespace {

constexpr int kImages = 10'000; ///< as many as the cache is used for

std::string labelMe(const std::string &label)
{
    return R"({"version": "5.1.1", "flags": {}, "shapes": [{"label": ")" + label
           + R"(", "points": [[1, 1], [6, 1], [6, 5]], "group_id": null, "shape_type": "polygon", "flags": {}}],
        "imagePath": "x.png", "imageData": null, "imageHeight": 6, "imageWidth": 8})";
}

} // namespace

/// What indexing found is remembered, and nothing that is wrong with the file matters.
class TestIndexCache : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    Dataset m_dataset;

    std::string path() const { return m_folder.file(".masque/index.sqlite"); }
    std::string json(int i) const { return m_folder.file(std::to_string(i) + ".json"); }
    /// Of an item whose image's bytes nobody can read, so that only the cache can know it.
    void hideImages()
    {
        // The same size and time, but no image any more: who reads it says so.
        for (int i = 0; i < 3; ++i) {
            const std::string image = m_folder.file(std::to_string(i) + ".png");
            const auto time = fs::last_write_time(image);
            const auto size = fs::file_size(image);
            std::fstream(image, std::ios::in | std::ios::out | std::ios::binary)
                << std::string(static_cast<std::size_t>(size), 'x');
            fs::last_write_time(image, time);
        }
    }
    void showImages()
    {
        for (int i = 0; i < 3; ++i)
            m_folder.write(std::to_string(i) + ".png", m_png);
    }
    std::string m_png = encodeGreyPng(cv::Mat1b(6, 8, std::uint8_t{90})).value_or("");

private Q_SLOTS:
    void initTestCase()
    {
        m_dataset.root = m_folder.path();
        for (int i = 0; i < kImages; ++i) {
            const std::string stem = std::to_string(i);
            std::ofstream(m_folder.file(stem + ".png"), std::ios::binary) << m_png;
            if (i % 10 == 0)
                std::ofstream(json(i)) << labelMe(i % 20 == 0 ? "car" : "tree");
            m_dataset.items.push_back(itemFor(stem + ".png"));
        }
        m_folder.write("7.json", "{"); // a problem is remembered, too
    }

    void isRemembered()
    {
        const auto first = indexDataset(m_dataset);
        QVERIFY(fs::exists(path()));
        QCOMPARE(first.dataset.labels.size(), 2);
        QCOMPARE(first.dataset.problems.size(), std::size_t{1});
        hideImages();
        const auto second = indexDataset(m_dataset);
        QVERIFY(second.summaries == first.summaries); // nobody read them
        QCOMPARE(second.dataset.problems.size(), std::size_t{1});
        QCOMPARE(second.dataset.problems[0].file, std::string("7.json"));
        showImages();
    }

    void changesAreNoticed()
    {
        m_folder.write("20.json", labelMe("boat"));
        m_folder.write("1.json", labelMe("boat")); // there was none
        fs::remove(json(10));
        const auto indexed = indexDataset(m_dataset);
        QCOMPARE(indexed.summaries[20].labels, std::vector<std::string>{"boat"});
        QCOMPARE(indexed.summaries[1].status, ItemStatus::Labelled);
        QCOMPARE(indexed.summaries[10].status, ItemStatus::New);
        QVERIFY(indexDataset(m_dataset).summaries == indexed.summaries);
    }

    void damageIsMended_data()
    {
        QTest::addColumn<QByteArray>("bytes"); ///< in place of the file; null: cut in half
        QTest::newRow("text") << QByteArray("no database");
        QTest::newRow("zeros") << QByteArray(100'000, '\0');
        QTest::newRow("nothing") << QByteArray("");
        QTest::newRow("half of it") << QByteArray();
    }
    void damageIsMended()
    {
        QFETCH(QByteArray, bytes);
        const auto before = indexDataset(m_dataset);
        for (const char *ending : {"-wal", "-shm"})
            fs::remove(path() + ending);
        if (bytes.isNull())
            fs::resize_file(path(), fs::file_size(path()) / 2);
        else
            m_folder.write(".masque/index.sqlite", bytes.toStdString());
        QVERIFY(indexDataset(m_dataset).summaries == before.summaries);
        QVERIFY(indexDataset(m_dataset).summaries == before.summaries);
    }

    void deletedIsMadeAgain()
    {
        fs::remove_all(m_folder.file(".masque"));
        const auto indexed = indexDataset(m_dataset);
        QVERIFY(fs::exists(path()));
        QVERIFY(indexDataset(m_dataset).summaries == indexed.summaries);
    }

    void twoAtOnce()
    {
        fs::remove_all(m_folder.file(".masque"));
        IndexedDataset other;
        std::jthread thread([&] { other = indexDataset(m_dataset); });
        const auto indexed = indexDataset(m_dataset);
        thread.join();
        QVERIFY(other.summaries == indexed.summaries);
        hideImages();
        QVERIFY(indexDataset(m_dataset).summaries == indexed.summaries); // and one of them remembered
        showImages();
    }

    void smallOnesAreNotCached()
    {
        TestFolder folder;
        folder.write("a.png", m_png);
        Dataset small;
        small.root = folder.path();
        small.items.push_back(itemFor("a.png"));
        indexDataset(small);
        QVERIFY(!fs::exists(folder.file(".masque")));
    }
};

QTEST_GUILESS_MAIN(TestIndexCache)
#include "test_index_cache.moc"
