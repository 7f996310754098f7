// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/datasets/emotions.h"
#include "core/datasets/task.h"
#include "core/image/image_file.h"
#include "core/inference/classify.h"
#include "core/runs/run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <QObject>
#include <QtTest/QTest>

#include <opencv2/imgproc.hpp>

#include <cmath>
#include <map>

using namespace masque;

namespace {

const std::vector<std::string> kNames = {"bar", "cross", "disc"};

/// A white figure somewhere on grey noise.
cv::Mat drawn(int kind, std::uint64_t seed)
{
    Random random(seed);
    cv::Mat image(24, 24, CV_8UC3, cv::Scalar::all(90));
    const int x = 8 + random.below(9), y = 8 + random.below(9);
    const auto white = cv::Scalar::all(230);
    if (kind == 2)
        cv::circle(image, {x, y}, 6, white, cv::FILLED);
    if (kind < 2)
        cv::line(image, {x - 7, y}, {x + 7, y}, white, 3);
    if (kind == 1)
        cv::line(image, {x, y - 7}, {x, y + 7}, white, 3);
    cv::Mat noise(image.size(), CV_8UC3);
    cv::RNG(seed).fill(noise, cv::RNG::UNIFORM, 0, 25);
    return image + noise;
}

IndexedDataset makeFigures(const std::string &root, int count)
{
    IndexedDataset indexed;
    auto &dataset = indexed.dataset;
    dataset.root = root;
    dataset.format = "class-folders";
    dataset.task = Task::Classification;
    dataset.labels = LabelSet(kNames);
    dataset.labelsFixed = true;
    for (int i = 0; i < count; ++i) {
        const int kind = i % 3;
        Item item;
        item.label = kNames[static_cast<std::size_t>(kind)];
        item.image = item.label + "/" + std::to_string(i) + ".png";
        item.json = item.label + "/" + std::to_string(i) + ".json";
        item.split = i < count * 3 / 4 ? Split::Train : Split::Val;
        if (!makeFolder(root + "/" + item.label) || !writeImage(dataset.absolute(item.image), drawn(kind, 100 + i)))
            qFatal("no image");
        dataset.items.push_back(item);
        indexed.summaries.push_back({.status = ItemStatus::Labelled, .labels = {item.label}});
    }
    return indexed;
}

RunOptions quickly(const std::string &model = "emotion-small")
{
    RunOptions options;
    options.data.model = model;
    options.data.size = "24";
    options.training.epochs = 8;
    options.training.batch = 16;
    options.training.lr = 3e-3;
    options.training.threads = 1;
    return options;
}

ImageClass said(int truth, std::vector<float> probabilities)
{
    return {.item = 0, .truth = truth, .probabilities = std::move(probabilities)};
}

} // namespace

class TestClassify : public QObject {
    Q_OBJECT

    TestFolder m_folder;

private Q_SLOTS:
    void figuresOfAnEvaluation()
    {
        const auto of = evaluationOf({said(0, {0.9f, 0.05f, 0.05f}), said(0, {0.2f, 0.7f, 0.1f}),
                                      said(1, {0.1f, 0.8f, 0.1f}), said(2, {0.6f, 0.2f, 0.2f})},
                                     LabelSet(kNames), "val");
        QCOMPARE(of.confusion.at(0, 0), std::int64_t{1});
        QCOMPARE(of.confusion.at(0, 1), std::int64_t{1});
        QCOMPARE(of.confusion.at(2, 0), std::int64_t{1});
        QCOMPARE(of.metrics.pixelAccuracy, 0.5);
        QCOMPARE(of.metrics.balancedAccuracy, (0.5 + 1 + 0) / 3);
        QCOMPARE(of.metrics.meanDice, (0.5 + 2.0 / 3 + 0) / 3);
        QVERIFY(std::abs(of.metrics.loss + (std::log(0.9) + std::log(0.2) + std::log(0.8) + std::log(0.2)) / 4) < 1e-6);
        // four bins of one image each: |0.9-1| + |0.7-0| + |0.8-1| + |0.6-0|
        QVERIFY(std::abs(of.ece - (0.1 + 0.7 + 0.2 + 0.6) / 4) < 1e-6);
        QCOMPARE(of.topMistakes(9), (std::vector<std::size_t>{1, 3}));
        QCOMPARE(of.topMistakes(1), (std::vector<std::size_t>{1}));
        QCOMPARE(evaluationOf({}, LabelSet(kNames), "val").ece, 0.0);
    }

