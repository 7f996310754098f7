// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/datasets/DatasetFormat.h"
#include "core/datasets/emotions.h"
#include "core/datasets/split.h"
#include "core/faces/FrameSource.h"
#include "core/faces/demo_faces.h"
#include "core/plugins/PluginHost.h"
#include "core/runs/run.h"
#include "tests/support/support.h"

#include <QObject>
#include <QtTest/QTest>

#include <filesystem>

using namespace masque;

class TestDemoFaces : public QObject {
    Q_OBJECT

    TestFolder m_folder;

    std::string bytesOf(const std::string &folder) const
    {
        std::vector<std::string> files;
        for (const auto &entry : std::filesystem::recursive_directory_iterator(folder))
            if (entry.is_regular_file())
                files.push_back(entry.path().string());
        std::ranges::sort(files);
        std::string all;
        for (const auto &file : files)
            all += file.substr(folder.size()) + readFile(file).value_or("");
        return all;
    }

private Q_SLOTS:
    void sameSeedSameBytes()
    {
        const DemoOptions options{.count = 21, .size = 48, .seed = 5};
        MASQUE_VERIFY(writeDemoFaces(m_folder.file("a"), options));
        MASQUE_VERIFY(writeDemoFaces(m_folder.file("b"), options));
        QVERIFY(bytesOf(m_folder.file("a")) == bytesOf(m_folder.file("b")));
        MASQUE_VERIFY(writeDemoFaces(m_folder.file("c"), {.count = 21, .size = 48, .seed = 6}));
        QVERIFY(bytesOf(m_folder.file("a")) != bytesOf(m_folder.file("c")));
        const auto again = writeDemoFaces(m_folder.file("a"), options);
        QVERIFY(!again.has_value()); // nothing is written over
    }

    void photosAndVideo()
    {
        const PluginHost plugins;
        auto opened = openDataset(m_folder.file("a/photos"), plugins.registry().formats);
        MASQUE_VERIFY(opened);
        const auto indexed = indexDataset(std::move(*opened));
        QCOMPARE(indexed.dataset.items.size(), std::size_t{12});
        QVERIFY(indexed.dataset.problems.empty());
        for (std::size_t i = 0; i < 12; ++i) {
            QCOMPARE(indexed.summaries[i].shapes, 1 + static_cast<int>(i) % 4);
            for (const auto &label : indexed.summaries[i].labels)
                QVERIFY(isEmotion(label));
        }
        auto source = openFrameSource(m_folder.file("a/video.avi"));
        MASQUE_VERIFY(source);
        int frames = 0;
        for (auto frame = (*source)->next(); frame && frame->has_value(); frame = (*source)->next())
            ++frames;
        QCOMPARE(frames, 250);
    }

    /// Seven expressions that a small network tells apart, though heads, light and pose vary.
    void expressionsAreLearnt()
    {
        const PluginHost plugins;
        MASQUE_VERIFY(writeDemoFaces(m_folder.file("many"), {.count = 700, .size = 48, .seed = 1}));
        auto opened = openDataset(m_folder.file("many/faces"), plugins.registry().formats);
        MASQUE_VERIFY(opened);
        auto indexed = indexDataset(std::move(*opened));
        QCOMPARE(indexed.dataset.labels.names(), std::vector<std::string>(kEmotions.begin(), kEmotions.end()));
        QCOMPARE(indexed.dataset.splitCounts(), (std::array<int, 4>{0, 560, 140, 0}));
        RunOptions options;
        options.data.task = "emotion";
        options.data.model = "emotion-small";
        options.data.size = "48";
        options.training.batch = 32;
        options.training.lr = 0.003;
        options.training.epochs = 8;
        const auto run = executeRun(
            {std::make_shared<const Dataset>(indexed.dataset), indexed.summaries, options, m_folder.file("run")},
            plugins.registry().models, {}, {});
        MASQUE_VERIFY(run);
        qInfo("accuracy %.3f", run->figures.pixelAccuracy);
        QVERIFY(run->figures.pixelAccuracy > 0.8);
    }
};

QTEST_APPLESS_MAIN(TestDemoFaces)
#include "test_demo_faces.moc"
