// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Edit.h"
#include "core/image/image_file.h"
#include "core/runs/run.h"
#include "studio/plots/CurvePlot.h"
#include "studio/training/NextImages.h"
#include "studio/training/PictureGrid.h"
#include "tests/studio/workspaces/Studio.h"
#include "tests/support/datasets.h"

#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTableView>
#include <QTreeWidget>

#include <filesystem>
#include <iterator>
#include <set>

using namespace masque;

/// What happens between the window and a training while it runs, and what a run says of the labels.
class TestLiveGui : public QObject {
    Q_OBJECT

    TestFolder m_folder;

    static void stop(Studio &studio)
    {
        studio.find<QPushButton>("train-stop")->click();
        QTRY_VERIFY_WITH_TIMEOUT(!studio.train->isTraining(), kTrainingMs);
    }

private Q_SLOTS:
    void initTestCase() { keepSettingsIn(m_folder); }

    void watchedWhileItLearns()
    {
        Studio studio(smallDemo(m_folder, "watched"));
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        QTRY_VERIFY_WITH_TIMEOUT(studio.document.isLoaded(), kLoadingMs);
        studio.setOptions(400);
        auto *slider = studio.find<QSlider>("preview-slider");
        auto *caption = studio.find<QLabel>("validation-caption");
        QVERIFY(!slider->isVisible());
        studio.find<QPushButton>("train-start")->click();
        const auto &pictures = studio.find<PictureGrid>("validation-preview")->pictures();
        // two validation images, and before them the one that is open
        QTRY_COMPARE_WITH_TIMEOUT(pictures.size(), std::size_t{9}, kTrainingMs);
        const QString open = QString::fromStdString(studio.document.dataset()->items[0].image);
        QCOMPARE(pictures[0].text, QStringLiteral("%1: open in Label").arg(open));
        QVERIFY(!pictures[1].overlay.isNull() && !pictures[2].overlay.isNull());
        studio.document.setCurrentIndex(1);
        QTRY_VERIFY_WITH_TIMEOUT(!pictures[0].text.startsWith(open), kTrainingMs);

        // back through the epochs that are kept, while it goes on
        QTRY_VERIFY_WITH_TIMEOUT(slider->maximum() >= 2, kTrainingMs);
        QCOMPARE(slider->value(), slider->maximum());
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_Home);
        QTRY_VERIFY_WITH_TIMEOUT(pictures.size() == 6 && !pictures[2].overlay.isNull(), kLoadingMs);
        QVERIFY2(caption->text().contains(QStringLiteral("epoch ")), qPrintable(caption->text()));
        const QString then = caption->text();
        const int kept = slider->maximum();
        QTRY_VERIFY_WITH_TIMEOUT(slider->maximum() > kept, kTrainingMs);
        QCOMPARE(caption->text(), then); // what is looked at stays
        QTest::keyClick(slider, Qt::Key_End);
        QTRY_COMPARE_WITH_TIMEOUT(pictures.size(), std::size_t{9}, kTrainingMs);
        stop(studio);
        QTRY_COMPARE_WITH_TIMEOUT(pictures.size(), std::size_t{6}, kLoadingMs); // the best checkpoint
        QVERIFY(slider->isVisible());
    }

    void correctedWhileItLearns()
    {
        Studio studio(smallDemo(m_folder, "corrected"));
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        QTRY_VERIFY_WITH_TIMEOUT(studio.document.isLoaded(), kLoadingMs);
        studio.setOptions(5000);
        auto *log = studio.find<QPlainTextEdit>("training-log");
        auto *metric = studio.find<CurvePlot>("metric-plot");
        studio.find<QPushButton>("train-start")->click();
        const auto correctOpen = [&] {
            const auto &annotation = studio.document.annotation();
            studio.document.applyEdit(removeShapes(annotation, {annotation.shapes.front().id}, "remove"));
        };
        QTRY_VERIFY_WITH_TIMEOUT(log->toPlainText().contains(QStringLiteral("Epoch 1 val")), kTrainingMs);
        const auto runs = listRuns(studio.document.dataset()->root);
        QCOMPARE(runs.size(), std::size_t{1});
        const auto split = readRunSplit(runs[0].folder, *studio.document.dataset());
        QVERIFY(split.has_value());

        studio.document.setCurrentIndex(static_cast<int>(split->train.front()));
        QTRY_VERIFY_WITH_TIMEOUT(studio.document.isLoaded(), kLoadingMs);
        correctOpen();
        QTRY_VERIFY_WITH_TIMEOUT(log->toPlainText().contains(QStringLiteral("1 mask corrected\n")), kTrainingMs);
        QVERIFY(!log->toPlainText().contains(QStringLiteral("! 1 mask")));
        QCOMPARE(metric->curveNames().size(), 2);

        studio.document.setCurrentIndex(static_cast<int>(split->val.front()));
        QTRY_VERIFY_WITH_TIMEOUT(studio.document.isLoaded(), kLoadingMs);
        correctOpen();
        QTRY_VERIFY_WITH_TIMEOUT(log->toPlainText().contains(QStringLiteral("1 mask corrected in validation")),
                                 kTrainingMs);
        QTRY_COMPARE_WITH_TIMEOUT(metric->curveNames().size(), 3, kTrainingMs);
        QVERIFY(metric->curveNames().contains(QStringLiteral("validation without corrected")));
        QTRY_VERIFY_WITH_TIMEOUT(log->toPlainText().contains(QStringLiteral("without corrected images")), kTrainingMs);
        stop(studio);
        const auto run = readRun(runs[0].folder);
        QVERIFY(run.has_value());
        QCOMPARE(run->findings.size(), std::size_t{2});
        QCOMPARE(run->findings[0].images.size(), std::size_t{1});
        QVERIFY(run->findings[0].epoch > 1);
    }

    void labelledWhileItLearns()
    {
        const std::string root = smallDemo(m_folder, "labelled");
        const auto complete = openIndexed(root).dataset;
        std::filesystem::remove(complete->absolute(complete->items[3].json));
        Studio studio(root);
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.setOptions(5000);
        auto *log = studio.find<QPlainTextEdit>("training-log");
        studio.find<QPushButton>("train-start")->click();
        QTRY_VERIFY_WITH_TIMEOUT(log->toPlainText().contains(QStringLiteral("Epoch 1 val")), kTrainingMs);
        studio.document.setCurrentIndex(3);
        QTRY_VERIFY_WITH_TIMEOUT(studio.document.isLoaded(), kLoadingMs);
        const auto &annotation = studio.document.annotation();
        QVERIFY(annotation.shapes.empty());
        const std::string name = studio.document.labels()[1].name;
        Shape triangle;
        triangle.label = name;
        triangle.points = {{4, 4}, {40, 4}, {40, 40}};
        studio.document.applyEdit(insertShapes(annotation, {triangle}, "draw"));
        const auto epochs = log->toPlainText().count(QStringLiteral(" val"));
        QTRY_VERIFY_WITH_TIMEOUT(log->toPlainText().count(QStringLiteral(" val")) > epochs + 2, kTrainingMs);
        QVERIFY(!log->toPlainText().contains(QStringLiteral("newly labelled"))); // the user is not done with it
        studio.document.setCurrentIndex(4);
        QTRY_VERIFY_WITH_TIMEOUT(log->toPlainText().contains(QStringLiteral("1 image newly labelled")), kTrainingMs);
        stop(studio);
    }

    /// Folders of classes: other networks, and what is seen is said in a word.
    void classesOfImagesAreTrained()
    {
        const char *names[] = {"dark", "grey", "light"};
        for (int i = 0; i < 24; ++i) {
            const cv::Mat image(20, 20, CV_8UC3, cv::Scalar::all(30 + 90 * (i % 3) + i));
            const auto file = m_folder.file(std::string("classes/") + names[i % 3] + "/" + std::to_string(i) + ".png");
            std::filesystem::create_directories(std::filesystem::path(file).parent_path());
            MASQUE_VERIFY(writeImage(file, image));
        }
        m_folder.write("classes/masque.json", R"({"format": "class-folders"})");
        Studio studio(m_folder.file("classes"));
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        auto *model = studio.find<QComboBox>("option-model");
        QVERIFY(model->findText(QStringLiteral("unet")) < 0);
        QCOMPARE(model->currentText(), QStringLiteral("emotion-resnet9"));
        QCOMPARE(studio.find<QLineEdit>("option-size")->text(), QStringLiteral("20x20"));
        QCOMPARE(studio.find<QComboBox>("option-loss")->currentText(), QStringLiteral("ce"));
        QVERIFY(!studio.window.findChild<QWidget *>(QStringLiteral("option-tiles")));
        QVERIFY(studio.find<QComboBox>("option-loss")->findText(QStringLiteral("soft-ce")) >= 0);
        model->setCurrentText(QStringLiteral("emotion-small"));
        studio.setOptions(3);
        auto *start = studio.find<QPushButton>("train-start");
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kLoadingMs);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished);
        start->click();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kTrainingMs);
        const auto runs = listRuns(studio.document.dataset()->root);
        QCOMPARE(runs.size(), std::size_t{1});
        QCOMPARE(runs[0].state, std::string("finished"));
        auto *metric = studio.find<QComboBox>("metric-choice"); // the run's own, until another is chosen
        QCOMPARE(metric->currentText(), QStringLiteral("Pixel accuracy"));
        const auto &pictures = studio.find<PictureGrid>("validation-preview")->pictures();
        QTRY_VERIFY_WITH_TIMEOUT(pictures.size() == 12 && !pictures[2].caption.isEmpty(), kLoadingMs);
        for (std::size_t k = 0; k < pictures.size(); k += 3) {
            QVERIFY(pictures[k].text.startsWith(pictures[k + 1].caption)); // the folder is the class
            QVERIFY(pictures[k + 1].overlay.isNull() && pictures[k + 2].color.isValid());
        }
    }

    void labelErrorsAreListed()
    {
        Studio studio(smallDemo(m_folder, "errors"));
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.setOptions(2);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished),
            opened(studio.train, &TrainWorkspace::openRequested);
        studio.find<QPushButton>("train-start")->click();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kTrainingMs);
        auto *runs = studio.find<QTableView>("runs-table");
        QTRY_COMPARE(runs->model()->rowCount(), 1);
        runs->selectRow(0);
        auto *action = studio.find<QAction>("runs-errors");
        QTRY_VERIFY(action->isEnabled());
        action->trigger();
        auto *list = studio.find<QTreeWidget>("samples-list");
        QTRY_COMPARE_WITH_TIMEOUT(list->topLevelItemCount(), 12, kLoadingMs); // every labelled image
        for (int row = 1; row < 12; ++row)
            QVERIFY(list->topLevelItem(row - 1)->text(1).toDouble() >= list->topLevelItem(row)->text(1).toDouble());
        QVERIFY(!list->topLevelItem(0)->text(2).isEmpty());
        QVERIFY(!list->isColumnHidden(2));
        auto *dialog = studio.find<QDialog>("samples");
        QCOMPARE(dialog->findChild<PictureGrid *>()->pictures().size(), std::size_t{36});
        list->setCurrentItem(list->topLevelItem(0));
        QTest::keyClick(list, Qt::Key_Return);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened[0][0].toString(), list->topLevelItem(0)->text(0));

        auto *cross = studio.find<QPushButton>("samples-cross-validate");
        QVERIFY(cross->isVisible());
        QVERIFY(cross->isEnabled());
        auto *caption = studio.find<QLabel>("samples-caption");
        QTest::mouseClick(cross, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(caption->text().contains("never saw its label"), kTrainingMs);
        QCOMPARE(list->topLevelItemCount(), 12);
        QCOMPARE(dialog->findChild<PictureGrid *>()->pictures().size(), std::size_t{36});
        QVERIFY(cross->isEnabled());
    }

    void nextImagesAreUnlabelled()
    {
        const std::string folder = smallDemo(m_folder, "next");
        std::set<std::filesystem::path> annotations;
        for (const auto &entry : std::filesystem::directory_iterator(folder))
            if (entry.path().extension() == ".json" && entry.path().filename() != "masque.json")
                annotations.insert(entry.path());
        for (auto it = std::next(annotations.begin(), 4); it != annotations.end(); ++it)
            std::filesystem::remove(*it);
        Studio studio(folder);
        NextImages next(studio.document, studio.plugins.registry().models, *studio.jobs);
        QSignalSpy said(&next, &NextImages::messageText);
        const auto known = [&] {
            const auto &summaries = studio.document.summaries();
            return !summaries.empty() && summaries.back().status != ItemStatus::Unknown;
        };
        QTRY_VERIFY_WITH_TIMEOUT(known(), kLoadingMs);
        const auto isNew = [&](int index) {
            return studio.document.summaries()[static_cast<std::size_t>(index)].status == ItemStatus::New;
        };
        std::set<int> seen;
        for (int i = 0; i < 2; ++i) {
            const int before = studio.document.currentIndex();
            next.goToNext();
            QTRY_VERIFY_WITH_TIMEOUT(studio.document.currentIndex() != before, kLoadingMs);
            QVERIFY(isNew(studio.document.currentIndex()));
            seen.insert(studio.document.currentIndex());
        }
        QCOMPARE(seen.size(), std::size_t{2});
        QCOMPARE(said.back()[0].toString(), QString()); // the second was known already
    }
};

QTEST_MAIN(TestLiveGui)
#include "test_live_gui.moc"