    /// Answers drawn from probabilities that a temperature of 2 brings back.
    void temperatureIsFound()
    {
        Random random(3);
        std::vector<ImageClass> images;
        for (int i = 0; i < 4000; ++i) {
            const double z[] = {3 * random.uniform(), 3 * random.uniform(), 3 * random.uniform()};
            const auto softmax = [&](double scale) {
                std::vector<float> p;
                double sum = 0;
                for (const double value : z)
                    sum += std::exp(scale * value);
                for (const double value : z)
                    p.push_back(static_cast<float>(std::exp(scale * value) / sum));
                return p;
            };
            const auto honest = softmax(1);
            double u = random.uniform();
            int truth = 0;
            while (truth < 2 && u > honest[static_cast<std::size_t>(truth)])
                u -= honest[static_cast<std::size_t>(truth++)];
            images.push_back(said(truth, softmax(2)));
        }
        const double temperature = fittedTemperature(images);
        QVERIFY2(std::abs(temperature - 2) < 0.15, qPrintable(QString::number(temperature)));
        const auto tempered = atTemperature(images, temperature);
        QVERIFY(expectedCalibrationError(tempered) < 0.03);
        QVERIFY(expectedCalibrationError(images) > 0.08);
        for (std::size_t i = 0; i < images.size(); ++i)
            QCOMPARE(tempered[i].said(), images[i].said());
        QCOMPARE(fittedTemperature({}), 1.0);
    }

    void learnsAndIsEvaluated_data()
    {
        QTest::addColumn<QString>("model");
        QTest::newRow("emotion-small") << "emotion-small";
        QTest::newRow("emotion-resnet9") << "emotion-resnet9";
    }
    void learnsAndIsEvaluated()
    {
        QFETCH(QString, model);
        const auto figures = makeFigures(m_folder.file("figures"), 120);
        const auto shared = std::make_shared<const Dataset>(figures.dataset);
        auto options = quickly(model.toStdString());
        options.augmentation.flipHorizontal = true;
        const auto run = executeRun({shared, figures.summaries, options, m_folder.file(model.toUtf8().constData())},
                                    ownModels(), {}, {});
        MASQUE_VERIFY(run);
        QCOMPARE(run->options.training.loss, std::string("ce")); // overlap says nothing of one answer
        QCOMPARE(run->options.training.metric, std::string("pixel_accuracy"));
        auto predictor = Predictor::load(run->folder, ownModels());
        MASQUE_VERIFY(predictor);
        QVERIFY(predictor->isOfImages());
        QVERIFY(!predictor->predict(drawn(0, 1))); // there are no masks
        const auto split = readRunSplit(run->folder, *shared).value();
        QCOMPARE(split.val.size(), std::size_t{30});
        const auto of = evaluateClasses(*predictor, *shared, split.val, "val");
        MASQUE_VERIFY(of);
        QVERIFY2(of->metrics.pixelAccuracy > 0.9, qPrintable(QString::number(of->metrics.pixelAccuracy)));
        const auto &best = run->epochs[static_cast<std::size_t>(2 * run->bestEpoch - 1)];
        QCOMPARE(best.split, std::string("val"));
        QVERIFY(std::abs(best.metrics.pixelAccuracy - of->metrics.pixelAccuracy) < 0.04);
        const auto json = of->toJson(*shared);
        QCOMPARE(json["task"].toString(), std::string("classification"));
        for (const char *key : {"split", "images", "loss", "accuracy", "balanced_accuracy", "macro_f1", "ece"})
            QVERIFY2(json.contains(key), key);
        QCOMPARE(json["classes"].items().size(), std::size_t{3});
        QCOMPARE(json["classes"].items()[1]["name"].toString(), std::string("cross"));
        QCOMPARE(json["classes"].items()[1]["support"].toInt(), std::int64_t{10});
        QCOMPARE(json["confusion"].items()[2].items().size(), std::size_t{3});
    }

