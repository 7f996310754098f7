// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/inference/label_errors.h"
#include "core/inference/next_image.h"
#include "core/runs/run.h"
#include "tests/core/runs/small_run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <opencv2/imgproc.hpp>

#include <QObject>
#include <QtTest/QTest>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using namespace masque;

namespace {

const LabelSet kLabels({std::string(kBackgroundName), "cat", "dog"});

cv::Mat1b square(int x, int y, int side, int id, cv::Size size = {80, 60})
{
    cv::Mat1b ids(size, 0);
    ids(cv::Rect(x, y, side, side)) = static_cast<std::uint8_t>(id);
    return ids;
}

/// A network that is sure, by so much, of these ids.
Prediction sureOf(const cv::Mat1b &ids, float p = 0.9f)
{
    Prediction out{.labels = ids, .probabilities = {}, .confidence = cv::Mat1f(ids.size(), p)};
    for (int id = 0; id < kLabels.size(); ++id) {
        cv::Mat1f plane(ids.size(), (1 - p) / static_cast<float>(kLabels.size() - 1));
        plane.setTo(p, ids == id);
        out.probabilities.push_back(plane);
    }
    return out;
}

} // namespace

class TestLabelErrors : public QObject {
    Q_OBJECT

    TestFolder m_folder;

private Q_SLOTS:
    /// The doubts of one image among others whose labels are right.
    static std::vector<LabelDoubt> rated(const Prediction &prediction, const cv::Mat1b &truth, double usually = 0.9)
    {
        std::vector<ImageDoubts> images = {{.item = 7, .doubts = labelDoubts(prediction, truth, kLabels)}};
        UsualConfidence usual(kLabels.size());
        for (int id = 0; id < kLabels.size(); ++id)
            usual.add(sureOf(cv::Mat1b(10, 10, static_cast<std::uint8_t>(id)), static_cast<float>(usually)),
                      cv::Mat1b(10, 10, static_cast<std::uint8_t>(id)));
        rateDoubts(images, usual);
        return images[0].doubts;
    }

    void rightLabelIsNotDoubted()
    {
        const auto ids = square(20, 20, 20, 1);
        const auto doubts = rated(sureOf(ids), ids);
        QCOMPARE(doubts.size(), std::size_t{1});
        QCOMPARE(doubts[0].kind, DoubtKind::Outline);
        QCOMPARE(doubts[0].box, (Rect{20, 20, 20, 20}));
        QCOMPARE(doubts[0].outlinePx, 76);
        QCOMPARE(doubts[0].offsetPx, 0.0);
    }

    void movedShapeIsAnOutline()
    {
        const auto seen = square(24, 20, 20, 1), given = square(20, 20, 20, 1);
        const auto doubts = rated(sureOf(seen), given);
        QCOMPARE(doubts.size(), std::size_t{1});
        QCOMPARE(doubts[0].kind, DoubtKind::Outline);
        QCOMPARE(doubts[0].box, (Rect{20, 20, 24, 20}));
        QVERIFY(std::abs(doubts[0].offsetPx - 160.0 / 76) < 1e-9); // 4 columns are labelled only, 4 are seen only
        // a network that is usually surer than this has no say
        QCOMPARE(rated(sureOf(seen, 0.8f), given)[0].offsetPx, 0.0);
        QVERIFY(rated(sureOf(seen, 0.8f), given, 0.75)[0].offsetPx > 0);
    }

