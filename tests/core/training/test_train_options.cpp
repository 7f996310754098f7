// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/RunLog.h"
#include "core/training/initialise.h"
#include "tests/core/training/blob_training.h"

#include <algorithm>
#include <cmath>

using namespace masque;

/// What each training option does to a training.
class TestTrainOptions : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyOptimizerAndScheduleLearns_data();
    void everyOptimizerAndScheduleLearns();
    void accumulatedBatchesAreOneLargeBatch();
    void frozenLayersStay();
    void averageIsWhatIsKept();
    void patienceEndsEarly();
    void metricChoosesTheBest();
    void plateauLowersTheRate();
    void wildRateIsRescued();
    void stepsAreLogged();
    void resumeWithEverything();
    void startsFromAnotherRun();
};

namespace {

std::map<std::string, std::string> network(const TestFolder &folder, const char *name)
{
    std::map<std::string, std::string> tensors;
    for (auto &[key, bytes] : weights(folder, name))
        if (key.starts_with("network."))
            tensors.emplace(key.substr(8), std::move(bytes));
    return tensors;
}

} // namespace

void TestTrainOptions::everyOptimizerAndScheduleLearns_data()
{
    QTest::addColumn<QString>("option");
    QTest::addColumn<QString>("value");
    QTest::addColumn<double>("lr");
    const auto row = [](const char *option, const char *value, double lr) {
        QTest::addRow("%s %s", option, value) << option << value << lr;
    };
    row("optimizer", "sgd", 0.1);
    row("optimizer", "adamw", 5e-3);
    row("optimizer", "rmsprop", 1e-3);
    row("schedule", "constant", 5e-3);
    row("schedule", "step", 5e-3);
    row("schedule", "one-cycle", 1e-2);
    row("schedule", "poly", 5e-3);
    row("schedule", "plateau", 5e-3);
    row("loss", "focal", 5e-3);
    row("loss", "tversky", 5e-3);
    row("loss", "lovasz", 5e-3);
}

void TestTrainOptions::everyOptimizerAndScheduleLearns()
{
    QFETCH(QString, option);
    QFETCH(QString, value);
    QFETCH(double, lr);
    TestFolder folder;
    const BlobSource samples(24, 3), val(8, 3);
    auto setup = blobSetup(folder, samples, &val, 3);
    Json json = Json::object();
    json.set(option.toStdString(), value.toStdString());
    json.set("lr", lr);
    json.set("epochs", 10);
    const auto applied = trainingTable().apply(json, setup.options);
    MASQUE_VERIFY(applied);
    const auto outcome = train(setup, {}, {});
    MASQUE_VERIFY(outcome);
    QVERIFY2(outcome->bestMetric > 0.8, std::to_string(outcome->bestMetric).c_str());
}

void TestTrainOptions::accumulatedBatchesAreOneLargeBatch()
{
    std::vector<std::map<std::string, std::string>> ends;
    for (const int batch : {8, 2}) {
        TestFolder folder;
        const BlobSource samples(14, 2); // a whole step of four batches, and one of three
        auto setup = blobSetup(folder, samples, nullptr, 2);
        setup.spec.options.set("norm", "none"); // which sees the small batches
        setup.network = unetFactory()->build(setup.spec, 5).value();
        setup.options.optimizer = "sgd";
        setup.options.schedule = "constant"; // others look at where in the epoch a step is
        setup.options.epochs = 2;
        setup.options.batch = batch;
        setup.options.accumulate = 8 / batch;
        setup.options.precision = "exact";
        const auto outcome = train(setup, {}, {});
        MASQUE_VERIFY(outcome);
        ends.push_back(network(folder, "last.ckpt"));
    }
    double difference = 0, size = 0;
    for (const auto &[name, bytes] : ends[0]) {
        const auto *a = reinterpret_cast<const float *>(bytes.data());
        const auto *b = reinterpret_cast<const float *>(ends[1].at(name).data());
        for (std::size_t i = 0; i < bytes.size() / sizeof(float); ++i) {
            difference += std::pow(a[i] - b[i], 2);
            size += std::pow(a[i], 2);
        }
    }
    QVERIFY2(std::sqrt(difference / size) < 1e-5, std::to_string(std::sqrt(difference / size)).c_str());
}

