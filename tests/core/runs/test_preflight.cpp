// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/preflight.h"
#include "tests/core/runs/small_run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <QObject>
#include <QtTest/QTest>

#include <algorithm>
#include <filesystem>

using namespace masque;

namespace {

const PreflightFinding *find(const PreflightReport &report, const std::string &kind)
{
    const auto found = std::find_if(report.findings.begin(), report.findings.end(),
                                    [&](const PreflightFinding &finding) { return finding.kind == kind; });
    return found == report.findings.end() ? nullptr : &*found;
}

} // namespace

class TestPreflight : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSoundDataset()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 20);
        const auto report = preflight({data.dataset, data.summaries, smallOptions()}, kModels, 5, {}, {});
        MASQUE_VERIFY(report);
        QCOMPARE(report->train + report->val, std::size_t{20});
        double sum = 0;
        for (const auto &entry : report->classes)
            sum += entry.train;
        QVERIFY(std::abs(sum - 1) < 1e-9);
        QCOMPARE(report->classes[0].name, std::string("_background_"));
        QVERIFY(report->classes[0].train > 0.5);
        QVERIFY(!find(*report, "duplicates"));
        QVERIFY(!find(*report, "neighbours")); // numbered, but they do not look alike
        const auto *batch = find(*report, "one-batch");
        QVERIFY(batch && batch->severity == PreflightFinding::Severity::Note);
        QVERIFY(report->probe.lastLoss < report->probe.firstLoss);
        QVERIFY(report->seconds > 0);
        QVERIFY(report->memoryBytes >= 0);
        QVERIFY(!std::filesystem::exists(data.dataset->root + "/.masque")); // nothing is written
    }

    void copiesAndMissingClassesAreFound()
    {
        TestFolder folder;
        auto data = makeDemo(folder, 12);
        const auto root = data.dataset->root;
        for (const auto &item : data.dataset->items) // the same pictures once more
            for (const auto &file : {item.image, item.json})
                std::filesystem::copy_file(root + "/" + file, root + "/copy-" + file);
        const auto copied = openIndexed(root);
        auto options = smallOptions();
        options.data.valRatio = 0.4;
        auto labels = *copied.dataset;
        labels.labels.add("dragon");
        const auto report =
            preflight({std::make_shared<const Dataset>(labels), copied.summaries, options}, kModels, 1, {}, {});
        MASQUE_VERIFY(report);
        const auto *duplicates = find(*report, "duplicates");
        QVERIFY(duplicates && !duplicates->images.empty());
        const auto *missing = find(*report, "class-missing");
        QVERIFY(missing && missing->message.find("\"dragon\"") != std::string::npos);
        QVERIFY(report->toJson()["findings"].items().size() == report->findings.size());
    }

    void aFarTooHighRateIsSaid()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 8);
        auto options = smallOptions();
        options.training.lr = 1e6;
        options.training.optimizer = "sgd";
        const auto report = preflight({data.dataset, data.summaries, options}, kModels, 5, {}, {});
        MASQUE_VERIFY(report);
        const auto *batch = find(*report, "one-batch");
        QVERIFY(batch && batch->severity != PreflightFinding::Severity::Note);
    }

    void rates()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 8);
        double last = 0;
        const auto test = testLearningRates({data.dataset, data.summaries, smallOptions()}, kModels, {},
                                            [&](double fraction) { last = fraction; });
        MASQUE_VERIFY(test);
        QVERIFY(test->points.size() > 30);
        QVERIFY(last > 0.3);
        QVERIFY(std::abs(test->points.front().lr - 1e-6) < 1e-9);
        QVERIFY(std::is_sorted(test->points.begin(), test->points.end(),
                               [](const auto &a, const auto &b) { return a.lr < b.lr; }));
        QVERIFY(test->suggested && *test->suggested > 1e-4 && *test->suggested < 1);
    }

    /// More images need more memory, and a training at the suggested batch does need about the budget.
    void batches()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 80);
        auto options = smallOptions();
        options.data.size = "128";
        options.model.set("base", 16);
        const RunRequest request{data.dataset, data.summaries, options};
        constexpr std::int64_t kBudget = 500 << 20;
        const auto test = testBatchSizes(request, kModels, kBudget, {}, {});
        MASQUE_VERIFY(test);
        QVERIFY(test->points.size() >= 2);
        QVERIFY(std::is_sorted(test->points.begin(), test->points.end(),
                               [](const auto &a, const auto &b) { return a.bytes < b.bytes; }));
        QVERIFY(test->largest > 8 && test->largest < 64);
        options.training.batch = test->largest;
        const auto report = preflight({data.dataset, data.summaries, options}, kModels, 2, {}, {});
        MASQUE_VERIFY(report);
        const auto need = static_cast<double>(report->memoryBytes) / static_cast<double>(kBudget);
        QVERIFY2(need > 0.6 && need < 1.15, qPrintable(QString::number(need)));
        const auto little = testBatchSizes(request, kModels, 1 << 20, {}, {});
        MASQUE_VERIFY(little);
        QCOMPARE(little->largest, 0);
    }
};

QTEST_GUILESS_MAIN(TestPreflight)
#include "test_preflight.moc"
