// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/training/blob_training.h"

#include <QElapsedTimer>

using namespace masque;

namespace {

/// Names in the state_dict of torchvision.models.resnet18, without fc.
std::vector<std::string> torchvisionsResNet18()
{
    std::vector<std::string> names = {"conv1.weight"};
    const auto norm = [&](const std::string &name) {
        for (const auto *part : {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"})
            names.push_back(name + "." + part);
    };
    norm("bn1");
    for (int layer = 1; layer <= 4; ++layer) {
        for (int block = 0; block < 2; ++block) {
            const auto base = "layer" + std::to_string(layer) + "." + std::to_string(block) + ".";
            for (const auto *k : {"1", "2"}) {
                names.push_back(base + "conv" + k + ".weight");
                norm(base + "bn" + k);
            }
            if (layer > 1 && block == 0) {
                names.push_back(base + "downsample.0.weight");
                norm(base + "downsample.1");
            }
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

class TestTrain : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void learns_data();
    void learns();
    void overfitsOneBatch();
    void everyParameterLearns_data();
    void everyParameterLearns();
    void sameSeedSameCurve();
    void resumeEqualsUninterrupted_data();
    void resumeEqualsUninterrupted();
    void resumeOfAFinishedRunIsFinished();
    void stopEndsWithinAStep();
    void ignoredPixelsDoNotCount();
    void onlyIgnoredPixels();
    void lastImageAloneJoinsTheBatchBefore();
    void withoutValidation();
    void reportsAreSane();
};

void TestTrain::learns_data()
{
    QTest::addColumn<QString>("loss");
    QTest::addColumn<int>("classes");
    QTest::addColumn<QString>("precision");
    QTest::newRow("ce, 2") << "ce" << 2 << "auto";
    QTest::newRow("ce, 4") << "ce" << 4 << "auto";
    QTest::newRow("bce, 2") << "bce" << 2 << "auto";
    QTest::newRow("bce, 4") << "bce" << 4 << "auto";
    QTest::newRow("dice, 2") << "dice" << 2 << "auto";
    QTest::newRow("dice, 3") << "dice" << 3 << "auto";
    QTest::newRow("bce+dice, 2") << "bce+dice" << 2 << "auto";
    QTest::newRow("bce+dice, 4") << "bce+dice" << 4 << "auto";
    QTest::newRow("exact") << "ce" << 3 << "exact";
    QTest::newRow("bfloat16") << "ce" << 3 << "bfloat16";
}

void TestTrain::learns()
{
    QFETCH(QString, loss);
    QFETCH(int, classes);
    QFETCH(QString, precision);
    TestFolder folder;
    const BlobSource samples(24, classes), val(8, classes);
    auto setup = blobSetup(folder, samples, &val, classes, loss.toStdString());
    setup.options.epochs = 10;
    setup.options.precision = precision.toStdString();
    std::vector<EpochReport> reports;
    TrainingSink sink;
    sink.epoch = [&](const EpochReport &report) { reports.push_back(report); };
    const auto outcome = train(setup, {}, sink);
    MASQUE_VERIFY(outcome);
    QCOMPARE(outcome->epochsDone, 10);
    QCOMPARE(reports.size(), std::size_t{20});
    QVERIFY(reports[18].metrics.loss < reports[0].metrics.loss);
    QVERIFY2(outcome->bestMetric > 0.8, std::to_string(outcome->bestMetric).c_str());
    const auto best = loadCheckpoint(folder.file("best.ckpt"), {unetFactory()});
    MASQUE_VERIFY(best);
    QCOMPARE(best->epoch, outcome->bestEpoch);
}

void TestTrain::overfitsOneBatch()
{
    TestFolder folder;
    BlobSource samples(60, 3);
    samples.after = [](std::size_t index, std::span<float> image, std::span<std::uint8_t> target) {
        Random random(index % 2); // labels without a rule can only be learnt by heart
        for (auto &id : target)
            id = static_cast<std::uint8_t>(random.below(3));
        for (auto &value : image)
            value = static_cast<float>(random.uniform());
    };
    auto setup = blobSetup(folder, samples, nullptr, 3);
    setup.options.batch = 2;
    setup.options.epochs = 5;
    const auto outcome = train(setup, {}, {});
    MASQUE_VERIFY(outcome);
    QVERIFY2(outcome->bestMetric > 0.95, std::to_string(outcome->bestMetric).c_str());
}

void TestTrain::everyParameterLearns_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("options");
    QTest::newRow("unet") << "unet"
                          << "{}";
    QTest::newRow("unet bilinear, no batch norm") << "unet"
                                                  << R"({"upsampling": "bilinear", "norm": "none"})";
    QTest::newRow("resnet18-unet") << "resnet18-unet"
                                   << "{}";
    QTest::newRow("resnet18-unet, no batch norm") << "resnet18-unet"
                                                  << R"({"norm": "none"})";
}

void TestTrain::everyParameterLearns()
{
    QFETCH(QString, model);
    QFETCH(QString, options);
    TestFolder folder;
    const BlobSource samples(2, 3, 64);
    auto setup = blobSetup(folder, samples, nullptr, 3);
    setup.spec.model = model.toStdString();
    setup.spec.options = Json::parse(options.toStdString()).value();
    setup.network =
        findModel({unetFactory(), resnet18UnetFactory()}, setup.spec.model).value()->build(setup.spec, 1).value();
    setup.options.epochs = 1;
    setup.options.batch = 2;
    const auto trained = train(setup, {}, {});
    MASQUE_VERIFY(trained);
    std::vector<std::string> encoder;
    int parameters = 0;
    for (const auto &[name, bytes] : weights(folder, "last.ckpt")) {
        const std::string prefix = "network.encoder.";
        if (name.starts_with(prefix))
            encoder.push_back(name.substr(prefix.size()));
        if (!name.starts_with("optimizer.square."))
            continue;
        ++parameters; // Adam's mean of squared gradients: zero where none arrived
        QVERIFY2(bytes.find_first_not_of('\0') != std::string::npos, name.c_str());
    }
    QVERIFY(parameters > 30);
    std::sort(encoder.begin(), encoder.end());
    QVERIFY(model != "resnet18-unet" || encoder == torchvisionsResNet18());
}

void TestTrain::sameSeedSameCurve()
{
    std::vector<std::vector<std::string>> curves;
    for (const std::uint64_t seed : {1, 1, 2}) {
        TestFolder folder;
        const BlobSource samples(9, 3), val(3, 3);
        auto setup = blobSetup(folder, samples, &val, 3);
        setup.options.seed = seed;
        setup.options.threads = 2;
        const auto trained = train(setup, {}, {});
        MASQUE_VERIFY(trained);
        curves.push_back(curve(folder));
    }
    QCOMPARE(curves[0].size(), std::size_t{6});
    QVERIFY(curves[0] == curves[1]);
    QVERIFY(curves[0] != curves[2]);
}

void TestTrain::resumeEqualsUninterrupted_data()
{
    QTest::addColumn<int>("stopAtRead"); // of the training samples, 9 an epoch
    QTest::addColumn<QString>("precision");
    QTest::newRow("in the first epoch") << 3 << "auto";
    QTest::newRow("in the second epoch") << 12 << "auto";
    QTest::newRow("in the last epoch") << 34 << "auto";
    QTest::newRow("exact") << 20 << "exact";
    QTest::newRow("bfloat16") << 20 << "bfloat16";
}

void TestTrain::resumeEqualsUninterrupted()
{
    QFETCH(int, stopAtRead);
    QFETCH(QString, precision);
    const auto run = [&](const TestFolder &folder, int stopAt, bool resume) {
        BlobSource samples(9, 3);
        const BlobSource val(3, 3);
        std::stop_source stop;
        samples.before = [&](std::size_t) {
            if (samples.reads == stopAt)
                stop.request_stop();
            return Result<void>();
        };
        auto setup = blobSetup(folder, samples, &val, 3);
        setup.options.epochs = 4;
        setup.options.schedule = "cosine";
        setup.options.weightDecay = 1e-3;
        setup.options.precision = precision.toStdString();
        setup.resume = resume;
        return train(setup, stop.get_token(), {});
    };
    TestFolder whole, parts;
    const auto ran = run(whole, 0, false);
    MASQUE_VERIFY(ran);
    const auto stopped = run(parts, stopAtRead, false);
    MASQUE_VERIFY(stopped);
    QCOMPARE(stopped->end, TrainingEnd::Stopped);
    QVERIFY(stopped->epochsDone < 4);
    const auto resumed = run(parts, 0, true);
    MASQUE_VERIFY(resumed);
    QCOMPARE(resumed->end, TrainingEnd::Finished);
    QCOMPARE(resumed->epochsDone, 4);
    QCOMPARE(curve(parts).size(), std::size_t{8});
    QVERIFY(curve(parts) == curve(whole));
    QVERIFY(weights(parts, "last.ckpt") == weights(whole, "last.ckpt"));
    QVERIFY(weights(parts, "best.ckpt") == weights(whole, "best.ckpt"));
}

void TestTrain::resumeOfAFinishedRunIsFinished()
{
    TestFolder folder;
    const BlobSource samples(4, 2);
    auto setup = blobSetup(folder, samples, nullptr, 2);
    const auto trained = train(setup, {}, {});
    MASQUE_VERIFY(trained);
    const auto before = curve(folder);
    setup.resume = true;
    const auto again = train(setup, {}, {});
    MASQUE_VERIFY(again);
    QCOMPARE(again->epochsDone, 3);
    QVERIFY(curve(folder) == before);
}

void TestTrain::stopEndsWithinAStep()
{
    TestFolder folder;
    BlobSource samples(400, 2);
    std::stop_source stop;
    samples.before = [&](std::size_t) {
        if (samples.reads == 21)
            stop.request_stop();
        return Result<void>();
    };
    auto setup = blobSetup(folder, samples, nullptr, 2);
    const auto outcome = train(setup, stop.get_token(), {});
    MASQUE_VERIFY(outcome);
    QCOMPARE(outcome->end, TrainingEnd::Stopped);
    QCOMPARE(outcome->epochsDone, 0);
    QVERIFY2(samples.reads <= 21, std::to_string(samples.reads).c_str());

    BlobSource untouched(4, 2);
    auto second = blobSetup(folder, untouched, nullptr, 2);
    const auto trained = train(second, stop.get_token(), {});
    MASQUE_VERIFY(trained);
    QVERIFY(untouched.reads <= 4);
}

void TestTrain::ignoredPixelsDoNotCount()
{
    TestFolder folder;
    BlobSource samples(8, 2);
    samples.after = [](std::size_t, std::span<float>, std::span<std::uint8_t> target) {
        std::fill(target.begin(), target.end(), std::uint8_t{0});
        std::fill_n(target.begin(), target.size() / 2, std::uint8_t{255});
    };
    auto setup = blobSetup(folder, samples, nullptr, 2, "bce+dice");
    setup.options.epochs = 12;
    MetricValues last;
    TrainingSink sink;
    sink.epoch = [&](const EpochReport &report) { last = report.metrics; };
    const auto trained = train(setup, {}, sink);
    MASQUE_VERIFY(trained);
    QVERIFY2(last.pixelAccuracy > 0.95, std::to_string(last.pixelAccuracy).c_str()); // at most a half if they counted
}

void TestTrain::onlyIgnoredPixels()
{
    for (const auto *loss : {"ce", "bce", "dice", "bce+dice", "ce+dice"}) {
        TestFolder folder;
        BlobSource samples(4, 2);
        samples.after = [](std::size_t, std::span<float>, std::span<std::uint8_t> target) {
            std::fill(target.begin(), target.end(), std::uint8_t{255});
        };
        auto setup = blobSetup(folder, samples, nullptr, 2, loss);
        std::vector<double> losses;
        TrainingSink sink;
        sink.epoch = [&](const EpochReport &report) { losses.push_back(report.metrics.loss); };
        const auto trained = train(setup, {}, sink);
        MASQUE_VERIFY(trained);
        QVERIFY(losses == std::vector<double>(3, 0.0));
        for (const auto &[name, bytes] : weights(folder, "last.ckpt"))
            if (name.starts_with("optimizer.square."))
                QVERIFY2(bytes.find_first_not_of('\0') == std::string::npos, name.c_str());
    }
}

void TestTrain::lastImageAloneJoinsTheBatchBefore()
{
    TestFolder folder;
    const BlobSource samples(9, 2, 8); // 8x8 is one pixel at the bottom: batch normalisation needs two images
    auto setup = blobSetup(folder, samples, nullptr, 2);
    const auto trained = train(setup, {}, {});
    MASQUE_VERIFY(trained);
    QCOMPARE(samples.reads.load(), 27);
}

void TestTrain::withoutValidation()
{
    TestFolder folder;
    const BlobSource samples(4, 2), none(0, 2);
    auto setup = blobSetup(folder, samples, &none, 2);
    std::vector<std::string> messages;
    TrainingSink sink;
    sink.message = [&](const std::string &message) { messages.push_back(message); };
    const auto outcome = train(setup, {}, sink);
    MASQUE_VERIFY(outcome);
    QVERIFY(outcome->bestEpoch >= 1);
    QCOMPARE(messages.size(), std::size_t{1});
    QVERIFY(messages[0].find("training images") != std::string::npos);
    QCOMPARE(curve(folder).size(), std::size_t{3});
    const auto loaded = loadCheckpoint(folder.file("best.ckpt"), {unetFactory()});
    MASQUE_VERIFY(loaded);
}

void TestTrain::reportsAreSane()
{
    TestFolder folder;
    const BlobSource samples(40, 2, 64), val(8, 2, 64);
    auto setup = blobSetup(folder, samples, &val, 2);
    setup.options.batch = 3;
    std::vector<StepReport> steps;
    TrainingSink sink;
    sink.step = [&](const StepReport &report) { steps.push_back(report); };
    QElapsedTimer timer;
    timer.start();
    const auto trained = train(setup, {}, sink);
    MASQUE_VERIFY(trained);
    QVERIFY(!steps.empty());
    QVERIFY2(steps.size() <= 2 + static_cast<std::size_t>(timer.elapsed()) / 100, "more than ten reports a second");
    for (const auto &report : steps) {
        QVERIFY(report.epoch >= 1 && report.epoch <= 3 && report.epochs == 3);
        QCOMPARE(report.steps, report.split == "train" ? 13 : 3);
        QVERIFY(report.step >= 1 && report.step <= report.steps);
        QVERIFY(report.loss > 0 && report.imagesPerSecond > 0 && report.secondsLeft >= 0);
    }
    const auto lines = splitText(readFile(folder.file("log.jsonl")).value(), '\n');
    const auto first = Json::parse(lines.front()).value();
    QCOMPARE(first["event"].toString(), std::string("start"));
    QCOMPARE(first["train_images"].toInt(), std::int64_t{40});
}

QTEST_GUILESS_MAIN(TestTrain)
#include "test_train.moc"
