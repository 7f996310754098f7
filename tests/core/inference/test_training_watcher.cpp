// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_file.h"
#include "core/inference/Predictor.h"
#include "core/inference/TrainingWatcher.h"
#include "tests/core/runs/small_run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <opencv2/core.hpp>

#include <QObject>
#include <QtTest/QTest>

using namespace masque;

class TestTrainingWatcher : public QObject {
    Q_OBJECT

    TestFolder m_folder;

private Q_SLOTS:
    void pinsAreSpreadOverValidation()
    {
        QCOMPARE(pinnedItems({.train = {0, 1}, .val = {2, 3, 4, 5, 6, 7, 8, 9}, .test = {}}),
                 (std::vector<std::size_t>{2, 4, 6, 8}));
        QCOMPARE(pinnedItems({.train = {0, 1}, .val = {5}, .test = {}}), (std::vector<std::size_t>{5}));
        QCOMPARE(pinnedItems({.train = {0, 1}, .val = {}, .test = {}}), (std::vector<std::size_t>{0, 1}));
    }

    void framesAndWhatIsKept_data()
    {
        QTest::addColumn<bool>("tiles");
        QTest::newRow("whole images") << false;
        QTest::newRow("tiles") << true;
    }
    void framesAndWhatIsKept()
    {
        QFETCH(bool, tiles);
        TestFolder folder;
        const auto data = makeDemo(folder, 12);
        QVERIFY(data.dataset);
        auto options = smallOptions();
        options.training.epochs = 8;
        options.data.tiles = tiles;
        std::vector<WatchFrame> frames;
        TrainingWatcher watcher([&](WatchFrame frame) { frames.push_back(std::move(frame)); });
        const auto open = readImage(data.dataset->absolute(data.dataset->items[1].image));
        MASQUE_VERIFY(open);
        const auto annotation = readAnnotation(*data.dataset, data.dataset->items[1]);
        MASQUE_VERIFY(annotation);
        watcher.setCurrent("open.png", *open, *annotation);
        RunSink sink;
        sink.start = [&](const RunStart &start) { watcher.begin(*data.dataset, start.run, start.split); };
        sink.watch = [&](const std::shared_ptr<Network> &network, const WatchMoment &moment) {
            watcher.look(network, moment);
        };
        const auto run =
            executeRun({.dataset = data.dataset, .summaries = data.summaries, .options = options}, kModels, {}, sink);
        MASQUE_VERIFY(run);
        QVERIFY(!frames.empty());
        std::vector<int> kept;
        for (const auto &frame : frames) {
            QCOMPARE(frame.pinned.size(), std::size_t{2});
            QCOMPARE(frame.labels.size(), run->labels.size());
            QVERIFY(frame.current.has_value());
            QCOMPARE(frame.current->sample.name, std::string("open.png"));
            for (const auto &image : {frame.pinned[0], frame.pinned[1], *frame.current}) {
                QCOMPARE(image.labels.size(), image.sample.image.size());
                if (tiles)
                    QCOMPARE(image.labels.size(), cv::Size(32, 32));
            }
            QVERIFY(!frame.pinned[0].sample.ids.empty());
            QCOMPARE(frame.current->sample.ids.size(), frame.current->sample.image.size());
            QVERIFY(tiles || cv::countNonZero(frame.current->sample.ids) > 0);
            if (frame.isKept)
                kept.push_back(frame.moment.epoch);
        }
        QVERIFY(!kept.empty());
        QCOMPARE(keptPreviews(run->folder), kept);

        const auto &last = frames.back();
        QVERIFY(last.isKept);
        const auto names = std::vector<std::string>{last.pinned[1].sample.name, "of another run.png"};
        const auto previews = readPreviews(run->folder, kept.back(), names);
        QCOMPARE(cv::countNonZero(previews[0] != last.pinned[1].labels), 0);
        QVERIFY(previews[1].empty());
        QVERIFY(readPreviews(run->folder, 77, names)[0].empty());

        // what was seen in memory is what the checkpoint says afterwards
        auto predictor = Predictor::load(run->folder + "/last.ckpt", kModels);
        MASQUE_VERIFY(predictor);
        if (last.moment.epoch == 8) {
            const auto prediction = predictor->predict(last.pinned[0].sample.image);
            MASQUE_VERIFY(prediction);
            QCOMPARE(cv::countNonZero(prediction->labels != last.pinned[0].labels), 0);
        }
    }
};

QTEST_GUILESS_MAIN(TestTrainingWatcher)
#include "test_training_watcher.moc"
