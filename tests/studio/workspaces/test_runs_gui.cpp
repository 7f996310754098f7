// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "tests/studio/workspaces/Studio.h"

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTableWidget>

#include <filesystem>

using namespace masque;

namespace {

/// The files of a run that was trained for an epoch.
void keepRun(const TestFolder &folder, const std::string &run, const char *loss)
{
    Json about = Json::object(), options = Json::object();
    about.set("name", std::filesystem::path(run).filename().string());
    about.set("state", "finished");
    options.set("loss", loss);
    EpochReport epoch;
    epoch.epoch = 1;
    epoch.split = "val";
    epoch.metrics.meanIou = 0.5;
    epoch.best = true;
    folder.write(run + "/run.json", about.dump());
    folder.write(run + "/options.json", options.dump());
    folder.write(run + "/log.jsonl", epoch.toJson().dump() + "\n");
}

} // namespace

/// Runs that wait, and runs that are kept.
class TestRunsGui : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    std::string demo(const char *name, int count = 12) const { return smallDemo(m_folder, name, count); }

    /// The file says itself what it takes and gives; what it becomes is a run like another.
    static void importModelIn(Studio &studio, const QString &program)
    {
        studio.find<QAction>("runs-import")->trigger();
        auto *dialog = studio.train->findChild<QDialog *>("import-model-dialog");
        QVERIFY(dialog && QTest::qWaitForWindowExposed(dialog));
        auto *file = dialog->findChild<QLineEdit *>("import-model-file");
        auto *import = dialog->findChild<QPushButton *>("import-model-import");
        QVERIFY(!import->isEnabled());
        file->setFocus();
        QTest::keyClicks(file, program);
        QTest::keyClick(file, Qt::Key_Tab);
        auto *classes = dialog->findChild<QLineEdit *>("option-classes");
        QTRY_VERIFY_WITH_TIMEOUT(classes->text().contains(QLatin1Char(',')), kLoadingMs);
        const auto right = classes->text();
        classes->setText(right + QStringLiteral(", one too many"));
        auto *result = dialog->findChild<QLabel *>("import-model-result");
        QTest::mouseClick(import, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("classes are named")), kLoadingMs);
        classes->setText(right);
        QTest::mouseClick(import, Qt::LeftButton);
        auto *runs = studio.find<QTableView>("runs-table");
        QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 2, kLoadingMs);
        QCOMPARE(runs->model()->index(0, 1).data().toString(), QStringLiteral("imported"));
    }

