// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/image/image_file.h"
#include "core/runs/run_folder.h"
#include "studio/browser/ItemFilter.h"
#include "studio/plots/CurvePlot.h"
#include "studio/training/PictureGrid.h"
#include "tests/studio/workspaces/Studio.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>
#include <QTreeWidget>
#include <QUndoStack>

#include <filesystem>

using namespace masque;

class TestLoop : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    std::string demo(const char *name, int count = 12) const { return smallDemo(m_folder, name, count); }

private Q_SLOTS:
    void initTestCase() { keepSettingsIn(m_folder); } // the trash, too

    void previewFollowsTheForm()
    {
        Studio studio(demo("preview"));
        auto *preview = studio.find<PictureGrid>("augmentation-preview");
        QTRY_VERIFY_WITH_TIMEOUT(!preview->pictures().empty(), kLoadingMs);
        const auto first = [&] { return preview->pictures().front().image.copy(); };
        for (const char *name : {"option-rotation_degrees", "option-perspective", "option-elastic_alpha", "option-hue",
                                 "option-blur", "option-noise", "option-cutout", "option-mixup"}) {
            const QImage before = first();
            auto *field = studio.find<QDoubleSpinBox>(name);
            field->setValue(field->maximum() / 2);
            QTRY_VERIFY2_WITH_TIMEOUT(first() != before, name, kLoadingMs);
            field->setValue(0);
            QTRY_VERIFY2_WITH_TIMEOUT(first() == before, name, kLoadingMs);
        }
        studio.find<QLineEdit>("option-size")->setText(QStringLiteral("32"));
        QTRY_COMPARE_WITH_TIMEOUT(first().size(), QSize(32, 32), kLoadingMs);
        const QImage whole = first();
        studio.find<QCheckBox>("option-tiles")->click();
        QTRY_VERIFY_WITH_TIMEOUT(first() != whole, kLoadingMs);
        QCOMPARE(first().size(), QSize(32, 32));
    }

    void trainsComparesAndTakesThePrediction()
    {
        Studio studio(demo("loop"));
        auto *start = studio.find<QPushButton>("train-start");
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        QTRY_VERIFY(start->isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(!studio.find<PictureGrid>("augmentation-preview")->pictures().empty(), kLoadingMs);

        studio.setOptions(2);
        studio.find<QDoubleSpinBox>("option-test_ratio")->setValue(0.2);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished);
        QSignalSpy status(studio.train, &TrainWorkspace::statusText);
        start->click();
        QVERIFY(studio.train->isTraining());
        QVERIFY(studio.find<QPushButton>("train-stop")->isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(!studio.train->isTraining(), kTrainingMs);
        QVERIFY2(finished.count() == 1, qPrintable(studio.find<QLabel>("train-message")->text()));
        QVERIFY(!status.isEmpty());
        const QString folder = finished[0][0].toString();

        for (const char *name : {"loss-plot", "metric-plot"}) {
            auto *plot = studio.find<CurvePlot>(name);
            QCOMPARE(plot->curveNames().size(), 2);
            for (const QString &curve : plot->curveNames())
                QVERIFY2(plot->values(curve).size() >= 2, qPrintable(curve));
        }
        auto *runs = studio.find<QTableView>("runs-table");
        QTRY_COMPARE(runs->model()->rowCount(), 1);
        QTRY_COMPARE(runs->model()->index(0, 1).data().toString(), QStringLiteral("finished"));
        QCOMPARE(runs->model()->index(0, 2).data().toString(), QStringLiteral("2 of 2"));
        QTRY_VERIFY_WITH_TIMEOUT(studio.find<PictureGrid>("validation-preview")->pictures().size() >= 6, kLoadingMs);

        studio.showCompare();
        auto *take = studio.find<QPushButton>("compare-take");
        QTRY_COMPARE(studio.find<QComboBox>("compare-run")->currentData().toString(), folder);
        QTRY_VERIFY_WITH_TIMEOUT(take->isEnabled(), kLoadingMs);
        QVERIFY(!studio.find<QLabel>("compare-difference-note")->text().isEmpty());

        auto *images = studio.find<QTableView>("compare-images");
        QTRY_VERIFY(images->model()->rowCount() > 0);
        studio.find<QPushButton>("compare-evaluate")->click();
        QTRY_VERIFY_WITH_TIMEOUT(!images->model()->index(0, 1).data().toString().isEmpty(), kLoadingMs);
        for (int row = 1; row < images->model()->rowCount(); ++row)
            QVERIFY(images->model()->index(row - 1, 1).data().toDouble()
                    <= images->model()->index(row, 1).data().toDouble());
        const ItemFilter evaluated = ItemFilter::parse(QStringLiteral("iou:>=0")); // in the browser's search
        const auto &summaries = studio.document.summaries();
        QCOMPARE(std::count_if(summaries.begin(), summaries.end(),
                               [&](const ItemSummary &summary) { return evaluated.matches({}, summary); }),
                 images->model()->rowCount());
        auto *figures = studio.find<QTableView>("compare-figures");
        QVERIFY(!figures->model()->index(figures->model()->rowCount() - 1, 4).data().toString().isEmpty());
        QVERIFY(readTestUses(folder.toStdString()).empty());
        auto *split = studio.find<QComboBox>("compare-split");
        split->setCurrentIndex(split->findData(QStringLiteral("test")));
        studio.find<QPushButton>("compare-evaluate")->click();
        QTRY_COMPARE_WITH_TIMEOUT(readTestUses(folder.toStdString()).size(), std::size_t{1}, kLoadingMs);
        QVERIFY(readTestUses(folder.toStdString())[0].metrics.loss > 0);

        QTRY_VERIFY_WITH_TIMEOUT(take->isEnabled(), kLoadingMs);
        const Annotation before = studio.document.annotation();
        QSignalSpy edit(studio.compare, &CompareWorkspace::editRequested);
        studio.find<QComboBox>("compare-style")->setCurrentIndex(1);
        take->click();
        QTRY_COMPARE(edit.count(), 1);
        QCOMPARE(studio.document.undoStack()->index(), 1);
        QVERIFY(!sameContent(studio.document.annotation(), before));
        studio.document.undoStack()->undo();
        QVERIFY(sameContent(studio.document.annotation(), before));

        const int item = studio.document.currentIndex();
        QTRY_VERIFY_WITH_TIMEOUT(take->isEnabled(), kLoadingMs);
        studio.find<QPushButton>("compare-accept-next")->click();
        QTRY_VERIFY(studio.document.currentIndex() != item);
        QVERIFY(studio.document.saveAndWait());
    }

    /// Flags of annotated images are classes once the task says so; the form then offers other networks.
    void annotationsAreLearntAsClasses()
    {
        const std::string root = m_folder.file("flagged");
        for (int i = 0; i < 8; ++i) {
            const std::string name = "flagged/" + std::to_string(i);
            m_folder.write(name + ".png", "");
            MASQUE_VERIFY(
                writeImage(m_folder.file(name + ".png"), cv::Mat3b(24, 24, cv::Vec3b::all(i % 2 ? 200 : 50))));
            Annotation annotation;
            annotation.flags = {{i % 2 ? "day" : "night", true}};
            MASQUE_VERIFY(writeLabelMe(m_folder.file(name + ".json"), annotation));
        }
        Studio studio(root);
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        auto *task = studio.find<QComboBox>("option-task");
        QVERIFY(studio.find<QComboBox>("option-model")->findText(QStringLiteral("unet")) >= 0);
        task->setCurrentText(QStringLiteral("classification"));
        auto *model = studio.find<QComboBox>("option-model");
        QVERIFY(model->findText(QStringLiteral("unet")) < 0);
        model->setCurrentText(QStringLiteral("emotion-small"));
        QCOMPARE(studio.find<QComboBox>("option-loss")->currentText(), QStringLiteral("ce"));
        studio.find<QSpinBox>("option-epochs")->setValue(1);
        studio.find<QSpinBox>("option-batch")->setValue(2);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished);
        studio.find<QPushButton>("train-start")->click();
        QTRY_VERIFY_WITH_TIMEOUT(!studio.train->isTraining(), kTrainingMs);
        QVERIFY2(finished.count() == 1, qPrintable(studio.find<QLabel>("train-message")->text()));
        const auto run = readRun(finished[0][0].toString().toStdString());
        MASQUE_VERIFY(run);
        QCOMPARE(run->labels.names(), (std::vector<std::string>{"day", "night"}));
        QCOMPARE(run->options.data.model, std::string("emotion-small"));
        studio.find<QComboBox>("option-task")->setCurrentText(QStringLiteral("auto"));
        QVERIFY(studio.find<QComboBox>("option-model")->findText(QStringLiteral("unet")) >= 0);
    }

    void saysWhyItCannotStart()
    {
        Studio nothing("");
        QVERIFY(!nothing.find<QPushButton>("train-start")->isEnabled());
        QVERIFY(nothing.find<QLabel>("train-message")->text().contains(QStringLiteral("Open a folder")));

        const std::string folder = demo("bare", 2);
        for (const auto &entry : std::filesystem::directory_iterator(folder)) {
            if (entry.path().extension() == ".json")
                std::filesystem::remove(entry.path());
        }
        Studio bare(folder);
        QTRY_VERIFY_WITH_TIMEOUT(
            !bare.find<QPushButton>("train-start")->isEnabled()
                && bare.find<QLabel>("train-message")->text().contains(QStringLiteral("annotation")),
            kLoadingMs);
    }

    void aWrongOptionIsShownAtItsField()
    {
        Studio studio(demo("option", 4));
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.find<QLineEdit>("option-size")->setText(QStringLiteral("large"));
        studio.train->startTraining();
        QVERIFY(!studio.train->isTraining());
        QVERIFY(studio.find<QLabel>("error-size")->isVisibleTo(studio.train));
    }

    void theFormFollowsTheModel()
    {
        Studio studio("");
        auto *models = studio.find<QComboBox>("option-model");
        QVERIFY(models->count() >= 2);
        studio.find<QSpinBox>("option-epochs")->setValue(7);
        models->setCurrentIndex(models->findData(QStringLiteral("resnet18-unet")));
        QCOMPARE(studio.find<QSpinBox>("option-epochs")->value(), 7);
        QCOMPARE(studio.find<QComboBox>("option-model")->currentData().toString(), QStringLiteral("resnet18-unet"));
    }

    void closingWhileTrainingIsClean()
    {
        const std::string folder = demo("closing");
        QElapsedTimer clock;
        {
            Studio studio(folder);
            QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
            studio.setOptions(1000);
            studio.find<QPushButton>("train-start")->click();
            auto *plot = studio.find<CurvePlot>("loss-plot");
            QTRY_VERIFY_WITH_TIMEOUT(!plot->curveNames().isEmpty() && !plot->values(plot->curveNames()[0]).isEmpty(),
                                     kTrainingMs);
            clock.start();
            QVERIFY(studio.train->stopAndWait(10000)); // a step away; the bound is for crowded machines
            qInfo("stopped after %lld ms", static_cast<long long>(clock.elapsed()));
        }
        const auto runs = listRuns(folder);
        QCOMPARE(runs.size(), std::size_t{1});
        QCOMPARE(runs[0].state, std::string("stopped"));
    }

    void checkedAndRateFound()
    {
        const std::string folder = demo("check", 12);
        Studio studio(folder);
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.setOptions(1);
        QTest::mouseClick(studio.find<QPushButton>("train-find-rate"), Qt::LeftButton);
        auto *use = studio.find<QPushButton>("rate-use");
        QVERIFY(!use->isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(use->isEnabled(), kTrainingMs);
        QVERIFY(studio.find<CurvePlot>("rate-plot")->values(QStringLiteral("smoothed")).size() > 30);
        auto *rate = studio.find<QLineEdit>("rate-value");
        rate->clear();
        QTest::keyClicks(rate, QStringLiteral("0.003"));
        QTest::mouseClick(use, Qt::LeftButton);
        QTest::mouseClick(studio.find<QPushButton>("train-check"), Qt::LeftButton);
        auto *start = studio.find<QPushButton>("preflight-start");
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kTrainingMs);
        QCOMPARE(studio.find<QTableWidget>("preflight-classes")->rowCount(), 7);
        QVERIFY(studio.find<QTreeWidget>("preflight-findings")->topLevelItemCount() > 0);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished);
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kTrainingMs);
        QCOMPARE(listRuns(folder).front().options.training.lr, 0.003);
    }

    void batchFoundAndLayersShown()
    {
        Studio studio(demo("batch", 12));
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.setOptions(1);
        QTest::mouseClick(studio.find<QPushButton>("train-find-batch"), Qt::LeftButton);
        auto *use = studio.find<QPushButton>("batch-use");
        QVERIFY(!use->isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(use->isEnabled(), kTrainingMs);
        QCOMPARE(studio.find<CurvePlot>("batch-plot")->values(QStringLiteral("measured")).size(), 3);
        auto *batch = studio.find<QSpinBox>("batch-value");
        QCOMPARE(batch->value(), 10); // as many as there are training images
        batch->setValue(5);
        QTest::mouseClick(use, Qt::LeftButton);
        QCOMPARE(studio.find<QSpinBox>("option-batch")->value(), 5);

        auto *models = studio.find<QComboBox>("option-model");
        models->setCurrentIndex(
            models->findData(QStringLiteral("mobile-unet"))); // the button outlives the form's fields
        auto *button = studio.find<QPushButton>("train-model");
        button->setFocus();
        QTest::keyClick(button, Qt::Key_Space);
        auto *layers = studio.find<QTableWidget>("model-layers");
        QTRY_VERIFY_WITH_TIMEOUT(layers->rowCount() > 50, kTrainingMs);
        QCOMPARE(layers->item(0, 0)->text(), QStringLiteral("encoder.features.0.0"));
        QVERIFY(layers->item(0, 2)->text().startsWith(QStringLiteral("32 x ")));
        const auto first = layers->currentRow();
        QTest::keyClick(layers, Qt::Key_Down);
        QCOMPARE(layers->currentRow(), first + 1);
        QPointer<QDialog> dialog = studio.find<QDialog>("model");
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!dialog);
    }

    void fromTheCurveToThePictures()
    {
        const std::string folder = demo("spike", 12);
        Studio studio(folder);
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.setOptions(2);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished),
            opened(studio.train, &TrainWorkspace::openRequested);
        QTest::mouseClick(studio.find<QPushButton>("train-start"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kTrainingMs);
        auto *curves = studio.find<QWidget>("loss-plot-curves");
        QTest::mouseClick(curves, Qt::LeftButton, {}, curves->rect().center());
        QTRY_VERIFY(studio.window.findChild<QDialog *>(QStringLiteral("samples")));
        QPointer<QDialog> dialog = studio.find<QDialog>("samples");
        auto *list = dialog->findChild<QTreeWidget *>(QStringLiteral("samples-list"));
        QTRY_VERIFY_WITH_TIMEOUT(list->topLevelItemCount() > 0, kLoadingMs);
        QVERIFY(list->topLevelItemCount() <= 4); // one batch
        QCOMPARE(dialog->findChild<PictureGrid *>()->pictures().size(),
                 static_cast<std::size_t>(3 * list->topLevelItemCount()));
        dialog->close();
        QTRY_VERIFY(!dialog);

        auto *runs = studio.find<QTableView>("runs-table");
        QTRY_COMPARE(runs->model()->rowCount(), 1);
        runs->selectRow(0);
        QTest::mouseClick(studio.find<QToolButton>("runs-hard"), Qt::LeftButton);
        QTRY_VERIFY(studio.window.findChild<QDialog *>(QStringLiteral("samples")));
        list = studio.find<QTreeWidget>("samples-list");
        QTRY_COMPARE_WITH_TIMEOUT(list->topLevelItemCount(), 10, kLoadingMs); // every training image
        QVERIFY(list->topLevelItem(0)->text(1).toDouble() >= list->topLevelItem(9)->text(1).toDouble());
        list->setCurrentItem(list->topLevelItem(0));
        QTest::keyClick(list, Qt::Key_Return);
        QCOMPARE(opened.count(), 1);
        QVERIFY(studio.document.dataset()->indexOf(opened[0][0].toString().toStdString()));
    }

    void pausedAndResumed()
    {
        const std::string folder = demo("pause", 8);
        Studio studio(folder);
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.setOptions(200);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished);
        auto *start = studio.find<QPushButton>("train-start"), *pause = studio.find<QPushButton>("train-pause"),
             *stop = studio.find<QPushButton>("train-stop");
        QVERIFY(!pause->isVisible());
        QTest::mouseClick(start, Qt::LeftButton);
        QVERIFY(pause->isVisible());
        auto *plot = studio.find<CurvePlot>("loss-plot");
        const auto points = [&] {
            return plot->curveNames().isEmpty() ? 0 : plot->values(plot->curveNames()[0]).size();
        };
        QTRY_VERIFY_WITH_TIMEOUT(points() > 3, kTrainingMs);
        QTest::mouseClick(pause, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(start->text(), QStringLiteral("Resume Training"), kTrainingMs);
        QVERIFY(!studio.train->isTraining());
        QCOMPARE(finished.count(), 1);
        const auto pausedAt = points();
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(studio.train->isTraining() && points() > pausedAt + 3, kTrainingMs);
        QTest::mouseClick(stop, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, kTrainingMs);
        QCOMPARE(finished[0][0], finished[1][0]); // one run
        QCOMPARE(start->text(), QStringLiteral("Start Training"));

        auto *resume = studio.find<QToolButton>("runs-resume"); // and again from the list
        auto *runs = studio.find<QTableView>("runs-table");
        QTRY_COMPARE(runs->model()->rowCount(), 1);
        runs->selectRow(0);
        QTRY_VERIFY(resume->isEnabled());
        QTest::mouseClick(resume, Qt::LeftButton);
        QVERIFY(studio.train->isTraining());
        QTest::mouseClick(stop, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 3, kTrainingMs);
        QCOMPARE(listRuns(folder).size(), std::size_t{1});
    }

    void aRunIsDeletedAfterAQuestion()
    {
        const std::string folder = demo("delete", 6);
        Studio studio(folder);
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(studio.document), kLoadingMs);
        studio.setOptions(1);
        QSignalSpy finished(studio.train, &TrainWorkspace::runFinished);
        studio.find<QPushButton>("train-start")->click();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kTrainingMs);
        auto *runs = studio.find<QTableView>("runs-table");
        QTRY_COMPARE(runs->model()->rowCount(), 1);
        runs->selectRow(0);
        studio.find<QToolButton>("runs-delete")->click();
        QTRY_VERIFY(studio.window.findChild<QMessageBox *>(QStringLiteral("delete-run-question")));
        studio.find<QPushButton>("delete-run-confirm")->click();
        QTRY_COMPARE(runs->model()->rowCount(), 0);
        QVERIFY(!std::filesystem::exists(finished[0][0].toString().toStdString()));
    }
};

QTEST_MAIN(TestLoop)
#include "test_loop.moc"
