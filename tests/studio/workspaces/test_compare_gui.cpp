// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "studio/canvas/ImageView.h"
#include "studio/compare/LinkedViews.h"
#include "studio/compare/split/ConfusionView.h"
#include "studio/compare/split/IouHistogram.h"
#include "tests/core/runs/small_run.h"
#include "tests/studio/workspaces/Studio.h"
#include "tests/support/datasets.h"

#include <QComboBox>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QWheelEvent>

using namespace masque;

/// Compare: seeing where a model and the labels disagree.
class TestCompareGui : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    DemoData m_data;
    std::string m_older, m_run; ///< two runs of other seeds; the later one is shown first
    std::unique_ptr<Studio> m_studio;

    QString cell(int row, int column) { return table()->model()->index(row, column).data().toString(); }
    QTableView *table() { return m_studio->find<QTableView>("compare-images"); }
    /// As a person does: not by code.
    void choose(const char *name, const QString &text)
    {
        auto *choice = m_studio->find<QComboBox>(name);
        const int at = choice->findText(text);
        QVERIFY2(at >= 0, qPrintable(text));
        choice->setFocus();
        QTest::keyClick(choice, Qt::Key_Home);
        for (int i = choice->currentIndex(); i < at; ++i)
            QTest::keyClick(choice, Qt::Key_Down);
        QCOMPARE(choice->currentText(), text);
    }
    bool isCompared() { return !m_studio->find<QLabel>("compare-difference-note")->text().isEmpty(); }
    void evaluate()
    {
        QTest::mouseClick(m_studio->find<QPushButton>("compare-evaluate"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!cell(0, 1).isEmpty(), kLoadingMs);
    }
    QImage picture(const char *view) { return m_studio->find<ImageView>(view)->grab().toImage(); }

private Q_SLOTS:
    void initTestCase()
    {
        keepSettingsIn(m_folder);
        m_data = makeDemo(m_folder, 30);
        QVERIFY(m_data.dataset);
        auto options = smallOptions();
        options.data.valRatio = 0.4;
        options.training.epochs = 6;
        options.training.lr = 5e-3;
        for (auto *run : {&m_older, &m_run}) {
            options.training.seed += 1;
            const auto done = executeRun({m_data.dataset, m_data.summaries, options}, kModels, {}, {});
            MASQUE_VERIFY(done);
            *run = done->folder;
        }
    }

    void init()
    {
        m_studio = std::make_unique<Studio>(m_data.dataset->root);
        m_studio->showCompare();
        QTRY_VERIFY_WITH_TIMEOUT(isLabelled(m_studio->document), kLoadingMs);
        m_studio->compare->setRun(QString::fromStdString(m_run));
        QTRY_VERIFY_WITH_TIMEOUT(isCompared() && table()->model()->rowCount() == 12, kLoadingMs);
    }

    void cleanup() { m_studio.reset(); }

    void listIsSortedAndFiltered()
    {
        QTRY_VERIFY_WITH_TIMEOUT(!table()->model()->index(0, 0).data(Qt::DecorationRole).isNull(), kLoadingMs);
        evaluate();
        const auto isSorted = [&](int sign) {
            for (int row = 1; row < table()->model()->rowCount(); ++row)
                if (sign * cell(row - 1, 1).toDouble() > sign * cell(row, 1).toDouble())
                    return false;
            return true;
        };
        QVERIFY(isSorted(1));
        const QString iou = cell(0, 1);
        for (const char *name : {"Uncertainty", "Uncertainty (margin)", "Loss"}) {
            choose("compare-sort", QLatin1String(name));
            QVERIFY2(isSorted(-1) && cell(0, 1).toDouble() > 0, name);
        }
        choose("compare-sort", QStringLiteral("Borders"));
        QVERIFY(isSorted(1));
        choose("compare-sort", QStringLiteral("Disagreement"));
        QCOMPARE(cell(0, 1), iou);
        int fewest = 12;
        for (int id = 0; id < m_data.dataset->labels.size(); ++id) {
            choose("compare-class", QString::fromStdString(m_data.dataset->labels[id].name));
            QVERIFY(isSorted(1));
            fewest = std::min(fewest, table()->model()->rowCount());
        }
        QVERIFY(fewest < 12); // with so few shapes to an image some class is not in all of them
        choose("compare-class", QStringLiteral("All classes"));
        QCOMPARE(table()->model()->rowCount(), 12);

        table()->setFocus();
        table()->selectRow(0);
        QTRY_COMPARE(
            QString::fromStdString(m_data.dataset->items[std::size_t(m_studio->document.currentIndex())].image),
            cell(0, 0));
        choose("compare-sort", QStringLiteral("High loss in training"));
        QCOMPARE(m_studio->find<QComboBox>("compare-split")->currentData().toString(), QStringLiteral("train"));
        QCOMPARE(table()->model()->rowCount(), 18);
        QVERIFY(isSorted(-1) && cell(0, 1).toDouble() > 0); // known without evaluating
    }

    void aSquareOfTheConfusionShowsImagesAndPixels()
    {
        evaluate();
        auto *confusion = m_studio->find<ConfusionView>("compare-confusion");
        const auto labels = m_data.dataset->labels;
        QCOMPARE(confusion->model()->rowCount(), labels.size());
        double row = 0;
        for (int said = 0; said < labels.size(); ++said)
            row += confusion->model()->index(0, said).data(ConfusionModel::ShareRole).toDouble();
        QVERIFY(std::abs(row - 1) < 1e-9);
        QVERIFY(confusion->model()
                    ->index(1, 0)
                    .data(Qt::AccessibleTextRole)
                    .toString()
                    .contains(QString::fromStdString(labels[1].name)));

        const QImage before = picture("compare-image");
        table()->selectRow(0);
        QTRY_VERIFY_WITH_TIMEOUT(isCompared(), kLoadingMs);
        m_studio->find<QTabWidget>("compare-tabs")->setCurrentIndex(1);
        confusion->setFocus();
        confusion->setCurrentIndex(confusion->model()->index(0, 0));
        QTest::keyClick(confusion, Qt::Key_Down); // a class that is there, taken for background
        QTest::keyClick(confusion, Qt::Key_Return);
        auto *chip = m_studio->find<QToolButton>("compare-filter");
        QTRY_VERIFY(chip->isVisible());
        QVERIFY(chip->text().contains(QStringLiteral("taken for")));
        QCOMPARE(m_studio->document.undoStack()->index(), 0); // Return took nothing as annotation
        const int behind = table()->model()->rowCount();
        QVERIFY(behind > 0 && behind < 12);
        table()->selectRow(0);
        const auto hasMark = [&] {
            const QImage image = picture("compare-image");
            for (int y = 0; y < image.height(); ++y)
                for (int x = 0; x < image.width(); ++x)
                    if (image.pixelColor(x, y) == QColor(240, 228, 66))
                        return true;
            return false;
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasMark(), kLoadingMs);
        QTest::mouseClick(chip, Qt::LeftButton);
        QCOMPARE(table()->model()->rowCount(), 12);
        QVERIFY(!confusion->chosen());
        QTRY_VERIFY_WITH_TIMEOUT(!hasMark(), kLoadingMs);
    }

    void aBarOfTheHistogramFilters()
    {
        evaluate();
        m_studio->find<QTabWidget>("compare-tabs")->setCurrentIndex(2);
        auto *histogram = m_studio->find<IouHistogram>("compare-histogram");
        int images = 0, bar = -1;
        for (int i = 0; i < IouHistogram::kBars; ++i) {
            images += histogram->count(i);
            if (histogram->count(i) > 0)
                bar = i;
        }
        QCOMPARE(images, 12);
        QTest::mouseClick(histogram, Qt::LeftButton, {}, histogram->barRect(bar).center());
        QCOMPARE(table()->model()->rowCount(), histogram->count(bar));
        for (int row = 0; row < table()->model()->rowCount(); ++row)
            QVERIFY(cell(row, 1).toDouble() >= bar / 10.0 - 0.0005 && cell(row, 1).toDouble() <= (bar + 1) / 10.0);
        histogram->setFocus();
        QTest::keyClick(histogram, Qt::Key_Space); // lets it go
        QCOMPARE(table()->model()->rowCount(), 12);
        QVERIFY(histogram->accessibleDescription().contains(QString::number(histogram->count(bar))));
    }

    void figuresAreSavedAsCsv()
    {
        QVERIFY(!m_studio->find<QToolButton>("compare-save")->isEnabled());
        evaluate();
        QTest::mouseClick(m_studio->find<QToolButton>("compare-save"), Qt::LeftButton);
        auto *dialog = m_studio->find<QFileDialog>("compare-csv-dialog");
        const std::string file = m_folder.file("figures.csv");
        Q_EMIT dialog->fileSelected(QString::fromStdString(file));
        dialog->close();
        QTRY_VERIFY_WITH_TIMEOUT(readFile(file), kLoadingMs);
        const QStringList lines = QString::fromStdString(*readFile(file)).trimmed().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 13);
        QVERIFY(lines[0].startsWith(QStringLiteral("file,split,mean_iou,boundary_f1,loss,entropy,margin,iou ")));
        for (const QString &line : lines)
            QCOMPARE(line.count(QLatin1Char(',')), lines[0].count(QLatin1Char(',')));
        QVERIFY(lines[1].contains(QStringLiteral(",val,0.")));
    }

    void panelsShowProbabilitiesAndUncertainty()
    {
        auto *note = m_studio->find<QLabel>("compare-prediction-note");
        QImage last = picture("compare-prediction");
        const QString className = QString::fromStdString(m_data.dataset->labels[1].name);
        for (const QString &text : {QStringLiteral("Uncertainty (entropy)"), QStringLiteral("Uncertainty (margin)"),
                                    QStringLiteral("Loss"), QStringLiteral("Probability: %1").arg(className)}) {
            choose("compare-said", text);
            QTRY_VERIFY2_WITH_TIMEOUT(picture("compare-prediction") != last, qPrintable(text), kLoadingMs);
            QTRY_VERIFY(note->text().startsWith(QStringLiteral("dark 0")));
            last = picture("compare-prediction");
        }
        last = picture("compare-difference");
        for (const QString &text : {QStringLiteral("Wrong, by class"), QStringLiteral("Only %1").arg(className)}) {
            choose("compare-differs", text);
            QTRY_VERIFY2_WITH_TIMEOUT(picture("compare-difference") != last, qPrintable(text), kLoadingMs);
            last = picture("compare-difference");
        }
        choose("compare-said", QStringLiteral("Prediction"));
        QTRY_VERIFY(note->text().startsWith(QStringLiteral("epoch")));
    }

    void twoPanelsShareAPlace()
    {
        auto *pair = m_studio->find<PairView>("compare-pair");
        auto *first = m_studio->find<QComboBox>("compare-first");
        QVERIFY(!pair->isVisible() && !first->isVisible());
        choose("compare-arrangement", QStringLiteral("Split by a line"));
        QVERIFY(pair->isVisible() && first->isVisible());
        choose("compare-first", QStringLiteral("Image"));
        choose("compare-second", QStringLiteral("Prediction"));
        auto *line = m_studio->find<QWidget>("compare-divider");
        line->setFocus();
        const QImage half = pair->grab().toImage();
        QTest::keyClick(line, Qt::Key_Left);
        QCOMPARE(pair->divider(), 0.48);
        const QPoint grip = line->rect().center();
        QTest::mousePress(line, Qt::LeftButton, {}, grip);
        QTest::mouseMove(line, grip - QPoint(pair->width() / 4, 0));
        QTest::mouseRelease(line, Qt::LeftButton, {},
                            line->mapFromGlobal(pair->mapToGlobal(QPoint(pair->width() / 4, 9))));
        QVERIFY2(std::abs(pair->divider() - 0.23) < 0.03, qPrintable(QString::number(pair->divider())));
        QVERIFY(pair->grab().toImage() != half);
        const auto state = pair->first()->viewportState();
        const QPointF at(pair->first()->width() / 2.0, pair->first()->height() / 2.0);
        QWheelEvent wheel(at, pair->first()->mapToGlobal(at), {}, {0, 120}, {}, Qt::ControlModifier, Qt::NoScrollPhase,
                          false);
        QCoreApplication::sendEvent(pair->first(), &wheel);
        QTRY_VERIFY(!(pair->first()->viewportState() == state));
        QVERIFY(pair->second()->viewportState() == pair->first()->viewportState());

        choose("compare-arrangement", QStringLiteral("Blink"));
        QVERIFY(!line->isVisible());
        const bool shown = pair->isSecondShown();
        QTRY_VERIFY(pair->isSecondShown() != shown);
        QTRY_VERIFY(pair->isSecondShown() == shown);
        choose("compare-arrangement", QStringLiteral("Four panels"));
        QVERIFY(!pair->isVisible());
    }

    /// Pictures are made in jobs; what is left to the window is to draw what can be seen of them.
    void largePicturesAreDrawnAtOnce()
    {
        cv::Mat pixels(4000, 6000, CV_8UC3);
        cv::randu(pixels, 0, 255);
        auto levels = buildImageLevels(pixels);
        MASQUE_VERIFY(levels);
        const auto image = std::make_shared<const ImageLevels>(std::move(levels).value());
        QImage overlay(6000, 4000, QImage::Format_ARGB32_Premultiplied);
        overlay.fill(qRgba(0, 96, 0, 96));
        LinkedViews views;
        views.resize(1000, 800);
        views.show();
        QVERIFY(QTest::qWaitForWindowExposed(&views));
        QElapsedTimer clock;
        clock.start();
        for (int content = 0; content < LinkedViews::ViewCount; ++content)
            views.showImage(content, image, overlay, overlay);
        views.grab();
        const auto fitted = clock.restart();
        views.view(LinkedViews::Image)->zoomTo(0.7);
        views.grab();
        const auto zoomed = clock.elapsed();
        qInfo("four views of 24 megapixels: fitted in %lld ms, at 70 %% in %lld ms", static_cast<long long>(fitted),
              static_cast<long long>(zoomed));
        QVERIFY(fitted < 1000 && zoomed < 1000); // some tens on a quiet machine
    }

    void twoRunsAgainstEachOther()
    {
        evaluate();
        auto *others = m_studio->find<QComboBox>("compare-other");
        int at = -1;
        for (int i = 1; i < others->count(); ++i)
            if (others->itemData(i).toString().startsWith(QString::fromStdString(m_older) + QStringLiteral("/best")))
                at = i;
        QVERIFY(at > 0);
        choose("compare-other", others->itemText(at));
        QTRY_VERIFY_WITH_TIMEOUT(!cell(0, 1).isEmpty(), kLoadingMs); // evaluated on the same images by itself
        QCOMPARE(table()->model()->headerData(1, Qt::Horizontal).toString(), QStringLiteral("IoU +/-"));
        for (int row = 1; row < 12; ++row)
            QVERIFY(cell(row - 1, 1).toDouble() <= cell(row, 1).toDouble());
        QVERIFY(cell(11, 1).startsWith(QLatin1Char('+')) || cell(0, 1).startsWith(QLatin1Char('-')));
        QCOMPARE(m_studio->find<QComboBox>("compare-differs")->currentText(), QStringLiteral("Which model is right"));
        bool isTold = false;
        for (const auto *label : m_studio->find<QWidget>("compare-legend")->findChildren<QLabel *>())
            isTold |= label->text() == QStringLiteral("Only the other is right");
        QVERIFY(isTold);
        QTRY_VERIFY_WITH_TIMEOUT(isCompared(), kLoadingMs);
        const QImage rivals = picture("compare-difference");
        choose("compare-differs", QStringLiteral("Right and wrong"));
        QTRY_VERIFY_WITH_TIMEOUT(picture("compare-difference") != rivals, kLoadingMs);
        choose("compare-arrangement", QStringLiteral("Blink"));
        choose("compare-second", QStringLiteral("The other's prediction"));
        choose("compare-other", QStringLiteral("nothing"));
        QCOMPARE(table()->model()->headerData(1, Qt::Horizontal).toString(), QStringLiteral("IoU"));
        QVERIFY(m_studio->find<QComboBox>("compare-second")->findText(QStringLiteral("The other's prediction")) < 0);
    }
};

QTEST_MAIN(TestCompareGui)
#include "test_compare_gui.moc"