    /// A folder of masks is another task, and says so; flags in annotations are classes.
    void flagsAreClasses()
    {
        auto figures = makeFigures(m_folder.file("flags"), 24);
        figures.dataset.task = Task::Segmentation;
        figures.dataset.labels = {};
        for (std::size_t i = 0; i < figures.dataset.items.size(); ++i) {
            auto &item = figures.dataset.items[i];
            Annotation annotation;
            for (const auto &name : kNames)
                annotation.flags.emplace_back(name, name == item.label);
            if (i > 0) // one is not labelled
                MASQUE_VERIFY(writeLabelMe(figures.dataset.absolute(item.json), annotation));
            figures.summaries[i] = {.status = i > 0 ? ItemStatus::Labelled : ItemStatus::New};
            if (i > 0)
                figures.summaries[i].flags = {item.label};
            item.label.clear();
        }
        auto options = quickly();
        options.training.epochs = 1;
        const auto request = [&](const char *task, const char *name) {
            options.data.task = task;
            return RunRequest{std::make_shared<const Dataset>(figures.dataset), figures.summaries, options,
                              m_folder.file(name)};
        };
        const auto masks = executeRun(request("auto", "masks"), ownModels(), {}, {});
        QVERIFY(!masks);
        const auto emotions = executeRun(request("emotion", "emotions"), ownModels(), {}, {});
        QVERIFY(!emotions); // no image has one of the seven
        const auto run = executeRun(request("classification", "run"), ownModels(), {}, {});
        MASQUE_VERIFY(run);
        QCOMPARE(run->labels.names(), kNames);
        const auto split = readRunSplit(run->folder, figures.dataset).value();
        QCOMPARE(split.train.size() + split.val.size(), std::size_t{23});
        auto predictor = Predictor::load(run->folder, ownModels());
        MASQUE_VERIFY(predictor);
        const auto of = evaluateClasses(*predictor, figures.dataset, {0, 1, 2}, "all");
        MASQUE_VERIFY(of);
        QCOMPARE(of->images.size(), std::size_t{2});
        QCOMPARE(of->skipped.size(), std::size_t{1});
        QCOMPARE(of->images[0].truth, 1);
    }

    /// Rectangles with a class are images of their own: cut out of the photo that they lie in.
    void rectanglesAreImages()
    {
        IndexedDataset indexed;
        auto &dataset = indexed.dataset;
        dataset.root = m_folder.file("photos");
        dataset.format = "labelme";
        m_folder.write("photos/x", "");
        for (int i = 0; i < 12; ++i) { // each photo holds a lying and a standing bar, 30 px wide, on 100 x 60
            Item item;
            item.image = std::to_string(i) + ".png";
            item.json = std::to_string(i) + ".json";
            cv::Mat3b photo(60, 100, cv::Vec3b::all(40));
            cv::rectangle(photo, {12, 20 + i % 6}, {38, 25 + i % 6}, cv::Scalar::all(220), cv::FILLED);
            cv::rectangle(photo, {70 + i % 6, 12}, {75 + i % 6, 38}, cv::Scalar::all(220), cv::FILLED);
            MASQUE_VERIFY(writeImage(dataset.absolute(item.image), photo));
            Annotation annotation;
            for (const auto &[label, x] : {std::pair("happy", 10), {"sad", 60}}) {
                Shape shape;
                shape.label = label;
                shape.type = ShapeType::Rectangle;
                shape.points = {{double(x), 10}, {double(x) + 30, 40}};
                annotation.shapes.push_back(shape);
            }
            Shape other; // no face
            other.label = "chair";
            other.type = ShapeType::Rectangle;
            other.points = {{0, 0}, {5, 5}};
            annotation.shapes.push_back(other);
            MASQUE_VERIFY(writeLabelMe(dataset.absolute(item.json), annotation));
            dataset.items.push_back(item);
            indexed.summaries.push_back(summarise(dataset, item));
        }
        auto options = quickly();
        options.data.task = "emotion";
        options.training.epochs = 12;
        options.training.batch = 8;
        const auto run = executeRun(
            {std::make_shared<const Dataset>(dataset), indexed.summaries, options, m_folder.file("of-photos")},
            ownModels(), {}, {});
        MASQUE_VERIFY(run);
        QCOMPARE(run->labels.size(), 7);
        MASQUE_VERIFY(setTask(indexed, "emotion"));
        QCOMPARE(dataset.items.size(), std::size_t{24});
        QCOMPARE(dataset.items[1].image, std::string("0.png#xywh=60,10,30,30"));
        QCOMPARE(dataset.items[1].label, std::string("sad"));
        const auto crop = readImage(dataset.absolute(dataset.items[1].image));
        MASQUE_VERIFY(crop);
        QCOMPARE(crop->size(), cv::Size(33, 33));
        const auto split = readRunSplit(run->folder, dataset).value();
        QCOMPARE(split.train.size() + split.val.size(), std::size_t{24});
        auto predictor = Predictor::load(run->folder, ownModels());
        MASQUE_VERIFY(predictor);
        const auto of = evaluateClasses(*predictor, dataset, split.val, "val");
        MASQUE_VERIFY(of);
        QCOMPARE(of->images.size(), split.val.size());
        QVERIFY2(of->metrics.pixelAccuracy > 0.8, qPrintable(QString::number(of->metrics.pixelAccuracy)));
    }

