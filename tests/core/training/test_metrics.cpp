// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Metrics.h"
#include "core/training/train.h"
#include "tests/support/support.h"

using namespace masque;

class TestMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void byHand();
    void sumsAreTheWhole();
    void means_data();
    void means();
    void idsOutOfRangeAreLeftOut();
    void epochReportIsTheLogsLine();
};

void TestMetrics::byHand()
{
    // truth      0 0 0 1 1 2 ignored
    // prediction 0 0 1 1 2 2 2
    const std::vector<std::uint8_t> truth = {0, 0, 0, 1, 1, 2, 255}, prediction = {0, 0, 1, 1, 2, 2, 2};
    ConfusionMatrix confusion(4);
    confusion.add(truth, prediction);
    QCOMPARE(confusion.total(), std::int64_t{6});
    QCOMPARE(confusion.at(0, 0), std::int64_t{2});
    QCOMPARE(confusion.at(0, 1), std::int64_t{1});
    QCOMPARE(confusion.at(1, 2), std::int64_t{1});
    QCOMPARE(confusion.at(2, 1), std::int64_t{0});
    QCOMPARE(confusion.truthPixels(0), std::int64_t{3});
    QCOMPARE(confusion.predictedPixels(2), std::int64_t{2});
    QCOMPARE(confusion.iou(0), 2.0 / 3);
    QCOMPARE(confusion.iou(1), 1.0 / 3);
    QCOMPARE(confusion.iou(2), 1.0 / 2);
    QCOMPARE(confusion.dice(0), 4.0 / 5);
    QCOMPARE(confusion.dice(1), 2.0 / 4);
    QCOMPARE(confusion.dice(2), 2.0 / 3);
    QVERIFY(!confusion.occurs(3));
    QCOMPARE(confusion.iou(3), 0.0);
    QCOMPARE(confusion.pixelAccuracy(), 4.0 / 6);
    QCOMPARE(confusion.meanIou(), (2.0 / 3 + 1.0 / 3 + 1.0 / 2) / 3);
    QCOMPARE(confusion.meanIou(1), (1.0 / 3 + 1.0 / 2) / 2);
    QCOMPARE(confusion.meanDice(1), (2.0 / 4 + 2.0 / 3) / 2);
}

void TestMetrics::sumsAreTheWhole()
{
    const std::vector<std::uint8_t> truth = {0, 1, 1, 0, 1, 1}, prediction = {0, 1, 0, 1, 1, 1};
    ConfusionMatrix whole(2), parts(2), second(2);
    whole.add(truth, prediction);
    parts.add(std::span(truth).first(2), std::span(prediction).first(2));
    second.add(std::span(truth).last(4), std::span(prediction).last(4));
    parts.add(second);
    for (int t = 0; t < 2; ++t)
        for (int p = 0; p < 2; ++p)
            QCOMPARE(parts.at(t, p), whole.at(t, p));
}

void TestMetrics::means_data()
{
    QTest::addColumn<QByteArray>("truth");
    QTest::addColumn<QByteArray>("prediction");
    QTest::addColumn<double>("meanIou");
    QTest::addColumn<double>("foregroundIou");
    const QByteArray none("\0\0\0\0", 4), left("\1\1\0\0", 4), right("\0\0\1\1", 4), ignored("\xff\xff\xff\xff", 4);
    QTest::newRow("perfect") << left << left << 1.0 << 1.0;
    QTest::newRow("all wrong") << left << right << 0.0 << 0.0;
    QTest::newRow("nothing there, nothing found: only background occurs") << none << none << 1.0 << 0.0;
    QTest::newRow("nothing there, half found") << none << left << 0.25 << 0.0;
    QTest::newRow("missed") << left << none << 0.25 << 0.0;
    QTest::newRow("all ignored") << ignored << left << 0.0 << 0.0;
}

void TestMetrics::means()
{
    QFETCH(QByteArray, truth);
    QFETCH(QByteArray, prediction);
    QFETCH(double, meanIou);
    QFETCH(double, foregroundIou);
    ConfusionMatrix confusion(2);
    const auto bytes = [](const QByteArray &array) { return std::vector<std::uint8_t>(array.begin(), array.end()); };
    confusion.add(bytes(truth), bytes(prediction));
    const auto values = MetricValues::of(confusion, 0.5, true);
    QCOMPARE(values.loss, 0.5);
    QCOMPARE(values.meanIou, meanIou);
    QCOMPARE(values.foregroundIou, foregroundIou);
    QCOMPARE(MetricValues::of(confusion, 0.5, false).foregroundIou, meanIou);
}

void TestMetrics::idsOutOfRangeAreLeftOut()
{
    const std::vector<std::uint8_t> truth = {7, 0, 1}, prediction = {0, 9, 1};
    ConfusionMatrix confusion(2);
    confusion.add(truth, prediction);
    QCOMPARE(confusion.total(), std::int64_t{1});
}

void TestMetrics::epochReportIsTheLogsLine()
{
    const EpochReport report{.epoch = 3,
                             .split = "val",
                             .metrics = {.loss = 0.1,
                                         .pixelAccuracy = 0.2,
                                         .balancedAccuracy = 0.25,
                                         .meanIou = 0.3,
                                         .meanDice = 0.4,
                                         .foregroundIou = 0.5,
                                         .foregroundDice = 0.6},
                             .lr = 0.001,
                             .seconds = 1.5,
                             .imagesPerSecond = 7,
                             .best = true};
    const auto json = report.toJson();
    QCOMPARE(
        QString::fromStdString(json.dump()),
        QString(
            R"({"event": "epoch", "epoch": 3, "split": "val", "loss": 0.1, "pixel_accuracy": 0.2, "balanced_accuracy": 0.25, )"
            R"("mean_iou": 0.3, "mean_dice": 0.4, "foreground_iou": 0.5, "foreground_dice": 0.6, )"
            R"("lr": 0.001, "seconds": 1.5, "images_per_second": 7.0, "best": true})"));
    QVERIFY(EpochReport::fromJson(json).toJson() == json);
}

QTEST_GUILESS_MAIN(TestMetrics)
#include "test_metrics.moc"