    void hardClassesAreJudgedByTheirOwnMeasure()
    {
        // cats are always found two pixels off, dogs never: one pixel is less for a cat than for a dog
        UsualConfidence usual(kLabels.size());
        std::vector<ImageDoubts> images;
        for (int i = 0; i < 9; ++i)
            for (const int id : {1, 2})
                images.push_back({.item = images.size(),
                                  .doubts = labelDoubts(sureOf(square(20 + (id == 1 ? 2 : 0), 20, 20, id)),
                                                        square(20, 20, 20, id), kLabels)});
        for (const int id : {1, 2})
            images.push_back({.item = 100 + static_cast<std::size_t>(id),
                              .doubts = labelDoubts(sureOf(square(23, 20, 20, id)), square(20, 20, 20, id), kLabels)});
        for (int id = 0; id < kLabels.size(); ++id)
            usual.add(sureOf(cv::Mat1b(1, 1, static_cast<std::uint8_t>(id))),
                      cv::Mat1b(1, 1, static_cast<std::uint8_t>(id)));
        rateDoubts(images, usual);
        QCOMPARE(images[0].item, std::size_t{102});
        QCOMPARE(images[1].item, std::size_t{101});
        QVERIFY(std::abs(images[1].score - 1.5) < 1e-9);
        QVERIFY(images[0].score > 10);
    }

    void otherKinds_data()
    {
        QTest::addColumn<int>("given");
        QTest::addColumn<int>("seen");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<int>("kindsFound");
        QTest::newRow("missing") << 0 << 1 << "missing" << 1;
        QTest::newRow("spurious") << 2 << 0 << "spurious" << 1;
        QTest::newRow("class") << 1 << 2 << "class" << 2; // and the class that is seen is missing
    }
    void otherKinds()
    {
        QFETCH(int, given);
        QFETCH(int, seen);
        QFETCH(QString, kind);
        QFETCH(int, kindsFound);
        const auto doubts = rated(sureOf(square(20, 20, 20, seen)), square(20, 20, 20, given));
        QCOMPARE(int(doubts.size()), kindsFound);
        QCOMPARE(std::string(doubtName(doubts[0].kind)), kind.toStdString());
        QCOMPARE(doubts[0].given, given);
        QCOMPARE(doubts[0].seen, seen);
        QVERIFY(doubts[0].offsetPx > 4);
    }

    void ignoredPixelsAndSpecksAreLeftOut()
    {
        auto truth = square(20, 20, 20, 1);
        truth.setTo(kIgnoreId, truth == 1);
        QVERIFY(labelDoubts(sureOf(square(20, 20, 20, 2)), truth, kLabels).empty());
        QVERIFY(labelDoubts(sureOf(square(3, 3, 2, 1)), square(0, 0, 0, 0), kLabels).empty());
    }

    void damagedImagesComeFirst()
    {
        // A network that is trained well is not needed to tell a shape that is missing from one that is labelled: what
        // is tested here is the way from files to the list.
        const auto data = makeDemo(m_folder, 16);
        QVERIFY(data.dataset);
        auto options = smallOptions();
        options.training.epochs = 1;
        const auto run = executeRun({data.dataset, data.summaries, options}, kModels, {}, {});
        MASQUE_VERIFY(run);
        auto predictor = Predictor::load(run->folder, kModels);
        MASQUE_VERIFY(predictor);
        std::vector<std::size_t> items(data.dataset->items.size());
        for (std::size_t i = 0; i < items.size(); ++i)
            items[i] = i;
        std::size_t reported = 0;
        const auto errors = findLabelErrors(*predictor, *data.dataset, items, {},
                                            [&](std::size_t done, std::size_t) { reported = done; });
        MASQUE_VERIFY(errors);
        QCOMPARE(reported, items.size());
        QCOMPARE(errors->images.size(), items.size());
        for (std::size_t i = 1; i < errors->images.size(); ++i)
            QVERIFY(errors->images[i - 1].score >= errors->images[i].score);
        const auto json = errors->toJson(*data.dataset);
        QCOMPARE(json["images"].items().size(), items.size());
        QCOMPARE(json["images"].items()[0]["score"].toDouble(), errors->images[0].score);
        QVERIFY(json["images"].items()[0]["doubts"].items().size() <= 5);

        auto withoutFile = *data.dataset;
        withoutFile.items[3].image = "gone.png";
        const auto rest = findLabelErrors(*predictor, withoutFile, items);
        MASQUE_VERIFY(rest);
        QCOMPARE(rest->skipped.size(), std::size_t{1});
        QCOMPARE(rest->skipped[0].file, std::string("gone.png"));
    }