private Q_SLOTS:
    void runsQueueAndFollow()
    {
        const std::string folder = demo("queue", 6);
        Studio studio(folder);
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.setOptions(1000);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished);
        auto *start = studio.find<QPushButton>("train-start");
        auto *runs = studio.find<QTableView>("runs-table");
        const auto state = [&](int row) { return runs->model()->index(row, 1).data().toString(); };
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 1, kTrainingMs);
        QCOMPARE(start->text(), QStringLiteral("Add to Queue"));
        studio.setOptions(1);
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 2, kLoadingMs);
        studio.setOptions(2);
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 3, kLoadingMs);
        QTRY_COMPARE(state(1), QStringLiteral("waiting")); // in their order, before what has begun
        QCOMPARE(state(0), QStringLiteral("waiting"));
        QCOMPARE(state(2), QStringLiteral("running"));
        QVERIFY(!studio.find<QPushButton>("runs-start-queue")->isVisible());
        runs->selectRow(1);
        studio.find<QAction>("runs-earlier")->trigger();
        QTRY_COMPARE(runs->model()->index(0, 2).data().toString(), QStringLiteral("0 of 2"));

        QTest::mouseClick(studio.find<QPushButton>("train-stop"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 3, kTrainingMs); // the others follow by themselves
        QCOMPARE(listRuns(folder).size(), std::size_t{3});
        QStringList states;
        for (const auto &args : finished)
            states.append(QString::fromStdString(readRun(args[0].toString().toStdString())->state));
        QCOMPARE(states,
                 QStringList({QStringLiteral("stopped"), QStringLiteral("finished"), QStringLiteral("finished")}));
        QCOMPARE(readRun(finished[1][0].toString().toStdString())->options.training.epochs, 2);
        QTRY_COMPARE(start->text(), QStringLiteral("Start Training"));
    }

    /// A run's menu writes its network, says how far it is from the studio's, and goes over no file unasked.
    void modelIsExported()
    {
        const std::string folder = demo("exported", 6);
        Studio studio(folder);
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.setOptions(1);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished);
        QTest::mouseClick(studio.find<QPushButton>("train-start"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kTrainingMs);
        auto *runs = studio.find<QTableView>("runs-table");
        QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 1, kLoadingMs);
        runs->selectRow(0);
        auto *action = studio.find<QAction>("runs-export");
        QTRY_VERIFY_WITH_TIMEOUT(action->isEnabled(), kLoadingMs);
        action->trigger();
        auto *dialog = studio.train->findChild<QDialog *>("export-model-dialog");
        QVERIFY(dialog && QTest::qWaitForWindowExposed(dialog));
        auto *file = dialog->findChild<QLineEdit *>("export-model-file");
        auto *kind = dialog->findChild<QComboBox *>("export-model-kind");
        auto *result = dialog->findChild<QLabel *>("export-model-result");
        auto *write = dialog->findChild<QPushButton *>("export-model-write");
        QVERIFY(file->text().endsWith(QStringLiteral(".pt")));
        file->setText(QString::fromStdString(m_folder.file("out/net.pt")));
        for (int i = 0; i < 3; ++i)
            QTest::keyClick(kind, Qt::Key_Down);
        QCOMPARE(file->text(), QString::fromStdString(m_folder.file("out/net.pth")));
        QTest::mouseClick(write, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("images of the dataset")), kLoadingMs);
        for (const char *name : {"out/net.pth", "out/net_card.md", "out/net_example.py", "out/net_example.cpp"})
            QVERIFY2(std::filesystem::exists(m_folder.file(name)), name);
        std::filesystem::remove(m_folder.file("out/net.pth")); // its card is there still
        QTest::mouseClick(write, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(write->isEnabled() && !result->text().contains(QStringLiteral("Evaluating")),
                                 kLoadingMs);
        QVERIFY(std::filesystem::exists(m_folder.file("out/net.pth"))); // what was written here may be written again
        const auto other = m_folder.write("out/mine.pth", "precious");
        file->setText(QString::fromStdString(other));
        QTest::mouseClick(write, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(result->text().contains(QStringLiteral("is there already")), kLoadingMs);
        QCOMPARE(readFile(other).value(), std::string("precious"));

        kind->setCurrentIndex(0);
        const auto program = QString::fromStdString(m_folder.file("out/again.pt"));
        file->setText(program);
        QTest::mouseClick(write, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(program) && write->isEnabled(), kLoadingMs);
        QTest::keyClick(dialog, Qt::Key_Escape);
        importModelIn(studio, program);
    }

    /// The file of weights to start from is chosen in a dialog.
    void weightsAreChosen()
    {
        Studio studio(demo("weights", 4));
        auto *field = studio.find<QLineEdit>("option-init");
        auto *choose = field->findChild<QAction *>("choose-file");
        QVERIFY(choose);
        choose->trigger();
        auto *dialog = field->findChild<QFileDialog *>("option-file-dialog");
        QVERIFY(dialog && dialog->isVisible());
        Q_EMIT dialog->fileSelected(QStringLiteral("/weights/resnet18.pth"));
        QCOMPARE(field->text(), QStringLiteral("/weights/resnet18.pth"));
        dialog->close();
    }

    void waitingRunsAreOffered()
    {
        const std::string folder = demo("offered", 6);
        {
            Studio studio(folder);
            QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
            studio.setOptions(1000);
            auto *start = studio.find<QPushButton>("train-start");
            auto *runs = studio.find<QTableView>("runs-table");
            QTest::mouseClick(start, Qt::LeftButton);
            QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 1, kTrainingMs);
            studio.setOptions(1);
            QTest::mouseClick(start, Qt::LeftButton);
            QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 2, kLoadingMs);
            QVERIFY(studio.train->stopAndWait(10000)); // the window is closed
        }
        QCOMPARE(listRuns(folder).front().state, std::string(kWaiting));
        Studio studio(folder);
        auto *offer = studio.find<QPushButton>("runs-start-queue");
        QTRY_VERIFY_WITH_TIMEOUT(offer->isVisible() && isLabelled(studio.document), kLoadingMs);
        QVERIFY(!studio.train->isTraining());
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished);
        QTest::mouseClick(offer, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kTrainingMs);
        for (const auto &run : listRuns(folder))
            QVERIFY(run.state != kWaiting);
    }

    void runsAreSearchedEditedAndPutSideBySide()
    {
        const std::string folder = demo("kept", 4);
        keepRun(m_folder, "kept/.masque/runs/first", "ce");
        keepRun(m_folder, "kept/.masque/runs/second", "dice");
        Studio studio(folder);
        auto *runs = studio.find<QTableView>("runs-table");
        QTRY_COMPARE_WITH_TIMEOUT(runs->model()->rowCount(), 2, kLoadingMs);
        auto *search = studio.find<QLineEdit>("runs-search");
        QTest::keyClicks(search, QStringLiteral("loss:dice"));
        QCOMPARE(runs->model()->rowCount(), 1);
        const auto path = m_folder.file("kept/.masque/runs/second");
        QVERIFY(runs->model()->setData(runs->model()->index(0, 0), QStringLiteral("better")));
        QTRY_COMPARE(readRun(path)->name, std::string("better"));
        search->setText(QStringLiteral("loss:dice metric>"));
        QVERIFY(studio.find<QLabel>("runs-search-error")->isVisibleTo(studio.train));
        QCOMPARE(runs->model()->rowCount(), 1); // until it makes sense
        QTest::keyClicks(search, QStringLiteral("0.6"));
        QCOMPARE(runs->model()->rowCount(), 0);
        search->clear();
        QCOMPARE(runs->model()->rowCount(), 2);

        runs->selectRow(runs->model()->index(0, 0).data().toString() == QStringLiteral("better") ? 0 : 1);
        studio.find<QAction>("runs-details")->trigger();
        QTest::keyClicks(studio.find<QLineEdit>("run-tags"), QStringLiteral("x, y"));
        QTest::keyClicks(studio.find<QPlainTextEdit>("run-notes"), QStringLiteral("good"));
        QTest::mouseClick(studio.find<QPushButton>("run-save"), Qt::LeftButton);
        QTRY_COMPARE(readRun(path)->notes, std::string("good"));
        QCOMPARE(readRun(path)->tags, (std::vector<std::string>{"x", "y"}));
        QTRY_VERIFY(!runs->isColumnHidden(6));

        runs->selectAll();
        studio.find<QAction>("runs-side-by-side")->trigger();
        auto *table = studio.find<QTableWidget>("runs-comparison-table");
        QCOMPARE(table->columnCount(), 3);
        QStringList titles;
        for (int row = 0; row < table->rowCount(); ++row)
            titles.append(table->item(row, 0)->text());
        QCOMPARE(titles.last(), QStringLiteral("loss"));
        QCOMPARE(table->item(table->rowCount() - 2, 0)->text(), QStringLiteral("Options that differ"));
    }
};

QTEST_MAIN(TestRunsGui)
#include "test_runs_gui.moc"
