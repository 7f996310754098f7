// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/runs/Corrections.h"
#include "core/runs/run.h"
#include "core/runs/sample_losses.h"
#include "core/training/Checkpoint.h"
#include "tests/core/runs/small_run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <opencv2/core.hpp>

#include <QObject>
#include <QtTest/QTest>

#include <algorithm>
#include <filesystem>
#include <map>

using namespace masque;

namespace {

/// Its first shape alone.
Annotation mended(const Dataset &dataset, const std::string &image)
{
    const auto item = dataset.indexOf(image);
    if (!item)
        return {};
    auto annotation = readAnnotation(dataset, dataset.items[*item]).value();
    annotation.shapes.resize(1);
    return annotation;
}

/// The epochs of a run without the times that they took.
std::string figuresOf(const RunInfo &run)
{
    std::string text;
    for (const auto &epoch : run.epochs) {
        auto json = epoch.toJson();
        json.set("seconds", 0);
        json.set("images_per_second", 0);
        text += json.dump() + "\n";
    }
    return text;
}

/// Weights, optimiser and counters; progress says how long it took.
std::string weightsOf(const RunInfo &run)
{
    const auto bytes = readFile(run.folder + "/last.ckpt");
    std::uint64_t header = 0;
    if (bytes && bytes->size() > sizeof header)
        std::copy_n(bytes->begin(), sizeof header, reinterpret_cast<char *>(&header));
    return header > 0 ? bytes->substr(sizeof header + header) : std::string();
}

} // namespace

class TestLive : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    DemoData m_data;

    RunRequest request(const std::string &name, int epochs = 4) const
    {
        RunRequest out{.dataset = m_data.dataset, .summaries = m_data.summaries, .options = smallOptions()};
        out.options.training.epochs = epochs;
        out.options.augmentation.flipHorizontal = true;
        out.folder = m_folder.file(name);
        return out;
    }
    /// Trains; at the end of an epoch the queue gets these images, corrected.
    Result<RunInfo> runWith(RunRequest wanted, int atEpoch, const std::vector<std::string> &images,
                            std::stop_source *stop = nullptr, int stopEpoch = 0) const
    {
        wanted.corrections = std::make_shared<CorrectionQueue>();
        RunSink sink;
        sink.epoch = [&](const EpochReport &report) {
            if (report.split == "val" && report.epoch == atEpoch)
                for (const auto &image : images)
                    wanted.corrections->push(image, mended(*m_data.dataset, image));
            if (stop && report.split == "val" && report.epoch == stopEpoch)
                stop->request_stop();
        };
        return executeRun(wanted, kModels, stop ? stop->get_token() : std::stop_token(), sink);
    }
    SplitIndices split(const std::string &name) const
    {
        return readRunSplit(m_folder.file(name), *m_data.dataset).value();
    }
    std::string nameOf(std::size_t item) const { return m_data.dataset->items[item].image; }

