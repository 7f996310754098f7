// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/ClassScoresModel.h"
#include "studio/compare/split/DisagreementModel.h"
#include "studio/training/runs/RunsModel.h"
#include "tests/support/support.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

using namespace masque;

namespace {

RunInfo makeRun(const std::string &name, int epochs)
{
    RunInfo run;
    run.folder = "/runs/" + name;
    run.name = name;
    run.state = "finished";
    run.options.training.epochs = 20;
    for (int epoch = 1; epoch <= epochs; ++epoch) {
        for (const char *split : {"train", "val"}) {
            EpochReport report;
            report.epoch = epoch;
            report.split = split;
            run.addEpoch(report);
        }
    }
    return run;
}

QString text(const QAbstractItemModel &model, int row, int column)
{
    return model.index(row, column).data().toString();
}

} // namespace

class TestWorkModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsKeepTheModelsRules()
    {
        RunsModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRuns({makeRun("b", 3), makeRun("a", 20)});
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(text(model, 0, RunsModel::Name), QStringLiteral("b"));
        QCOMPARE(text(model, 0, RunsModel::Epochs), QStringLiteral("3 of 20"));
        QCOMPARE(text(model, 0, RunsModel::Best), QString());

        auto live = makeRun("c", 0);
        live.state = "running";
        model.updateRun(live);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.folder(0), QStringLiteral("/runs/c"));
        QStringList before; // rows can still be read when they are about to go
        connect(&model, &RunsModel::modelAboutToBeReset, this, [&] {
            for (int row = 0; row < model.rowCount(); ++row)
                before.append(model.folder(row));
        });
        QSignalSpy changed(&model, &RunsModel::dataChanged);
        live.bestEpoch = 4;
        live.bestMetric = 0.8125;
        live.seconds = 187;
        model.updateRun(live);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(text(model, 0, RunsModel::Best), QStringLiteral("0.813 at 4"));
        QCOMPARE(text(model, 0, RunsModel::Time), QStringLiteral("3:07"));

        QSignalSpy reset(&model, &RunsModel::modelReset);
        model.setRuns({live, makeRun("b", 4), makeRun("a", 20)}); // the same rows: the selection stays
        QCOMPARE(reset.count(), 0);
        QCOMPARE(text(model, 1, RunsModel::Epochs), QStringLiteral("4 of 20"));
        model.setRuns({makeRun("a", 20)});
        QCOMPARE(reset.count(), 1);
        QCOMPARE(model.rowOf(QStringLiteral("/runs/b")), -1);
        QVERIFY(!model.find(QStringLiteral("/runs/b")));
        QCOMPARE(model.folder(7), QString());
        model.setRuns({});
        QCOMPARE(model.rowCount(), 0);
    }

    void scoresLeaveOutWhatDoesNotOccur()
    {
        ClassScoresModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setLabels(LabelSet({"_background_", "car", "tree"}));
        QCOMPARE(model.rowCount(), 4);
        ConfusionMatrix confusion(3);
        const std::uint8_t truth[] = {0, 0, 1, 1}, prediction[] = {0, 0, 1, 0};
        confusion.add(truth, prediction);
        BoundaryScore boundary(3);
        boundary.add((cv::Mat1b(1, 4) << 0, 0, 1, 1), (cv::Mat1b(1, 4) << 0, 0, 1, 0));
        model.setImage(ClassCounts{confusion, boundary});
        QCOMPARE(text(model, 1, ClassScoresModel::Class), QStringLiteral("car"));
        QCOMPARE(text(model, 1, ClassScoresModel::ImageIou), QStringLiteral("0.500"));
        QCOMPARE(text(model, 0, ClassScoresModel::ImageIou), QStringLiteral("0.667"));
        QCOMPARE(text(model, 2, ClassScoresModel::ImageIou), QString()); // no tree anywhere
        QCOMPARE(text(model, 3, ClassScoresModel::ImageIou), QStringLiteral("0.583"));
        QCOMPARE(text(model, 1, ClassScoresModel::SplitIou), QString());
        QCOMPARE(text(model, 1, ClassScoresModel::ImageBoundary), QStringLiteral("1.000")); // a pixel's tolerance
        model.setSplit(ClassCounts{confusion, boundary});
        QCOMPARE(text(model, 1, ClassScoresModel::SplitDice), QStringLiteral("0.667"));
        model.setImage({});
        QCOMPARE(text(model, 3, ClassScoresModel::ImageIou), QString());
        model.setLabels({});
        QCOMPARE(model.rowCount(), 0);
    }

    void theWorstImagesComeFirst()
    {
        DisagreementModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setEntries({{4, QStringLiteral("a")}, {5, QStringLiteral("b")}});
        QCOMPARE(model.itemAt(0), 4); // not evaluated: as they come
        const auto score = [](double iou, double entropy, std::vector<ConfusionCell> cells) {
            return ImageScore{.meanIou = iou, .entropy = entropy, .cells = std::move(cells)};
        };
        model.setEntries({{4, QStringLiteral("a"), score(0.9, 0.1, {{0, 0, 90}, {1, 0, 10}}), score(0.5, 0, {}), 3.0},
                          {5, QStringLiteral("b")},
                          {6, QStringLiteral("c"), score(0.2, 0.3, {{0, 0, 20}, {1, 1, 20}, {0, 1, 60}}), {}, 1.0},
                          {7, QStringLiteral("d"), score(0.5, 0.2, {{0, 0, 100}}), score(0.75, 0, {})}});
        QCOMPARE(text(model, 0, DisagreementModel::Image), QStringLiteral("c"));
        QCOMPARE(text(model, 0, DisagreementModel::Score), QStringLiteral("0.200"));
        QCOMPARE(model.itemAt(3), 5);
        QCOMPARE(model.rowOfItem(7), 1);
        QCOMPARE(model.rowOfItem(99), -1);
        QCOMPARE(model.itemAt(4), -1);

        const auto order = [&] {
            std::vector<int> items;
            for (int row = 0; row < model.rowCount(); ++row)
                items.push_back(model.itemAt(row));
            return items;
        };
        using Figure = DisagreementModel::Figure;
        model.setFigure(Figure::Entropy);
        QCOMPARE(order(), (std::vector{6, 7, 4, 5}));
        model.setFigure(Figure::TrainingLoss);
        QCOMPARE(order(), (std::vector{4, 6, 5, 7}));
        model.setFigure(Figure::Gain); // where the other is better comes first
        QCOMPARE(order(), (std::vector{7, 4, 5, 6}));
        QCOMPARE(text(model, 0, DisagreementModel::Score), QStringLiteral("-0.250"));
        QCOMPARE(text(model, 1, DisagreementModel::Score), QStringLiteral("+0.400"));
        model.setFigure(Figure::Iou);
        model.setFilter({.classId = 1});
        QCOMPARE(order(), (std::vector{4, 6})); // by that class's own IoU: 0 and 20 of 80
        QCOMPARE(text(model, 1, DisagreementModel::Score), QStringLiteral("0.250"));
        model.setFilter({.cell = std::pair(0, 1)});
        QCOMPARE(order(), std::vector{6});
        model.setFilter({.iou = std::pair(0.5, 0.9)});
        QCOMPARE(order(), std::vector{7});
        model.setFilter({.iou = std::pair(0.9, 1.0)});
        QCOMPARE(order(), std::vector{4});
        QCOMPARE(model.rowOfItem(7), -1);
        model.setFilter({});
        QCOMPARE(model.rowCount(), 4);
    }
};

QTEST_GUILESS_MAIN(TestWorkModels)
#include "test_work_models.moc"