void TestTrainOptions::frozenLayersStay()
{
    TestFolder folder;
    const BlobSource samples(8, 2);
    auto setup = blobSetup(folder, samples, nullptr, 2);
    setup.options.freeze = "down.0, down.1";
    setup.options.epochs = 1;
    setup.options.weightDecay = 0.1; // must not pull at what is frozen
    const auto first = train(setup, {}, {});
    MASQUE_VERIFY(first);
    const auto start = [&] {
        TestFolder untouched;
        auto other = blobSetup(untouched, samples, nullptr, 2);
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = train(other, stop.get_token(), {});
        return stopped ? network(untouched, "last.ckpt") : std::map<std::string, std::string>();
    }();
    const auto end = network(folder, "last.ckpt");
    QCOMPARE(start.size(), end.size());
    int frozen = 0;
    for (const auto &[name, bytes] : end) {
        const bool isFrozen = name.starts_with("down.0.") || name.starts_with("down.1.");
        frozen += isFrozen;
        QVERIFY2(!isFrozen || start.at(name) == bytes, name.c_str()); // batch normalisation's statistics too
        QVERIFY2(isFrozen || start.at(name) != bytes, name.c_str());
    }
    QVERIFY(frozen > 8);

    setup.options.freezeEpochs = 1; // and then they learn
    setup.options.epochs = 2;
    setup.network = unetFactory()->build(setup.spec, 5).value();
    const auto second = train(setup, {}, {});
    MASQUE_VERIFY(second);
    QVERIFY(network(folder, "last.ckpt").at("down.0.0.weight") != start.at("down.0.0.weight"));
}

void TestTrainOptions::averageIsWhatIsKept()
{
    TestFolder folder;
    const BlobSource samples(24, 3), val(8, 3);
    auto setup = blobSetup(folder, samples, &val, 3);
    setup.options.epochs = 8;
    setup.options.ema = 0.8;
    const auto outcome = train(setup, {}, {});
    MASQUE_VERIFY(outcome);
    QVERIFY2(outcome->bestMetric > 0.8, std::to_string(outcome->bestMetric).c_str());
    std::map<std::string, std::string> averages;
    for (const auto &[name, bytes] : weights(folder, "last.ckpt"))
        if (name.starts_with("average."))
            averages.emplace(name.substr(8), bytes);
    const auto best = network(folder, "best.ckpt");
    QVERIFY(best != network(folder, "last.ckpt"));
    if (outcome->bestEpoch == 8)
        QCOMPARE(best.at("last.weight"), averages.at("last.weight"));
}

void TestTrainOptions::patienceEndsEarly()
{
    TestFolder folder;
    const BlobSource samples(8, 2), val(4, 2);
    auto setup = blobSetup(folder, samples, &val, 2);
    setup.options.epochs = 50;
    setup.options.lr = 1e-8; // nothing gets better
    setup.options.schedule = "constant";
    setup.options.patience = 3;
    const auto outcome = train(setup, {}, {});
    MASQUE_VERIFY(outcome);
    QCOMPARE(outcome->end, TrainingEnd::Finished);
    QCOMPARE(outcome->epochsDone, outcome->bestEpoch + 3);
    setup.resume = true;
    const auto again = train(setup, {}, {});
    MASQUE_VERIFY(again);
    QCOMPARE(again->epochsDone, outcome->epochsDone);
}