private Q_SLOTS:
    void initTestCase()
    {
        m_data = makeDemo(m_folder, 12);
        QVERIFY(m_data.dataset);
        MASQUE_VERIFY(executeRun(request("plain"), kModels, {}, {}));
    }

    void queueKeepsTheLatestOfAnImage()
    {
        CorrectionQueue queue;
        Annotation first, second;
        first.imagePath = "first";
        second.imagePath = "second";
        queue.push("a.png", first);
        queue.push("a.png", second);
        const auto taken = queue.take();
        QCOMPARE(taken.size(), std::size_t{1});
        QCOMPARE(taken.at("a.png")->imagePath, std::string("second"));
        QVERIFY(queue.take().empty());
    }

    void countsInWords()
    {
        QCOMPARE(correctedText(1, 0), std::string("1 mask corrected"));
        QCOMPARE(correctedText(12, 0), std::string("12 masks corrected"));
        QCOMPARE(correctedText(12, 3), std::string("12 masks corrected, 3 of them in validation"));
        QCOMPARE(correctedText(1, 1), std::string("1 mask corrected in validation"));
        QCOMPARE(correctedText(0, 0, 2), std::string("2 images newly labelled"));
        QCOMPARE(correctedText(2, 2, 1), std::string("2 masks corrected in validation, 1 image newly labelled"));
    }

    void loaderTakesTheCorrectionAndNotTheFile()
    {
        SampleLoader loader(m_data.dataset, {0, 1}, m_data.dataset->labels, {64, 64}, {});
        const auto maskOf = [&](std::size_t sample) {
            cv::Mat image;
            cv::Mat1b mask;
            (void)loader.readPixels(sample, 0, image, mask);
            return mask;
        };
        const auto before = maskOf(0), other = maskOf(1);
        auto annotation = mended(*m_data.dataset, nameOf(0));
        auto unknown = annotation.shapes[0];
        QVERIFY(loader.correct(nameOf(0), std::make_shared<const Annotation>(annotation)));
        const auto after = maskOf(0);
        QVERIFY(cv::countNonZero(after) < cv::countNonZero(before));
        QCOMPARE(cv::countNonZero(maskOf(1) != other), 0);
        annotation.shapes[0].label = "a class that came later";
        QVERIFY(loader.correct(nameOf(0), std::make_shared<const Annotation>(annotation)));
        QCOMPARE(cv::countNonZero(maskOf(0) == kIgnoreId), cv::countNonZero(after));
        QVERIFY(!loader.correct("nowhere.png", std::make_shared<const Annotation>(annotation)));
        QCOMPARE(loader.samplesOf(nameOf(1)), (std::vector<std::size_t>{1}));
        QVERIFY(loader.samplesOf("nowhere.png").empty());
    }

    void nothingCorrectedChangesNothing()
    {
        const auto plain = readRun(m_folder.file("plain")).value();
        const auto run = runWith(request("untouched"), 0, {});
        MASQUE_VERIFY(run);
        QCOMPARE(figuresOf(*run), figuresOf(plain));
        QVERIFY(weightsOf(*run) == weightsOf(plain));
    }

    void correctionJoinsAtTheNextEpochAndIsSaid()
    {
        const auto planned = split("plain");
        const auto train = nameOf(planned.train[0]), val = nameOf(planned.val[0]);
        const auto run = runWith(request("corrected"), 2, {train, val, "of another run.png"});
        MASQUE_VERIFY(run);
        const auto plain = readRun(m_folder.file("plain")).value();
        for (std::size_t i = 0; i < 4; ++i) // two epochs, each with training and validation
            QCOMPARE(run->epochs[i].metrics.loss, plain.epochs[i].metrics.loss);
        QVERIFY(run->epochs[4].metrics.loss != plain.epochs[4].metrics.loss);

        QCOMPARE(run->findings.size(), std::size_t{1});
        const auto &finding = run->findings.front();
        QCOMPARE(finding.kind, std::string("corrected"));
        QCOMPARE(finding.epoch, 3);
        QCOMPARE(finding.message, std::string("2 masks corrected, 1 of them in validation"));
        QCOMPARE(finding.images.size(), std::size_t{2});

        // it comes three times an epoch from then on
        const auto steps = readSteps(run->folder);
        MASQUE_VERIFY(steps);
        std::map<int, int> seen;
        for (const auto &step : *steps)
            seen[step.epoch] += static_cast<int>(std::count(step.samples.begin(), step.samples.end(), 0));
        QCOMPARE(seen, (std::map<int, int>{{1, 1}, {2, 1}, {3, 3}, {4, 3}}));

        // validation: with the corrected image, and without it
        QVERIFY(!run->epochs[3].uncorrected);
        QVERIFY(run->epochs[5].uncorrected);
        QCOMPARE(run->epochs[5].uncorrected->correctedImages, 1);
        QVERIFY(run->epochs[5].uncorrected->metrics.meanIou != run->epochs[5].metrics.meanIou);
        QVERIFY(run->epochs[5].uncorrected->metrics.pixelAccuracy > 0);
    }

    void correctedRunIsResumedAsItWas()
    {
        // A dataset of its own, since the window saves what it corrects.
        TestFolder folder;
        const auto data = makeDemo(folder, 12);
        const auto train = nameOf(split("plain").train[0]);
        const auto go = [&](const std::string &name, std::stop_source *stop) {
            RunRequest wanted = request(name);
            wanted.dataset = data.dataset;
            wanted.summaries = data.summaries;
            wanted.folder = folder.file(name);
            return runWith(wanted, 1, {train}, stop, 2);
        };
        const auto whole = go("whole", nullptr);
        MASQUE_VERIFY(whole);
        std::stop_source stop;
        const auto half = go("half", &stop);
        MASQUE_VERIFY(half);
        QCOMPARE(half->state, std::string("stopped"));
        const auto &item = data.dataset->items[*data.dataset->indexOf(train)];
        MASQUE_VERIFY(writeLabelMe(data.dataset->absolute(item.json), mended(*data.dataset, train)));
        RunRequest resumed{.dataset = data.dataset, .folder = folder.file("half"), .resume = true};
        const auto rest = executeRun(resumed, kModels, {}, {});
        MASQUE_VERIFY(rest);
        QCOMPARE(figuresOf(*rest), figuresOf(*whole));
        QVERIFY(weightsOf(*rest) == weightsOf(*whole));
        QCOMPARE(rest->findings.size(), std::size_t{1});
    }

    void imageLabelledMeanwhileJoins()
    {
        TestFolder folder;
        const auto complete = makeDemo(folder, 12).dataset;
        const auto &item = complete->items[5];
        const std::string &image = item.image, json = complete->absolute(item.json);
        const auto labels = readAnnotation(*complete, item).value();
        std::filesystem::remove(json);
        const auto data = openIndexed(complete->root);
        const auto go = [&](const std::string &name, std::stop_source *stop) {
            RunRequest wanted = request(name);
            wanted.options.data.testRatio = 0.2;
            wanted.dataset = data.dataset;
            wanted.summaries = data.summaries;
            wanted.folder = folder.file(name);
            wanted.corrections = std::make_shared<CorrectionQueue>();
            RunSink sink;
            std::string test;
            sink.start = [&](const RunStart &start) { test = data.dataset->items[start.split.test.at(0)].image; };
            sink.epoch = [&](const EpochReport &report) {
                if (report.split == "val" && report.epoch == 1)
                    for (const auto &pushed : {image, test})
                        wanted.corrections->push(pushed, labels);
                if (stop && report.split == "val" && report.epoch == 2)
                    stop->request_stop();
            };
            return executeRun(wanted, kModels, stop ? stop->get_token() : std::stop_token(), sink);
        };
        const auto whole = go("whole", nullptr);
        MASQUE_VERIFY(whole);
        QCOMPARE(whole->findings.size(), std::size_t{1});
        QCOMPARE(whole->findings[0].message, std::string("1 image newly labelled"));
        QCOMPARE(whole->findings[0].images, (std::vector<std::string>{image})); // and none of the test split
        const auto planned = readRunSplit(whole->folder, *data.dataset).value();
        const auto steps = readSteps(whole->folder);
        MASQUE_VERIFY(steps);
        std::map<int, int> seen;
        for (const auto &step : *steps)
            seen[step.epoch] +=
                static_cast<int>(std::count(step.samples.begin(), step.samples.end(), planned.train.size()));
        QCOMPARE(seen, (std::map<int, int>{{1, 0}, {2, 3}, {3, 3}, {4, 3}}));
        const auto losses = alwaysHighLosses(whole->folder);
        MASQUE_VERIFY(losses);
        QVERIFY(std::ranges::any_of(*losses, [&](const auto &loss) { return loss.image == image; }));

        std::stop_source stop;
        const auto half = go("half", &stop);
        MASQUE_VERIFY(half);
        MASQUE_VERIFY(writeLabelMe(json, labels)); // as the window does
        RunRequest resumed{.dataset = openIndexed(complete->root).dataset, .folder = half->folder, .resume = true};
        const auto rest = executeRun(resumed, kModels, {}, {});
        MASQUE_VERIFY(rest);
        QCOMPARE(figuresOf(*rest), figuresOf(*whole));
        QVERIFY(weightsOf(*rest) == weightsOf(*whole));
    }

    void beingWatchedChangesNothing()
    {
        const auto plain = readRun(m_folder.file("plain")).value();
        std::vector<float> image(3 * 32 * 32, 0.5f);
        int looks = 0, ends = 0;
        RunSink sink;
        sink.watch = [&](const std::shared_ptr<Network> &network, const WatchMoment &moment) {
            const auto logits = infer(*network, image, {1, 3, 32, 32}, "cpu");
            QVERIFY(logits.has_value());
            QVERIFY(moment.at > 0 && moment.at <= 4 && moment.epoch >= 1);
            ++looks;
            ends += moment.isEpochEnd;
        };
        const auto run = executeRun(request("watched"), kModels, {}, sink);
        MASQUE_VERIFY(run);
        QVERIFY(looks >= 1);
        QVERIFY(ends >= 1);
        QCOMPARE(figuresOf(*run), figuresOf(plain));
        QVERIFY(weightsOf(*run) == weightsOf(plain));
    }
};

QTEST_GUILESS_MAIN(TestLive)
#include "test_live.moc"