    /// Of classes that are not equally frequent each comes as often; the same seed gives the same order.
    void balancedSampler()
    {
        auto figures = makeFigures(m_folder.file("uneven"), 60);
        std::vector<Item> items;
        for (std::size_t i = 0; i < figures.dataset.items.size(); ++i) // one in five crosses stays, one in ten circles
            if (figures.dataset.items[i].label == kNames[0]
                || i % (figures.dataset.items[i].label == kNames[1] ? 5 : 10) == 1)
                items.push_back(figures.dataset.items[i]);
        figures.dataset.items = items;
        auto options = quickly();
        options.training.sampler = "balanced";
        options.training.epochs = 20;
        const auto seenOf = [&](const char *name) {
            std::vector<std::size_t> seen;
            RunSink sink;
            sink.record = [&](const StepRecord &step) {
                seen.insert(seen.end(), step.samples.begin(), step.samples.end());
            };
            const auto run = executeRun({.dataset = std::make_shared<const Dataset>(figures.dataset),
                                         .options = options,
                                         .folder = m_folder.file(name)},
                                        ownModels(), {}, sink);
            return run ? seen : std::vector<std::size_t>();
        };
        const auto seen = seenOf("balanced");
        const auto split = readRunSplit(m_folder.file("balanced"), figures.dataset).value();
        QCOMPARE(seen.size(), 20 * split.train.size());
        std::map<std::string, int> counts;
        for (const std::size_t sample : seen)
            ++counts[figures.dataset.items[split.train[sample]].label];
        QCOMPARE(counts.size(), std::size_t{3});
        for (const auto &[name, count] : counts)
            QVERIFY2(std::abs(3.0 * count / static_cast<double>(seen.size()) - 1) < 0.15,
                     qPrintable(QStringLiteral("%1: %2").arg(QString::fromStdString(name)).arg(count)));
        QCOMPARE(seenOf("again"), seen);
    }

    /// Raters who say "bar" three times of four of every bar: soft-ce learns their doubt, ce would be sure.
    void votesAreLearntAsShares()
    {
        auto figures = makeFigures(m_folder.file("voted"), 60);
        for (auto &item : figures.dataset.items) {
            if (item.label == kNames[0])
                item.votes = VoteCounts::of(votesFromText("bar 3, cross 1"));
            if (item.label == kNames[1]) { // votes of the annotation count more, and unsure ones not at all
                Annotation annotation;
                annotation.votes = votesFromText("cross, anna: cross, ben: disc, cara: disc, dan: __ignore__");
                MASQUE_VERIFY(writeLabelMe(figures.dataset.absolute(item.json), annotation));
                item.votes.add("bar");
            }
        }
        const auto shares = imageShares(figures.dataset, figures.dataset.items[1], figures.dataset.labels);
        MASQUE_VERIFY(shares);
        QCOMPARE(*shares, (std::vector<double>{0, 0.5, 0.5}));
        QCOMPARE(imageShares(figures.dataset, figures.dataset.items[2], figures.dataset.labels).value(),
                 (std::vector<double>{0, 0, 1}));
        auto options = quickly();
        options.training.loss = "soft-ce";
        options.training.epochs = 20;
        const auto run = executeRun(
            {std::make_shared<const Dataset>(figures.dataset), figures.summaries, options, m_folder.file("soft")},
            ownModels(), {}, {});
        MASQUE_VERIFY(run);
        auto predictor = Predictor::load(run->folder, ownModels());
        MASQUE_VERIFY(predictor);
        std::vector<double> sum(3);
        for (std::size_t i = 0; i < 45; i += 3) { // bars
            const auto said =
                classify(*predictor, readImage(figures.dataset.absolute(figures.dataset.items[i].image)).value());
            MASQUE_VERIFY(said);
            for (std::size_t k = 0; k < 3; ++k)
                sum[k] += (*said)[k] / 15;
        }
        QVERIFY2(sum[0] > 0.55 && sum[0] < 0.9 && sum[1] > sum[2],
                 qPrintable(QStringLiteral("%1 %2 %3").arg(sum[0]).arg(sum[1]).arg(sum[2])));
    }

