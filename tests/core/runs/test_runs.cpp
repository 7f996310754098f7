// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/datasets/demo.h"
#include "core/runs/SampleLoader.h"
#include "core/runs/run.h"
#include "core/runs/sample_losses.h"
#include "core/training/Checkpoint.h"
#include "core/training/weights/safetensors.h"
#include "tests/core/runs/small_run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <QObject>
#include <QtTest/QTest>

#include <filesystem>

using namespace masque;

class TestRuns : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sizes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::newRow("square") << "128" << 128 << 128;
        QTest::newRow("width first") << "256x192" << 256 << 192;
        QTest::newRow("empty") << "" << 0 << 0;
        QTest::newRow("letters") << "big" << 0 << 0;
        QTest::newRow("tail") << "128x" << 0 << 0;
        QTest::newRow("three") << "1x2x3" << 0 << 0;
        QTest::newRow("too small") << "8" << 0 << 0;
        QTest::newRow("too large") << "100000" << 0 << 0;
        QTest::newRow("negative") << "-128" << 0 << 0;
    }
    void sizes()
    {
        QFETCH(QString, text);
        QFETCH(int, width);
        QFETCH(int, height);
        const auto size = parseSize(text.toStdString());
        QCOMPARE(size.has_value(), width > 0);
        if (size)
            QCOMPARE(*size, (Size{width, height}));
    }

    void labelsByNameOrRenamed()
    {
        LabelSet cats, dogs, both;
        for (auto *labels : {&cats, &dogs, &both})
            labels->add(std::string(kBackgroundName));
        cats.add("cat");
        dogs.add("dog");
        both.add("dog");
        both.add("cat");
        const cv::Mat1b ids = (cv::Mat1b(1, 3) << 0, 1, 255);
        const auto mapped = [&](const LabelSet &from, const LabelSet &to) {
            const auto out = mapToLabels(ids, from, to);
            return std::vector<int>(out.begin(), out.end());
        };
        QCOMPARE(mapped(cats, both), (std::vector<int>{0, 2, 255}));
        QCOMPARE(mapped(both, dogs), (std::vector<int>{0, 1, 255}));
        QCOMPARE(mapped(cats, dogs), (std::vector<int>{0, 1, 255})); // one renamed
        dogs.add("bird");
        QCOMPARE(mapped(cats, dogs), (std::vector<int>{0, 255, 255}));
    }

    void optionsRoundTrip()
    {
        auto options = smallOptions();
        options.training.loss = "bce+dice";
        options.augmentation.rotationDegrees = 12;
        RunOptions read;
        MASQUE_VERIFY(applyRunOptions(options.toJson(), unetFactory()->optionSpecs(), read));
        QCOMPARE(read.toJson().dump(), options.toJson().dump());
    }

    void unknownOptionIsAnErrorWithASuggestion()
    {
        RunOptions options;
        const auto done = applyRunOptions(Json::parse(R"({"epoch": 3})").value(), {}, options);
        QVERIFY(!done);
        QVERIFY2(done.error().message.find("'epochs'") != std::string::npos, done.error().message.c_str());
    }

    void trainsAndWritesEverything()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 12);
        QVERIFY(data.dataset);
        RunRequest request{data.dataset, data.summaries, smallOptions()};
        int started = 0, steps = 0;
        RunSink sink;
        sink.start = [&](const RunStart &start) {
            ++started;
            QCOMPARE(start.split.train.size() + start.split.val.size(), std::size_t{12});
            QVERIFY(start.parameters > 1000);
        };
        sink.step = [&](const StepReport &) { ++steps; };
        const auto run = executeRun(request, kModels, {}, sink);
        MASQUE_VERIFY(run);
        QCOMPARE(started, 1);
        QVERIFY(steps > 0);
        QCOMPARE(run->state, std::string("finished"));
        QCOMPARE(run->epochs.size(), std::size_t{4});
        QVERIFY(run->bestEpoch >= 1);
        for (const char *file : {"options.json", "run.json", "log.jsonl", "best.ckpt", "last.ckpt", "split.json"})
            QVERIFY2(std::filesystem::exists(run->folder + "/" + file), file);
        QVERIFY(run->folder.find(data.dataset->root + "/.masque/runs/") == 0);

        const auto listed = listRuns(data.dataset->root);
        QCOMPARE(listed.size(), std::size_t{1});
        QCOMPARE(listed.front().folder, run->folder);
        const auto split = readRunSplit(run->folder, *data.dataset);
        MASQUE_VERIFY(split);
        QVERIFY(!split->val.empty() && split->test.empty());

        // A run is never overwritten.
        request.folder = run->folder;
        const auto again = executeRun(request, kModels, {}, {});
        QVERIFY(!again);
        QVERIFY(again.error().message.find("holds a run already") != std::string::npos);
        // The next default name is another one.
        QVERIFY(newRunFolder(data.dataset->root, "unet") != run->folder);
    }

    void stoppedAndResumedEqualsUninterrupted()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 10);
        auto options = smallOptions();
        options.training.epochs = 3;
        options.augmentation.flipHorizontal = true;
        options.augmentation.rotationDegrees = 20;
        const auto whole = executeRun({data.dataset, data.summaries, options, folder.file("whole")}, kModels, {}, {});
        MASQUE_VERIFY(whole);

        std::stop_source stop;
        RunSink sink;
        sink.epoch = [&](const EpochReport &report) {
            if (report.epoch == 1 && report.split == "val")
                stop.request_stop();
        };
        const auto first =
            executeRun({data.dataset, data.summaries, options, folder.file("part")}, kModels, stop.get_token(), sink);
        MASQUE_VERIFY(first);
        QCOMPARE(first->state, std::string("stopped"));
        const auto rest = executeRun({data.dataset, data.summaries, {}, folder.file("part"), true}, kModels, {}, {});
        MASQUE_VERIFY(rest);
        QCOMPARE(rest->state, std::string("finished"));
        QCOMPARE(rest->epochs.size(), whole->epochs.size());
        for (std::size_t i = 0; i < whole->epochs.size(); ++i) {
            QCOMPARE(rest->epochs[i].metrics.loss, whole->epochs[i].metrics.loss);
            QCOMPARE(rest->epochs[i].metrics.meanIou, whole->epochs[i].metrics.meanIou);
        }
    }

    void saysWhatIsWrongWithTheData_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("says");
        QTest::newRow("no annotation") << "none"
                                       << "has an annotation yet";
        QTest::newRow("one class") << "one class"
                                   << "one class only";
        QTest::newRow("unknown model") << "model"
                                       << "resnet18-unet";
        QTest::newRow("unwritable") << "unwritable"
                                    << "cannot make this folder";
    }
    void saysWhatIsWrongWithTheData()
    {
        QFETCH(QString, kind);
        QFETCH(QString, says);
        TestFolder folder;
        auto data = makeDemo(folder, 4, kind == "none");
        Dataset dataset = *data.dataset;
        auto options = smallOptions();
        std::string target;
        if (kind == "one class")
            dataset.labels = LabelSet({std::string(kBackgroundName)});
        else if (kind == "model")
            options.data.model = "nonsense";
        else if (kind == "unwritable")
            target = folder.write("file", "x") + "/run"; // a file where a folder would be needed, also for root
        const auto run = executeRun({std::make_shared<const Dataset>(dataset), {}, options, target}, kModels, {}, {});
        QVERIFY(!run);
        QVERIFY2(run.error().message.find(says.toStdString()) != std::string::npos, run.error().message.c_str());
    }

    void loaderGivesImageAndIdsAtNetworkSize()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 2);
        const SampleLoader loader(data.dataset, {0, 1}, data.dataset->labels, {48, 32}, {});
        std::vector<float> image(3 * 48 * 32), again(image.size());
        std::vector<std::uint8_t> ids(48 * 32), idsAgain(ids.size());
        MASQUE_VERIFY(loader.read(1, 0, image, ids));
        MASQUE_VERIFY(loader.read(1, 0, again, idsAgain));
        QCOMPARE(image, again);
        QCOMPARE(ids, idsAgain);
        QVERIFY(*std::max_element(image.begin(), image.end()) <= 1.0f);
        QVERIFY(*std::max_element(image.begin(), image.end()) > 0.3f);
        QVERIFY(*std::max_element(ids.begin(), ids.end()) >= 1);
        QVERIFY(*std::max_element(ids.begin(), ids.end()) < data.dataset->labels.size());
    }

    void windowsShowEveryPixelOnce()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 3); // 64x64
        const Size size{48, 40};
        const auto counts = windowCounts(*data.dataset, {2, 0}, size);
        MASQUE_VERIFY(counts);
        QCOMPARE(*counts, (std::vector<std::size_t>{4, 4}));
        AugmentationOptions options;
        options.noise = 0.01; // anything
        const SampleLoader loader(data.dataset, {2, 0}, data.dataset->labels, size, options,
                                  SampleLoader::Classes::Exclusive, *counts);
        QCOMPARE(loader.size(), std::size_t{8});
        QCOMPARE(loader.name(3), data.dataset->items[2].image);
        QCOMPARE(loader.name(4), data.dataset->items[0].image);
        cv::Mat image, again;
        cv::Mat1b mask, maskAgain;
        std::vector<std::int64_t> seen(256), there(256);
        for (std::size_t i = 0; i < 4; ++i) {
            MASQUE_VERIFY(loader.readPixels(i, 0, image, mask));
            QCOMPARE(image.size(), cv::Size(48, 40));
            for (const auto id : mask)
                ++seen[id];
        }
        const auto whole = readLabelMap(*data.dataset, data.dataset->items[2]).value();
        for (const auto id : whole)
            ++there[id];
        seen[255] = there[255];
        QCOMPARE(seen, there);

        MASQUE_VERIFY(loader.readPixels(1, 7, image, mask));
        MASQUE_VERIFY(loader.readPixels(1, 7, again, maskAgain));
        QCOMPARE(cv::norm(image, again, cv::NORM_INF), 0.0);
        QCOMPARE(cv::norm(mask, maskAgain, cv::NORM_INF), 0.0);
        QCOMPARE(cv::countNonZero(mask == 255), 0);
    }

    void trainsOnTilesAndMixtures()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 6);
        auto options = smallOptions();
        options.data.tiles = true;
        options.data.size = "40";
        options.augmentation = {.elasticAlpha = 0.02, .balancedCrop = 0.5, .hue = 0.1, .cutout = 0.3, .mixup = 0.4};
        const auto whole = executeRun({data.dataset, data.summaries, options, folder.file("whole")}, kModels, {}, {});
        MASQUE_VERIFY(whole);
        std::stop_source stop;
        RunSink sink;
        std::size_t samples = 0;
        sink.record = [&](const StepRecord &step) {
            samples += step.samples.size();
            if (step.epoch == 1 && step.step == 2)
                stop.request_stop();
        };
        const auto first =
            executeRun({data.dataset, data.summaries, options, folder.file("part")}, kModels, stop.get_token(), sink);
        MASQUE_VERIFY(first);
        QCOMPARE(first->state, std::string("stopped"));
        const auto rest = executeRun({data.dataset, data.summaries, {}, folder.file("part"), true}, kModels, {}, sink);
        MASQUE_VERIFY(rest);
        QCOMPARE(samples, std::size_t{2 * 5 * 4}); // two epochs, five training images, four windows each
        QCOMPARE(readFile(folder.file("part/steps.jsonl")).value(), readFile(folder.file("whole/steps.jsonl")).value());
        for (const char *file : {"last.ckpt", "best.ckpt"}) {
            const auto one = readSafetensors(whole->folder + "/" + file, SafetensorsPart::All);
            const auto other = readSafetensors(rest->folder + "/" + file, SafetensorsPart::All);
            MASQUE_VERIFY(one);
            MASQUE_VERIFY(other);
            QCOMPARE((*one)->tensors.size(), (*other)->tensors.size());
            for (std::size_t i = 0; i < (*one)->tensors.size(); ++i)
                QVERIFY2((*one)->tensors[i].bytes == (*other)->tensors[i].bytes, (*one)->tensors[i].name.c_str());
        }

        const auto behind = samplesNear(whole->folder, 1.5);
        MASQUE_VERIFY(behind);
        QVERIFY(!behind->samples.empty());
        for (const auto &sample : behind->samples)
            QVERIFY(data.dataset->indexOf(sample.image));
        const auto high = alwaysHighLosses(whole->folder);
        MASQUE_VERIFY(high);
        QCOMPARE(high->size(), std::size_t{5}); // an image once
    }

    void brokenRunFoldersAreNotListed()
    {
        TestFolder folder;
        folder.write(".masque/runs/a/run.json", "{");
        folder.write(".masque/runs/b/run.json", "{}");
        folder.write(".masque/runs/c/options.json", "[]");
        QVERIFY(listRuns(folder.path()).empty());
        QVERIFY(!readRun(folder.file("nowhere")));
    }
};

QTEST_GUILESS_MAIN(TestRuns)
#include "test_runs.moc"