void TestTrainOptions::metricChoosesTheBest()
{
    TestFolder folder;
    const BlobSource samples(8, 2), val(4, 2);
    auto setup = blobSetup(folder, samples, &val, 2);
    setup.options.epochs = 6;
    setup.options.metric = "loss";
    std::vector<EpochReport> reports;
    TrainingSink sink;
    sink.epoch = [&](const EpochReport &report) {
        if (report.split == "val")
            reports.push_back(report);
    };
    const auto outcome = train(setup, {}, sink);
    MASQUE_VERIFY(outcome);
    const auto least = std::min_element(reports.begin(), reports.end(),
                                        [](const auto &a, const auto &b) { return a.metrics.loss < b.metrics.loss; });
    QCOMPARE(outcome->bestEpoch, least->epoch);
    QCOMPARE(outcome->bestMetric, least->metrics.loss);
    QVERIFY(least->best);
}

void TestTrainOptions::plateauLowersTheRate()
{
    TestFolder folder;
    const BlobSource samples(8, 2), val(4, 2);
    auto setup = blobSetup(folder, samples, &val, 2);
    setup.options.epochs = 12;
    setup.options.lr = 1e-7;
    setup.options.schedule = "plateau";
    setup.options.scheduleEpochs = 2;
    setup.options.scheduleFactor = 0.5;
    std::vector<double> rates;
    TrainingSink sink;
    sink.epoch = [&](const EpochReport &report) { rates.push_back(report.lr); };
    const auto outcome = train(setup, {}, sink);
    MASQUE_VERIFY(outcome);
    QCOMPARE(rates.front(), 1e-7);
    QVERIFY(rates.back() < 0.6e-7);
    QVERIFY(std::is_sorted(rates.rbegin(), rates.rend()));
}

void TestTrainOptions::wildRateIsRescued()
{
    TestFolder folder;
    const BlobSource samples(40, 3), val(8, 3);
    auto setup = blobSetup(folder, samples, &val, 3);
    setup.spec.options.set("norm", "none");
    setup.network = unetFactory()->build(setup.spec, 5).value();
    setup.options.optimizer = "sgd";
    setup.options.lr = 50; // two rescues make 0.5, three 0.05
    setup.options.schedule = "constant";
    setup.options.epochs = 6;
    setup.options.batch = 2;
    std::vector<Finding> findings;
    TrainingSink sink;
    sink.finding = [&](const Finding &finding) { findings.push_back(finding); };
    const auto outcome = train(setup, {}, sink);
    MASQUE_VERIFY(outcome);
    QCOMPARE(outcome->epochsDone, 6);
    QVERIFY(!findings.empty());
    QCOMPARE(findings[0].kind, std::string("diverged"));
    QVERIFY2(findings[0].message.find("a tenth of the learning rate") != std::string::npos,
             findings[0].message.c_str());
    for (const auto &[name, bytes] : weights(folder, "last.ckpt"))
        if (name == "network.last.weight") {
            const auto *values = reinterpret_cast<const float *>(bytes.data());
            QVERIFY(std::all_of(values, values + bytes.size() / 4, [](float value) { return std::isfinite(value); }));
        }
}

void TestTrainOptions::stepsAreLogged()
{
    TestFolder folder;
    const BlobSource samples(10, 2);
    auto setup = blobSetup(folder, samples, nullptr, 2);
    setup.options.epochs = 2;
    const auto outcome = train(setup, {}, {});
    MASQUE_VERIFY(outcome);
    const auto steps = readSteps(folder.path());
    MASQUE_VERIFY(steps);
    QCOMPARE(steps->size(), std::size_t{6}); // 4 + 4 + 2 images, twice
    std::vector<std::size_t> seen;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto &step = (*steps)[i];
        QCOMPARE(step.epoch, 1);
        QCOMPARE(step.step, static_cast<int>(i) + 1);
        QCOMPARE(step.samples.size(), step.sampleLosses.size());
        seen.insert(seen.end(), step.samples.begin(), step.samples.end());
        double mean = 0;
        for (const auto loss : step.sampleLosses)
            mean += loss / static_cast<double>(step.sampleLosses.size());
        QVERIFY(std::abs(mean - step.loss) < 1e-3); // under ce a step's loss is its images' mean
    }
    std::sort(seen.begin(), seen.end());
    for (std::size_t i = 0; i < seen.size(); ++i)
        QCOMPARE(seen[i], i);
}

