// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Watchdog.h"
#include "core/training/schedule.h"
#include "tests/support/support.h"

#include <cmath>
#include <limits>

using namespace masque;

class TestWatchdog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void schedules_data();
    void schedules();
    void warmUp();
    void notFiniteAlarms();
    void runawayAlarms();
    void epochFindings_data();
    void epochFindings();
    void labelsOfOtherImages_data();
    void labelsOfOtherImages();
};

namespace {

double at(const char *schedule, double epoch)
{
    TrainingOptions options;
    options.epochs = 10;
    options.lr = 0.1;
    options.schedule = schedule;
    options.scheduleEpochs = 4;
    options.scheduleFactor = 0.5;
    return learningRate(options, epoch);
}

EpochReport report(int epoch, const char *split, double loss)
{
    EpochReport report;
    report.epoch = epoch;
    report.split = split;
    report.metrics.loss = loss;
    report.metrics.meanIou = 0.5;
    return report;
}

} // namespace

void TestWatchdog::schedules_data()
{
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<double>("epoch");
    QTest::addColumn<double>("rate");
    const auto row = [](const char *schedule, double epoch, double rate) {
        QTest::addRow("%s at %g", schedule, epoch) << schedule << epoch << rate;
    };
    row("constant", 9.5, 0.1);
    row("step", 3.99, 0.1);
    row("step", 4, 0.05);
    row("step", 8.5, 0.025);
    row("cosine", 0, 0.1);
    row("cosine", 5, 0.05);
    row("cosine", 10, 0);
    row("one-cycle", 0, 0.004); // a 25th, rising for 30 %
    row("one-cycle", 3, 0.1);
    row("one-cycle", 10, 0.1 / 250000);
    row("poly", 5, 0.1 * std::pow(0.5, 0.9));
    row("poly", 10, 0);
    row("plateau", 7, 0.1);
}

void TestWatchdog::schedules()
{
    QFETCH(QString, schedule);
    QFETCH(double, epoch);
    QFETCH(double, rate);
    QVERIFY(std::abs(at(qPrintable(schedule), epoch) - rate) < 1e-12);
}

void TestWatchdog::warmUp()
{
    TrainingOptions options;
    options.schedule = "constant";
    options.lr = 1;
    options.warmupEpochs = 2;
    QVERIFY(learningRate(options, 0) > 0);
    QCOMPARE(learningRate(options, 0.5), 0.25);
    QCOMPARE(learningRate(options, 2), 1.0);
    QCOMPARE(learningRate(options, 5), 1.0);
}

void TestWatchdog::notFiniteAlarms()
{
    Watchdog watchdog(1e-3);
    QVERIFY(!watchdog.alarm(0.7));
    QVERIFY(watchdog.alarm(std::numeric_limits<double>::quiet_NaN()));
    QVERIFY(watchdog.alarm(std::numeric_limits<double>::infinity()));
}

void TestWatchdog::runawayAlarms()
{
    Watchdog watchdog(1e-3);
    for (int i = 0; i < 10; ++i)
        QVERIFY(!watchdog.alarm(0.7));
    for (int i = 0; i < 30; ++i)
        QVERIFY(!watchdog.alarm(i % 10 == 0 ? 9 : 0.7)); // one jump is none
    int steps = 0;
    while (!watchdog.alarm(40) && steps < 20)
        ++steps;
    QVERIFY(steps < 5);
    Watchdog burst(1e-3);
    for (const double loss : {1.5, 1.2, 20.0, 3.0}) // a bad start is none
        QVERIFY(!burst.alarm(loss));
    QVERIFY(burst.alarm(2e4));
    Watchdog small(1e-3); // from nearly nothing to little: no divergence
    for (int i = 0; i < 60; ++i)
        QVERIFY(!small.alarm(i < 10 ? 0.01 : 0.2));
}

void TestWatchdog::epochFindings_data()
{
    using Losses = std::vector<std::pair<double, double>>;
    QTest::addColumn<std::vector<std::pair<double, double>>>("losses"); // training, validation
    QTest::addColumn<bool>("soleClass");
    QTest::addColumn<QString>("kind");
    Losses falling, flat, apart;
    for (int i = 0; i < 12; ++i) {
        falling.emplace_back(1.0 / (i + 1), 1.1 / (i + 1));
        flat.emplace_back(0.69, 0.7);
        apart.emplace_back(1.0 / (i + 1), i < 4 ? 1.0 / (i + 1) : 0.25 + 0.05 * (i - 3));
    }
    QTest::newRow("all is well") << falling << false << "";
    QTest::newRow("flat") << flat << false << "no-progress";
    QTest::newRow("apart") << apart << false << "overfitting";
    QTest::newRow("rising at once") << Losses{{1, 1}, {2, 1}} << false << "rate-too-high";
    QTest::newRow("one class only") << falling << true << "one-class";
}

void TestWatchdog::epochFindings()
{
    using Losses = std::vector<std::pair<double, double>>;
    QFETCH(Losses, losses);
    QFETCH(bool, soleClass);
    QFETCH(QString, kind);
    Watchdog watchdog(1e-3);
    std::vector<Finding> findings;
    int epoch = 0;
    for (const auto &[train, val] : losses) {
        ++epoch;
        const auto valReport = report(epoch, "val", val);
        for (auto &finding : watchdog.atEpochEnd(report(epoch, "train", train), &valReport,
                                                 soleClass ? std::optional<std::string>("sky") : std::nullopt))
            findings.push_back(std::move(finding));
    }
    if (kind.isEmpty()) {
        QVERIFY2(findings.empty(), findings.empty() ? "" : findings[0].message.c_str());
        return;
    }
    QCOMPARE(findings.size(), std::size_t{1}); // each kind is said once
    QCOMPARE(findings[0].kind, kind.toStdString());
    QCOMPARE(Finding::fromJson(findings[0].toJson()).message, findings[0].message);
}

void TestWatchdog::labelsOfOtherImages_data()
{
    QTest::addColumn<double>("own");
    QTest::addColumn<double>("other");
    QTest::addColumn<bool>("isSaid");
    QTest::newRow("guessing") << 0.71 << 0.71 << true;
    QTest::newRow("worse than guessing") << 0.6 << 0.7 << true;
    QTest::newRow("learning") << 0.75 << 0.7 << false;
    QTest::newRow("images that are nearly the same") << 0.99 << 0.985 << false;
    QTest::newRow("not known") << 0.0 << 0.0 << false;
}

void TestWatchdog::labelsOfOtherImages()
{
    QFETCH(double, own);
    QFETCH(double, other);
    QFETCH(bool, isSaid);
    Watchdog watchdog(1e-3);
    std::vector<Finding> findings;
    for (int epoch = 1; epoch <= 12; ++epoch) {
        const auto val = report(epoch, "val", 1.0 / epoch);
        for (auto &finding : watchdog.atEpochEnd(report(epoch, "train", 1.0 / epoch), &val, {}, {own, other}))
            findings.push_back(std::move(finding));
    }
    QCOMPARE(findings.size(), std::size_t{isSaid ? 1U : 0U});
    if (!isSaid)
        return;
    QCOMPARE(findings[0].kind, std::string("labels"));
    QCOMPARE(findings[0].epoch, 5);
    QVERIFY2(findings[0].message.find(QString::number(own).toStdString()) != std::string::npos,
             findings[0].message.c_str());
}

QTEST_GUILESS_MAIN(TestWatchdog)
#include "test_watchdog.moc"