    /// One channel: what has the same brightness is the same to it.
    void greyInput()
    {
        const auto figures = makeFigures(m_folder.file("grey-data"), 48);
        auto options = quickly();
        options.data.grey = true;
        options.training.epochs = 12;
        const auto run = executeRun(
            {std::make_shared<const Dataset>(figures.dataset), figures.summaries, options, m_folder.file("grey")},
            ownModels(), {}, {});
        MASQUE_VERIFY(run);
        auto predictor = Predictor::load(run->folder, ownModels());
        MASQUE_VERIFY(predictor);
        const auto val = readRunSplit(run->folder, figures.dataset).value().val;
        const auto of = evaluateClasses(*predictor, figures.dataset, val, "val");
        MASQUE_VERIFY(of);
        QVERIFY2(of->metrics.pixelAccuracy > 0.7, qPrintable(QString::number(of->metrics.pixelAccuracy)));
        cv::Mat red(24, 24, CV_8UC3, cv::Scalar(200, 0, 0)), grey(24, 24, CV_8UC3, cv::Scalar::all(60)); // 0.299 * 200
        const auto ofRed = classify(*predictor, red), ofGrey = classify(*predictor, grey);
        MASQUE_VERIFY(ofRed);
        MASQUE_VERIFY(ofGrey);
        QCOMPARE(*ofRed, *ofGrey);
    }

    void whatDoesNotFitIsSaid()
    {
        const auto figures = makeFigures(m_folder.file("unfit"), 12);
        const auto errorOf = [&](auto change) {
            auto options = quickly();
            change(options);
            const auto run = executeRun(
                {std::make_shared<const Dataset>(figures.dataset), figures.summaries, options, m_folder.file("never")},
                ownModels(), {}, {});
            return run ? std::string() : run.error().message;
        };
        QVERIFY(errorOf([](auto &o) { o.data.model = "unet"; }).find("emotion-resnet9") != std::string::npos);
        QVERIFY(errorOf([](auto &o) { o.training.loss = "lovasz"; }).find("lovasz") != std::string::npos);
        const auto masks = makeDemo(m_folder, 4);
        const auto soft = executeRun({masks.dataset, masks.summaries,
                                      [] {
                                          RunOptions options;
                                          options.training.loss = "soft-ce";
                                          return options;
                                      }(),
                                      m_folder.file("soft-masks")},
                                     ownModels(), {}, {});
        QVERIFY(!soft && soft.error().message.find("soft-ce") != std::string::npos);
        QVERIFY(errorOf([](auto &o) { o.data.tiles = true; }).find("tiles") != std::string::npos);
        QVERIFY(errorOf([](auto &o) { o.data.task = "segmentation"; }).find("no masks") != std::string::npos);
        QVERIFY(errorOf([](auto &o) { o.data.task = "emotion"; }).find("seven emotions") != std::string::npos);
    }

    void emotionsInAnyOrder()
    {
        QVERIFY(areEmotions(LabelSet({"Neutral", "surprise", "sad", "happy", "fear", "disgust", "angry"})));
        QVERIFY(!areEmotions(LabelSet({"surprise", "sad", "happy", "fear", "disgust", "angry"})));
        QVERIFY(isEmotion("Happy") && !isEmotion("glad"));
    }
};

QTEST_GUILESS_MAIN(TestClassify)
#include "test_classify.moc"