/// Stopped in the middle of an accumulated batch, with everything on that has a state.
void TestTrainOptions::resumeWithEverything()
{
    const auto run = [&](const TestFolder &folder, int stopAt, bool resume) {
        BlobSource samples(18, 3);
        const BlobSource val(3, 3);
        std::stop_source stop;
        samples.before = [&](std::size_t) {
            if (samples.reads == stopAt)
                stop.request_stop();
            return Result<void>();
        };
        auto setup = blobSetup(folder, samples, &val, 3);
        setup.options.epochs = 3;
        setup.options.batch = 2;
        setup.options.accumulate = 2;
        setup.options.optimizer = "rmsprop";
        setup.options.lr = 1e-3;
        setup.options.ema = 0.9;
        setup.options.schedule = "plateau";
        setup.options.scheduleEpochs = 1;
        setup.options.warmupEpochs = 1;
        setup.options.freeze = "down.0";
        setup.options.freezeEpochs = 1;
        setup.options.clipNorm = 0.5;
        setup.mixup = 0.4;
        setup.resume = resume;
        return train(setup, stop.get_token(), {});
    };
    TestFolder whole;
    const auto ran = run(whole, 0, false);
    MASQUE_VERIFY(ran);
    for (const int stopAt : {1, 7, 8, 19, 25, 40, 47}) {
        TestFolder parts;
        const auto stopped = run(parts, stopAt, false);
        MASQUE_VERIFY(stopped);
        QCOMPARE(stopped->end, TrainingEnd::Stopped);
        const auto resumed = run(parts, 0, true);
        MASQUE_VERIFY(resumed);
        QVERIFY2(curve(parts) == curve(whole), std::to_string(stopAt).c_str());
        QVERIFY(weights(parts, "last.ckpt") == weights(whole, "last.ckpt"));
        QVERIFY(weights(parts, "best.ckpt") == weights(whole, "best.ckpt"));
        QCOMPARE(readFile(parts.file("steps.jsonl")).value(), readFile(whole.file("steps.jsonl")).value());
    }
}

void TestTrainOptions::startsFromAnotherRun()
{
    TestFolder folder;
    const BlobSource samples(8, 2);
    const auto setup = blobSetup(folder, samples, nullptr, 2);
    const auto trained = train(setup, {}, {});
    MASQUE_VERIFY(trained);
    auto spec = setup.spec;
    spec.outputChannels = 3; // another task: only the last layer does not fit
    const auto other = unetFactory()->build(spec, 9).value();
    const auto report = initialiseFrom(folder.file("best.ckpt"), "", *other);
    MASQUE_VERIFY(report);
    QCOMPARE(report->misshaped.size(), std::size_t{2});
    QVERIFY(report->misshaped[1] == "last.bias [2] for [3]" && report->isOwn);
    QVERIFY(report->missing.empty());
    QVERIFY(report->unused.empty());
    QVERIFY2(report->text().find("2 of another shape: last.weight") != std::string::npos, report->text().c_str());

    const auto parts =
        initialiseFrom(folder.file("best.ckpt"), "down.0, down.1", *unetFactory()->build(spec, 9).value());
    MASQUE_VERIFY(parts);
    QVERIFY(std::all_of(parts->loaded.begin(), parts->loaded.end(), [](const std::string &name) {
        return name.starts_with("down.0.") || name.starts_with("down.1.");
    }));
    QVERIFY(parts->missing.size() > parts->loaded.size());
    QVERIFY(!initialiseFrom(folder.file("best.ckpt"), "nothing", *other));
    QVERIFY(!initialiseFrom(folder.file("absent.ckpt"), "", *other));
}

QTEST_GUILESS_MAIN(TestTrainOptions)
#include "test_train_options.moc"