    /// Each image is asked of the one network that did not learn it; what was trained is not trained again.
    void foldsDoNotSeeTheirOwn()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 9);
        QVERIFY(data.dataset);
        auto options = smallOptions();
        options.data.valRatio = 0.4;
        options.training.patience = 1;
        const auto run = executeRun({data.dataset, data.summaries, options}, kModels, {}, {});
        MASQUE_VERIFY(run);
        std::vector<std::size_t> items(9);
        std::iota(items.begin(), items.end(), 0);
        FoldsRequest request{.run = run->folder, .dataset = data.dataset, .items = items, .folds = 3};

        std::stop_source stopping; // in the second fold
        const auto stopped =
            trainFolds(request, kModels, stopping.get_token(), [&](std::size_t done, std::size_t total) {
                QCOMPARE(total, std::size_t{3000});
                if (done > 1000)
                    stopping.request_stop();
            });
        MASQUE_VERIFY(stopped);
        QVERIFY(stopped->empty());
        const auto first = readRun(run->folder + "/folds/1-of-3");
        MASQUE_VERIFY(first);
        QCOMPARE(first->state, std::string("finished"));
        QCOMPARE(readRun(run->folder + "/folds/2-of-3").value().state, std::string("stopped"));

        std::size_t steps = 0;
        const auto folds = trainFolds(request, kModels, {}, [&](std::size_t, std::size_t) { ++steps; });
        MASQUE_VERIFY(folds);
        QCOMPARE(folds->size(), std::size_t{3});
        QCOMPARE(readRun((*folds)[0].run).value().started, first->started);
        std::set<std::size_t> all;
        for (const auto &fold : *folds) {
            const auto split = readRunSplit(fold.run, *data.dataset);
            MASQUE_VERIFY(split);
            QCOMPARE(fold.items.size(), std::size_t{3});
            QCOMPARE(split->train.size(), std::size_t{6});
            QVERIFY(split->val.empty());
            for (const std::size_t item : fold.items)
                QVERIFY(std::ranges::find(split->train, item) == split->train.end() && all.insert(item).second);
        }
        QCOMPARE(all.size(), std::size_t{9});
        const auto errors = findLabelErrors(*folds, run->folder, kModels, "cpu", *data.dataset);
        MASQUE_VERIFY(errors);
        QCOMPARE(errors->images.size(), std::size_t{9});
        QVERIFY(errors->skipped.empty());

        steps = 0;
        MASQUE_VERIFY(trainFolds(request, kModels, {}, [&](std::size_t, std::size_t) { ++steps; }));
        QCOMPARE(steps, std::size_t{3}); // nothing is trained
        request.again = true;
        MASQUE_VERIFY(trainFolds(request, kModels, {}, [&](std::size_t, std::size_t) { ++steps; }));
        QVERIFY(steps > 6);
        request.folds = 1;
        QVERIFY(!trainFolds(request, kModels));
        request.folds = 5;
        QVERIFY(trainFolds(request, kModels).error().message.find("too few") != std::string::npos);
    }

    /// By how much more than usual another class is seen: 0.5 of a class that usually gets 0.9 is nothing.
    void classesAreRatedByWhatIsUsual()
    {
        const auto said = [](std::size_t item, int truth, std::vector<float> probabilities) {
            return ImageClass{.item = item, .truth = truth, .probabilities = std::move(probabilities)};
        };
        const auto doubts = rateClasses({said(0, 0, {0.9f, 0.05f, 0.05f}), said(1, 0, {0.7f, 0.2f, 0.1f}),
                                         said(2, 1, {0.1f, 0.6f, 0.3f}), said(3, 1, {0.4f, 0.4f, 0.2f}),
                                         said(4, 2, {0.1f, 0.8f, 0.1f}), said(5, 2, {0.1f, 0.1f, 0.8f})},
                                        3);
        QCOMPARE(doubts.size(), std::size_t{6});
        QCOMPARE(doubts[0].item, std::size_t{4}); // usual are 0.8, 0.5, 0.45: 0.3 over it against 0.35 below
        QVERIFY(std::abs(doubts[0].score - 0.65) < 1e-6);
        QCOMPARE(doubts[0].doubts.front().seen, 1);
        QCOMPARE(doubts[0].doubts.front().given, 2);
        for (std::size_t k = 1; k < 6; ++k)
            QVERIFY(doubts[k].doubts.empty() && doubts[k].score == 0);
    }

    void diverseImagesAreChosenFarApart()
    {
        // Three heaps on a line, one of them labelled: first the farthest heap, then the middle one, then repeats.
        const std::vector<std::vector<float>> labelled = {{0.f}};
        std::vector<std::vector<float>> candidates;
        for (const float heap : {0.f, 5.f, 10.f})
            for (int i = 0; i < 5; ++i)
                candidates.push_back({heap + 0.01f * static_cast<float>(i)});
        std::vector<double> even(candidates.size(), 1.0);
        const auto chosen = chooseDiverse(labelled, candidates, even, 3);
        QCOMPARE(chosen.size(), std::size_t{3});
        QCOMPARE(chosen[0].candidate, std::size_t{14});
        QCOMPARE(chosen[1].candidate / 5, std::size_t{1});
        QVERIFY(chosen[0].distance > chosen[1].distance);
        QVERIFY(chosen[2].distance < 0.1);
        // An uncertain one near is worth more than a certain one far.
        even[7] = 100;
        QCOMPARE(chooseDiverse(labelled, candidates, even, 1)[0].candidate, std::size_t{7});
        QCOMPARE(chooseDiverse({}, candidates, even, 99).size(), candidates.size());
        QVERIFY(chooseDiverse(labelled, {}, {}, 3).empty());
    }

    void nextImagesAreUnlabelledOnes()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 10);
        QVERIFY(data.dataset);
        auto summaries = data.summaries;
        for (std::size_t i = 4; i < 10; ++i)
            summaries[i].status = ItemStatus::New;
        const auto next = imagesToLabel(nullptr, *data.dataset, summaries, 6);
        MASQUE_VERIFY(next);
        std::set<std::size_t> items;
        for (const auto &image : *next)
            items.insert(image.item);
        QCOMPARE(items, (std::set<std::size_t>{4, 5, 6, 7, 8, 9}));
        const auto again = imagesToLabel(nullptr, *data.dataset, summaries, 2);
        MASQUE_VERIFY(again);
        QCOMPARE(again->size(), std::size_t{2});
        QCOMPARE((*again)[0].item, (*next)[0].item);
        QCOMPARE((*again)[1].item, (*next)[1].item);
    }

    /// What was long in being learnt stands beside what is seen to be wrong, in the order of the losses.
    void lossesSpeakToo()
    {
        const auto doubtOf = [](double score) {
            LabelDoubt doubt;
            doubt.score = score;
            return std::vector{doubt};
        };
        Dataset dataset;
        for (const char *name : {"a", "b", "c", "d", "e", "f"})
            dataset.items.push_back({.image = name, .json = {}});
        std::vector<ImageDoubts> images; // b is seen to be wrong, then f, a
        for (const auto &[item, score] : {std::pair{1, 9.0}, {5, 4.0}, {0, 2.0}, {2, 0.0}, {3, 0.0}, {4, 0.0}})
            images.push_back({.item = static_cast<std::size_t>(item), .score = score, .doubts = doubtOf(score)});
        // f is for validation; d was hardest, then b
        addTrainingLosses(images, dataset, {{"d", 6.0}, {"b", 4.0}, {"e", 2.0}, {"a", 1.0}, {"c", 1.0}});
        std::string order;
        for (const ImageDoubts &image : images)
            order += dataset.items[image.item].image;
        QCOMPARE(order, std::string("bdface")); // e and all below it have the median's loss or less
        QCOMPARE(images[1].score, 9.0);
        QCOMPARE(images[1].lossRatio, 3.0);
        QVERIFY(images[1].isByLoss());
        QVERIFY(!images[0].isByLoss());
        QCOMPARE(images[2].lossRatio, 0.0);
    }
};

QTEST_GUILESS_MAIN(TestLabelErrors)
#include "test_label_errors.moc"
