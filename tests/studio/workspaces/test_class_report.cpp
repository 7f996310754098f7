// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/inference/Predictor.h"
#include "core/plugins/PluginHost.h"
#include "studio/compare/ClassReportDialog.h"
#include "studio/compare/split/ConfusionView.h"
#include "tests/studio/workspaces/emotion_run.h"

#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <filesystem>

using namespace masque;

namespace {
constexpr int kTimeoutMs = 60000;
} // namespace

/// The report on a run that tells emotions, by its keys and clicks.
class TestClassReport : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    PluginHost m_plugins;
    std::unique_ptr<JobRunner> m_jobs = makeThreadedJobRunner();
    std::string m_root, m_run;

private Q_SLOTS:
    void initTestCase()
    {
        keepSettingsIn(m_folder);
        m_root = makeEmotionRun(m_folder, m_plugins.registry().models);
        QVERIFY(!m_root.empty());
        m_run = m_root + "/.masque/runs/first";
    }

    void cellsOpenTheirImages()
    {
        const auto before = Predictor::load(m_run, m_plugins.registry().models);
        MASQUE_VERIFY(before);
        QCOMPARE(before->temperature(), 1.0);
        auto *dialog = new ClassReportDialog(openIndexed(m_root).dataset, m_plugins.registry().models, *m_jobs,
                                             QString::fromStdString(m_run));
        dialog->show();
        QVERIFY(QTest::qWaitForWindowActive(dialog));
        auto *summary = dialog->findChild<QLabel *>(QStringLiteral("class-report-summary"));
        QTRY_VERIFY2_WITH_TIMEOUT(summary->text().contains(QStringLiteral("Accuracy")), qPrintable(summary->text()),
                                  kTimeoutMs);
        QVERIFY(summary->text().contains(QStringLiteral("validation images: 7")));
        const auto after = Predictor::load(m_run, m_plugins.registry().models);
        MASQUE_VERIFY(after);
        QVERIFY(after->temperature() != 1);

        auto *matrix = dialog->findChild<ConfusionView *>();
        auto *images = dialog->findChild<QListWidget *>(QStringLiteral("class-report-images"));
        QCOMPARE(matrix->model()->rowCount(), 7);
        const int mistakes = images->count();
        int right = 0, listed = 0;
        for (int truth = 0; truth < 7; ++truth)
            for (int said = 0; said < 7; ++said) {
                const QModelIndex cell = matrix->model()->index(truth, said);
                QTest::mouseClick(matrix->viewport(), Qt::LeftButton, {}, matrix->visualRect(cell).center());
                // one image a class: a full square has it, an empty one has none
                QCOMPARE(images->count(), qRound(cell.data(ConfusionModel::ShareRole).toDouble()));
                listed += images->count();
                right += truth == said ? images->count() : 0;
            }
        QCOMPARE(listed, 7);
        QCOMPARE(mistakes, 7 - right);

        QSignalSpy opened(dialog, &ClassReportDialog::openRequested);
        const QModelIndex cell = matrix->currentIndex();
        QTest::mouseClick(matrix->viewport(), Qt::LeftButton, {}, matrix->visualRect(cell).center()); // lets it go
        QCOMPARE(images->count(), mistakes);
        QVERIFY(mistakes > 0);
        QTRY_VERIFY_WITH_TIMEOUT(!images->item(mistakes - 1)->icon().isNull(), kTimeoutMs);
        images->setFocus();
        images->setCurrentRow(0);
        QTest::keyClick(images, Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QVERIFY(opened.front().front().toString().startsWith(QStringLiteral("valid/")));

        QTest::mouseClick(dialog->findChild<QPushButton *>(QStringLiteral("class-report-save")), Qt::LeftButton);
        auto *file = dialog->findChild<QFileDialog *>(QStringLiteral("class-report-file"));
        QVERIFY(file);
        file->findChild<QLineEdit *>()->setText(QString::fromStdString(m_folder.file("report.png")));
        QTest::keyClick(file->findChild<QLineEdit *>(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(m_folder.file("report.png")), kTimeoutMs);
        QVERIFY(QImage(QString::fromStdString(m_folder.file("report.png"))).width() > 400);
        dialog->close();
    }

    void closesWhileItReads()
    {
        auto *dialog = new ClassReportDialog(openIndexed(m_root).dataset, m_plugins.registry().models, *m_jobs,
                                             QString::fromStdString(m_run));
        dialog->show();
        delete dialog;
        QTRY_COMPARE_WITH_TIMEOUT(m_jobs->runningCount(), 0, kTimeoutMs);
    }

    void whatIsNoRunIsSaid()
    {
        ClassReportDialog dialog(openIndexed(m_root).dataset, m_plugins.registry().models, *m_jobs,
                                 QStringLiteral("/nowhere"));
        auto *summary = dialog.findChild<QLabel *>(QStringLiteral("class-report-summary"));
        QTRY_VERIFY_WITH_TIMEOUT(summary->text().contains(QStringLiteral("/nowhere")), kTimeoutMs);
    }
};

QTEST_MAIN(TestClassReport)
#include "test_class_report.moc"
