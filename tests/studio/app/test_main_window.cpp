// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/datasets/demo.h"
#include "core/image/image_file.h"
#include "core/runs/run.h"
#include "studio/app/MainWindow.h"
#include "studio/canvas/CanvasWidget.h"
#include "studio/canvas/Viewport.h"
#include "studio/learn/LearnDialog.h"
#include "studio/review/ReviewQueue.h"
#include "studio/training/TrainWorkspace.h"
#include "tests/support/support.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDockWidget>
#include <QElapsedTimer>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QStatusBar>
#include <QTabBar>
#include <QTableView>
#include <QTimer>
#include <QToolButton>
#include <QTreeWidget>
#include <QUndoStack>

#include <algorithm>
#include <vector>

using namespace masque;

namespace {

constexpr int kLoadingMs = 20000;
constexpr int kTrainingMs = 120000;

template <typename Control>
Control *find(MainWindow &window, const char *name)
{
    auto *control = window.findChild<Control *>(QString::fromLatin1(name));
    if (!control)
        qFatal("there is no %s", name);
    return control;
}

void trigger(MainWindow &window, const char *action)
{
    find<QAction>(window, action)->trigger();
}

void setSmallTraining(MainWindow &window, int epochs)
{
    find<QSpinBox>(window, "option-epochs")->setValue(epochs);
    find<QSpinBox>(window, "option-batch")->setValue(4);
    find<QLineEdit>(window, "option-size")->setText(QStringLiteral("32"));
    find<QSpinBox>(window, "option-base")->setValue(8);
}

bool isIndexed(MainWindow &window)
{
    const auto &summaries = window.document().summaries();
    return window.document().isLoaded() && !summaries.empty() && summaries.back().status == ItemStatus::Labelled;
}

/// A horizontal brush stroke with the left button, in image pixels.
void paintStroke(CanvasWidget &canvas, Point from, Point to)
{
    const auto at = [&](Point p) { return canvas.viewport().widgetFromImage(QPointF(p.x, p.y)).toPoint(); };
    QTest::mousePress(&canvas, Qt::LeftButton, {}, at(from));
    for (int i = 1; i <= 8; ++i) {
        QMouseEvent move(QEvent::MouseMove, at(from + (to - from) * (i / 8.0)),
                         canvas.mapToGlobal(at(from + (to - from) * (i / 8.0))), Qt::NoButton, Qt::LeftButton, {});
        QApplication::sendEvent(&canvas, &move);
    }
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, at(to));
}

} // namespace

/// The program as a person at its window meets it: every control by its name, mouse and keys as they come.
class TestMainWindow : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    PluginHost m_plugins;

    std::string demo(const char *name, int count)
    {
        DemoOptions options;
        options.count = count;
        options.size = 96;
        if (!writeDemoShapes(m_folder.file(name), options))
            qFatal("no sample dataset");
        return m_folder.file(name);
    }

private Q_SLOTS:
    void initTestCase() { keepSettingsIn(m_folder); }

    /// File > Export Dataset: what is lost is said first, then it is written, and can be opened.
    void exportsDataset()
    {
        TestFolder data;
        MASQUE_VERIFY(writeDemoShapes(data.file("shapes"), {.count = 4, .size = 64}, {}, {}));
        MainWindow window(m_plugins.registry());
        window.show();
        window.open(QString::fromStdString(data.file("shapes")));
        auto &document = window.document();
        QTRY_VERIFY_WITH_TIMEOUT(document.dataset() && !document.isIndexing() && document.isLoaded(), kLoadingMs);
        trigger(window, "export-dataset");
        QPointer<QDialog> dialog = find<QDialog>(window, "export-dialog");
        auto *format = find<QComboBox>(window, "export-format");
        auto *losses = find<QListWidget>(window, "export-losses");
        auto *text = find<QLabel>(window, "export-text");
        const auto choose = [&](const char *id) {
            format->setCurrentIndex(format->findData(QString::fromLatin1(id)));
            QTRY_VERIFY(!find<QProgressBar>(window, "export-progress")->isVisible());
        };
        choose("yolo");
        QTRY_VERIFY_WITH_TIMEOUT(losses->count() > 0, kLoadingMs);
        auto *files = find<QLabel>(window, "export-files");
        QVERIFY2(files->text().contains("data.yaml"), qPrintable(files->text()));
        choose("coco");
        auto *folder = find<QLineEdit>(window, "export-folder");
        folder->setText(QString::fromStdString(data.file("out")));
        QTest::mouseClick(find<QPushButton>(window, "export-write"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(text->text().contains(QString::fromStdString(data.file("out"))), kLoadingMs);
        QVERIFY(QFile::exists(QString::fromStdString(data.file("out/images"))));
        QTest::mouseClick(find<QPushButton>(window, "export-write"), Qt::LeftButton); // never over what is there
        QTRY_VERIFY_WITH_TIMEOUT(text->text().contains("not written over"), kLoadingMs);
        auto *open = find<QPushButton>(window, "export-open");
        QVERIFY(open->isVisible());
        QTest::mouseClick(open, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(document.dataset() && document.dataset()->format == "coco", kLoadingMs);
        QTRY_VERIFY(!dialog);
        QTRY_VERIFY_WITH_TIMEOUT(!document.isIndexing(), kLoadingMs);
    }

    /// What cannot be read is listed; a click goes to its image.
    void listsProblems()
    {
        TestFolder data;
        for (const char *name : {"a", "b", "c"})
            MASQUE_VERIFY(
                writeImage(data.file(std::string(name) + ".png"), cv::Mat(8, 8, CV_8UC3, cv::Scalar::all(90))));
        data.write("b.json", "{");
        MainWindow window(m_plugins.registry());
        window.show();
        window.open(QString::fromStdString(data.path()));
        auto &document = window.document();
        QTRY_VERIFY_WITH_TIMEOUT(document.dataset() && !document.isIndexing() && document.isLoaded(), kLoadingMs);
        auto *dock = find<QDockWidget>(window, "dock-problems");
        QTRY_COMPARE(dock->windowTitle(), QStringLiteral("Problems (1)"));
        dock->raise();
        auto *list = find<QTreeWidget>(window, "problems-list");
        QTRY_VERIFY(list->isVisible());
        QCOMPARE(list->topLevelItem(0)->text(0), QStringLiteral("b.json"));
        QCOMPARE(document.currentIndex(), 0);
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->topLevelItem(0)).center());
        QTRY_COMPARE(document.currentIndex(), 1);
    }

    void sortsIntoClassFolders()
    {
        TestFolder data;
        for (const char *name : {"a", "b", "c"}) {
            MASQUE_VERIFY(
                writeImage(data.file(std::string(name) + ".png"), cv::Mat(8, 8, CV_8UC3, cv::Scalar::all(90))));
            Annotation annotation{.shapes = {}};
            annotation.imagePath = std::string(name) + ".png";
            if (*name != 'c')
                annotation.flags = {{*name == 'a' ? "happy" : "sad", true}};
            MASQUE_VERIFY(writeLabelMe(data.file(std::string(name) + ".json"), annotation));
        }
        MainWindow window(m_plugins.registry());
        window.show();
        window.open(QString::fromStdString(data.path()));
        auto &document = window.document();
        QTRY_VERIFY_WITH_TIMEOUT(document.dataset() && !document.isIndexing() && document.isLoaded(), kLoadingMs);
        auto *undo = find<QAction>(window, "undo-class-folders");
        QVERIFY(!undo->isEnabled());
        const auto answer = [&](QMessageBox::ButtonRole role) {
            trigger(window, "sort-into-class-folders");
            QPointer<QMessageBox> box;
            QTRY_VERIFY_WITH_TIMEOUT((box = window.findChild<QMessageBox *>(QStringLiteral("class-folders"))),
                                     kLoadingMs);
            QTRY_VERIFY(box->isVisible());
            QVERIFY(box->text().startsWith("2 ") && box->informativeText().contains("happy/a.png"));
            for (auto *button : box->buttons())
                if (box->buttonRole(button) == role) {
                    QTest::mouseClick(button, Qt::LeftButton);
                    break;
                }
            QTRY_VERIFY(!box);
        };
        answer(QMessageBox::RejectRole);
        QVERIFY(QFile::exists(QString::fromStdString(data.file("a.png"))));
        answer(QMessageBox::AcceptRole);
        QTRY_VERIFY_WITH_TIMEOUT(document.dataset() && !document.isIndexing() && undo->isEnabled(), kLoadingMs);
        QCOMPARE(document.dataset()->items.size(), std::size_t{3});
        auto *bar = find<QStatusBar>(window, "status-bar");
        QTRY_VERIFY(!bar->currentMessage().isEmpty()); // in the place of what else stands there
        QTRY_VERIFY(document.isLoaded());
        QVERIFY(!find<QToolButton>(window, "status-saved")->isVisible());
        bar->clearMessage();
        QVERIFY(find<QToolButton>(window, "status-saved")->isVisible());
        QVERIFY(QFile::exists(QString::fromStdString(data.file("happy/a.json"))));
        QVERIFY(QFile::exists(QString::fromStdString(data.file("sad/b.png"))));
        QVERIFY(QFile::exists(QString::fromStdString(data.file("c.png"))));
        undo->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(document.dataset() && !undo->isEnabled(), kLoadingMs);
        QVERIFY(QFile::exists(QString::fromStdString(data.file("a.json"))));
        QVERIFY(!QFile::exists(QString::fromStdString(data.file("happy"))));
    }

    void everyActionAndControlHasAName()
    {
        MainWindow window(m_plugins.registry());
        window.show();
        int actions = 0;
        for (const auto *top : window.menuBar()->actions()) {
            QVERIFY(!top->text().isEmpty() && top->menu());
            for (const auto *action : top->menu()->actions()) {
                if (action->isSeparator() || action->menu())
                    continue;
                ++actions;
                QVERIFY2(!action->text().isEmpty(), qPrintable(action->objectName()));
                QVERIFY2(!action->objectName().isEmpty(), qPrintable(action->text()));
            }
        }
        QVERIFY(actions > 25);
        const QByteArrayList ours{"QPushButton", "QToolButton",
                                  "QCheckBox"}; // the others are parts of Qt's own controls
        for (const auto *button : window.findChildren<QAbstractButton *>()) {
            if (!ours.contains(button->metaObject()->className()) || qobject_cast<QTabBar *>(button->parent())
                || button->objectName().startsWith(QStringLiteral("qt_")))
                continue;
            const auto what = button->parent()->objectName() + QStringLiteral("/") + button->objectName();
            QVERIFY2(!button->objectName().isEmpty(), qPrintable(what));
            QVERIFY2(!button->accessibleName().isEmpty() || !button->text().isEmpty(), qPrintable(what));
        }
    }

    void fitsASmallScreen()
    {
        MainWindow window(m_plugins.registry());
        window.show();
        for (const int workspace : {MainWindow::Label, MainWindow::Train, MainWindow::Compare}) {
            window.setWorkspace(static_cast<MainWindow::Workspace>(workspace));
            for (const char *tool : {"action-tool-select", "action-tool-brush", "action-tool-superpixel"}) {
                trigger(window, tool);
                window.resize(1280, 800);
                QVERIFY2(window.width() <= 1280 && window.height() <= 800,
                         qPrintable(QStringLiteral("%1 x %2").arg(window.width()).arg(window.height())));
            }
        }
        find<QWidget>(window, "review-bar")->show(); // as where proposals wait
        QVERIFY2(window.minimumSizeHint().width() <= 1220,
                 qPrintable(QString::number(window.minimumSizeHint().width())));
    }

    void lessonsOpenOnce()
    {
        MainWindow window(m_plugins.registry());
        window.show();
        trigger(window, "learn");
        trigger(window, "learn");
        const auto dialogs = window.findChildren<LearnDialog *>();
        QCOMPARE(dialogs.size(), 1);
        QVERIFY(dialogs.front()->isVisible());
        QVERIFY(dialogs.front()->minimumSizeHint().width() <= 1024
                && dialogs.front()->minimumSizeHint().height() <= 700);
    } // with the lesson being worked out

    void theWholeCircle()
    {
        const auto folder = demo("circle", 12);
        MainWindow window(m_plugins.registry());
        window.resize(1600, 1000);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        window.open(QString::fromStdString(folder));
        QTRY_VERIFY_WITH_TIMEOUT(isIndexed(window), kLoadingMs);

        // Train, by the button.
        QTest::keyClick(&window, Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(window.workspace(), MainWindow::Train);
        setSmallTraining(window, 2);
        auto *train = window.findChild<TrainWorkspace *>();
        QSignalSpy finished(train, &TrainWorkspace::runFinished);
        QTRY_VERIFY(find<QPushButton>(window, "train-start")->isEnabled());
        QTest::mouseClick(find<QPushButton>(window, "train-start"), Qt::LeftButton);
        QVERIFY(train->isTraining());

        // Label on while it trains: a stroke of the brush on the second image, saved by itself.
        QTest::keyClick(&window, Qt::Key_1, Qt::ControlModifier);
        auto *canvas = find<CanvasWidget>(window, "canvas");
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_D);
        QTRY_COMPARE(window.document().currentIndex(), 1);
        QTRY_VERIFY_WITH_TIMEOUT(window.document().isLoaded(), kLoadingMs);
        const auto before = window.document().annotation();
        QTest::keyClick(canvas, Qt::Key_B);
        window.document().setActiveLabel(QStringLiteral("ring"));
        paintStroke(*canvas, {20, 20}, {70, 20});
        QCOMPARE(window.document().undoStack()->index(), 1);
        QVERIFY(!sameContent(window.document().annotation(), before));
        QTRY_COMPARE_WITH_TIMEOUT(window.document().saveState(), SaveState::Saved, kLoadingMs);
        const auto saved = readLabelMe(folder + "/" + window.document().dataset()->items[1].json);
        MASQUE_VERIFY(saved);
        QVERIFY(sameContent(*saved, window.document().annotation()));

        QTRY_VERIFY_WITH_TIMEOUT(!train->isTraining(), kTrainingMs);
        QCOMPARE(finished.count(), 1);

        // Compare; the prediction becomes the annotation; one undo takes it back.
        QTest::keyClick(&window, Qt::Key_3, Qt::ControlModifier);
        auto *take = find<QPushButton>(window, "compare-take");
        QTRY_VERIFY_WITH_TIMEOUT(take->isEnabled(), kLoadingMs);
        const auto painted = window.document().annotation();
        QTest::mouseClick(take, Qt::LeftButton);
        QTRY_COMPARE(window.workspace(), MainWindow::Label);
        QVERIFY(!sameContent(window.document().annotation(), painted));
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(sameContent(window.document().annotation(), painted));

        // Train again: a second run beside the first.
        trigger(window, "start-training");
        QCOMPARE(window.workspace(), MainWindow::Train);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, kTrainingMs);
        QTRY_COMPARE(find<QTableView>(window, "runs-table")->model()->rowCount(), 2);
        QCOMPARE(listRuns(folder).size(), std::size_t{2});
        QVERIFY(window.close());
    }

    void closingWhileTrainingIsClean()
    {
        const auto folder = demo("closing", 10);
        const auto epochs = [&] {
            const auto runs = listRuns(folder);
            return runs.empty() ? 0 : runs.front().epochsDone;
        };
        const auto closeInTime = [](MainWindow &window) {
            QElapsedTimer clock;
            clock.start();
            QVERIFY(window.close());
            qInfo("closed after %lld ms", static_cast<long long>(clock.elapsed()));
            QVERIFY2(clock.elapsed() < 3000, qPrintable(QString::number(clock.elapsed())));
        };
        {
            MainWindow window(m_plugins.registry());
            window.show();
            window.open(QString::fromStdString(folder));
            QTRY_VERIFY_WITH_TIMEOUT(isIndexed(window), kLoadingMs);
            setSmallTraining(window, 500);
            trigger(window, "start-training");
            QTRY_VERIFY_WITH_TIMEOUT(epochs() > 0, kTrainingMs);
            closeInTime(window);
        }
        const auto runs = listRuns(folder);
        QCOMPARE(runs.size(), std::size_t{1});
        QCOMPARE(runs.front().state, std::string("stopped"));

        MainWindow window(m_plugins.registry()); // and it goes on where it was
        window.show();
        window.open(QString::fromStdString(folder));
        QTRY_VERIFY_WITH_TIMEOUT(isIndexed(window), kLoadingMs);
        auto *table = find<QTableView>(window, "runs-table");
        QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 1, kLoadingMs);
        table->selectRow(0);
        QTRY_VERIFY(find<QToolButton>(window, "runs-resume")->isEnabled());
        find<QToolButton>(window, "runs-resume")->click();
        QTRY_VERIFY_WITH_TIMEOUT(epochs() > runs.front().epochsDone, kTrainingMs);
        QCOMPARE(listRuns(folder).size(), std::size_t{1});
        closeInTime(window);
    }

    /// How late a timer of the window's own thread comes while a network trains and the curves move.
    void theWindowKeepsItsPaceWhileTraining()
    {
        const auto folder = demo("pace", 40);
        MainWindow window(m_plugins.registry());
        window.show();
        window.open(QString::fromStdString(folder));
        QTRY_VERIFY_WITH_TIMEOUT(isIndexed(window), kLoadingMs);
        setSmallTraining(window, 1000);
        find<QLineEdit>(window, "option-size")->setText(QStringLiteral("96"));
        trigger(window, "start-training");
        QTRY_VERIFY_WITH_TIMEOUT(!listRuns(folder).empty() && listRuns(folder).front().epochsDone > 0, kTrainingMs);
        constexpr int kIntervalMs = 5;
        std::vector<double> late;
        QElapsedTimer clock;
        QTimer ticks;
        ticks.setTimerType(Qt::PreciseTimer);
        ticks.setInterval(kIntervalMs);
        QObject::connect(&ticks, &QTimer::timeout, &ticks, [&] {
            late.push_back(std::max(0.0, static_cast<double>(clock.nsecsElapsed()) / 1e6 - kIntervalMs));
            clock.restart();
        });
        clock.start();
        ticks.start();
        QTRY_VERIFY_WITH_TIMEOUT(late.size() > 1000, kTrainingMs);
        ticks.stop();
        QVERIFY(window.close());
        std::sort(late.begin(), late.end());
        const auto at = [&](double share) {
            return late[static_cast<std::size_t>(share * static_cast<double>(late.size() - 1))];
        };
        qInfo("late by: median %.1f ms, p99 %.1f ms, at most %.1f ms", at(0.5), at(0.99), late.back());
        QVERIFY2(at(0.9) < 16, qPrintable(QString::number(at(0.9)))); // p99 is held on a machine that is not shared
    }

    void theEndIsToldToWhoLooksElsewhere()
    {
        struct Heard : Notifier {
            explicit Heard(QStringList &to) : said(to) {}
            void notify(const QString &title, const QString &text) override { said.append(title + '\n' + text); }
            QStringList &said;
        };
        const auto folder = demo("told", 6);
        MainWindow window(m_plugins.registry());
        QStringList said;
        window.setNotifier(std::make_unique<Heard>(said));
        window.show();
        window.open(QString::fromStdString(folder));
        QTRY_VERIFY_WITH_TIMEOUT(isIndexed(window), kLoadingMs);
        setSmallTraining(window, 1);
        QSignalSpy finished(find<TrainWorkspace>(window, "train-workspace"), &TrainWorkspace::runFinished);
        QSignalSpy noticed(find<TrainWorkspace>(window, "train-workspace"), &TrainWorkspace::noticed);
        const auto trainWhile = [&](bool isActive, bool isOn) {
            QWidget other;
            find<QAction>(window, "notify-training")->setChecked(isOn);
            if (!isActive) {
                other.show();
                other.activateWindow();
                QTRY_VERIFY_WITH_TIMEOUT(!window.isActiveWindow(), kLoadingMs);
            } else {
                window.activateWindow();
                QTRY_VERIFY_WITH_TIMEOUT(window.isActiveWindow(), kLoadingMs);
            }
            const auto before = finished.count();
            trigger(window, "start-training");
            QTRY_COMPARE_WITH_TIMEOUT(finished.count(), before + 1, kTrainingMs);
        };
        trainWhile(true, true);
        QVERIFY(said.isEmpty());
        trainWhile(false, false);
        QVERIFY(said.isEmpty());
        trainWhile(false, true);
        QCOMPARE(said.size(), 1);
        QVERIFY2(said[0].startsWith(QStringLiteral("Training has finished\n")), qPrintable(said[0]));
        QCOMPARE(noticed.count(), 3);
        makeDesktopNotifier()->notify(QStringLiteral("no bus"), QStringLiteral("nothing happens")); // nor does it wait
    }

    void aRunsFolderOpensInCompare()
    {
        const auto folder = m_folder.file("circle");
        const auto runs = listRuns(folder);
        QVERIFY(!runs.empty());
        MainWindow window(m_plugins.registry());
        window.show();
        window.open(QString::fromStdString(runs.back().folder));
        QCOMPARE(window.workspace(), MainWindow::Compare);
        QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>(window, "compare-take")->isEnabled(), kLoadingMs);
    }

    void whatCannotBeOpenedIsSaid()
    {
        m_folder.write("empty/readme.txt", "nothing here");
        MainWindow window(m_plugins.registry());
        window.show();
        for (const auto &path : {m_folder.file("empty"), m_folder.file("nowhere")}) {
            window.open(QString::fromStdString(path));
            QTRY_VERIFY_WITH_TIMEOUT(window.findChild<QMessageBox *>(QStringLiteral("message")), kLoadingMs);
            auto *box = window.findChild<QMessageBox *>(QStringLiteral("message"));
            QVERIFY2(box->text().contains(QString::fromStdString(path)), qPrintable(box->text()));
            delete box;
        }
    }

    void viewAndToolOptionsOutliveTheWindow()
    {
        QSettings().remove(QStringLiteral("labelSettings"));
        {
            MainWindow window(m_plugins.registry());
            window.show();
            QVERIFY(QTest::qWaitForWindowActive(&window));
            auto *canvas = find<CanvasWidget>(window, "canvas");
            canvas->setFocus();
            QTest::keyClick(canvas, Qt::Key_H, Qt::ShiftModifier);
            QTest::keyClick(canvas, Qt::Key_M, Qt::ShiftModifier);
            QTest::keyClick(canvas, Qt::Key_T); // hidden shapes would surprise the next time
            find<QSlider>(window, "label-opacity")->setValue(70);
            trigger(window, "shapes-outlined");
            canvas->setDisplayLook({.brightness = 30});
            trigger(window, "action-tool-wand");
            find<QSpinBox>(window, "option-tolerance")->setValue(77);
            trigger(window, "action-tool-brush");
            find<QSpinBox>(window, "brush-size")->setValue(61);
            QTest::mouseClick(find<QToolButton>(window, "brush-square"), Qt::LeftButton);
            QVERIFY(window.close());
        }
        {
            MainWindow window(m_plugins.registry());
            auto *canvas = find<CanvasWidget>(window, "canvas");
            QVERIFY(canvas->hasCrosshair() && find<QAction>(window, "show-crosshair")->isChecked());
            QVERIFY(!canvas->hasMinimap() && !find<QAction>(window, "show-minimap")->isChecked());
            QVERIFY(canvas->hasRulers() && canvas->areShapesShown() && canvas->displayLook().isNeutral());
            QCOMPARE(canvas->overlayOpacity(), 0.7);
            QCOMPARE(find<QSlider>(window, "label-opacity")->value(), 70);
            QCOMPARE(canvas->shapeStyle(), ShapeStyleOnCanvas::Outline);
            QVERIFY(find<QAction>(window, "shapes-outlined")->isChecked());
            trigger(window, "action-tool-wand");
            QCOMPARE(find<QSpinBox>(window, "option-tolerance")->value(), 77);
            trigger(window, "action-tool-brush");
            QCOMPARE(find<QSpinBox>(window, "brush-size")->value(), 61);
            QVERIFY(find<QToolButton>(window, "brush-square")->isChecked());
        }
    }

    void rememberedNonsenseIsPassedOver()
    {
        QSettings().setValue(QStringLiteral("labelSettings"),
                             QByteArray(R"({"view": {"show-rulers": "no", "show-names": true, "gone": 1}, "opacity": 7,
                                            "tools": {"brush_radius_px": NaN, "brush_square": 1, "options": {
                                            "wand": {"tolerance": -5, "contiguous": false, "gone": 1}, "gone": []}}})"));
        MainWindow window(m_plugins.registry());
        auto *canvas = find<CanvasWidget>(window, "canvas");
        QVERIFY(canvas->hasRulers() && canvas->areNamesShown());
        QCOMPARE(canvas->overlayOpacity(), 0.45);
        trigger(window, "action-tool-wand");
        QVERIFY(find<QSpinBox>(window, "option-tolerance")->value() > 0);
        QVERIFY(!find<QCheckBox>(window, "option-contiguous")->isChecked());
        trigger(window, "action-tool-brush");
        QCOMPARE(find<QSpinBox>(window, "brush-size")->value(), 24);
        for (const char *broken : {"", "{", "[1]", "null"}) {
            QSettings().setValue(QStringLiteral("labelSettings"), QByteArray(broken));
            MainWindow another(m_plugins.registry());
            QVERIFY(find<CanvasWidget>(another, "canvas")->hasRulers());
        }
        QSettings().remove(QStringLiteral("labelSettings"));
    }

    void theSampleIsMadeOnceAndOpened()
    {
        MainWindow window(m_plugins.registry());
        window.show();
        trigger(window, "open-sample");
        QTRY_VERIFY_WITH_TIMEOUT(window.document().isLoaded(), 60000);
        QCOMPARE(window.document().dataset()->items.size(), std::size_t{120});
    }

    /// Train, predict, review, accept, undo, correct, train again: one window, by names and keys.
    void theCircleThroughProposals()
    {
        MainWindow window(m_plugins.registry());
        window.resize(1600, 1000);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        window.open(QString::fromStdString(demo("proposals", 16)));
        QTRY_VERIFY_WITH_TIMEOUT(isIndexed(window), kLoadingMs);
        window.setWorkspace(MainWindow::Train);
        auto *start = find<QPushButton>(window, "train-start");
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kLoadingMs);
        setSmallTraining(window, 2);
        auto *train = window.findChild<TrainWorkspace *>();
        QSignalSpy finished(train, &TrainWorkspace::runFinished);
        start->click();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, kTrainingMs);

        window.setWorkspace(MainWindow::Label);
        trigger(window, "predict-dataset");
        auto *dialog = find<QWidget>(window, "predict");
        auto *predict = find<QPushButton>(window, "predict-start");
        QTRY_VERIFY_WITH_TIMEOUT(predict->isVisible() && predict->isEnabled(), kLoadingMs);
        predict->click();
        QTRY_VERIFY_WITH_TIMEOUT(predict->isVisible(), kTrainingMs);
        QVERIFY2(find<QLabel>(window, "predict-message")->text().contains(QLatin1String("16 of 16")),
                 qPrintable(find<QLabel>(window, "predict-message")->text()));
        dialog->close();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));

        auto *queue = window.findChild<ReviewQueue *>();
        QTRY_VERIFY_WITH_TIMEOUT(!queue->isScanning() && queue->regionsLeft() > 0, kLoadingMs);
        QTRY_VERIFY_WITH_TIMEOUT(find<QWidget>(window, "review-bar")->isVisible(), kLoadingMs);
        if (queue->regions().empty()) // this image happens to agree
            trigger(window, "review-next");
        QTRY_VERIFY_WITH_TIMEOUT(queue->currentRegion() != nullptr, kLoadingMs);
        if (const QByteArray folder = qgetenv("MASQUE_SCREENSHOTS"); !folder.isEmpty())
            window.grab().save(QString::fromLocal8Bit(folder) + QStringLiteral("/review.png"));
        const int left = queue->regionsLeft();
        const Annotation before = window.document().annotation();
        auto *canvas = find<CanvasWidget>(window, "canvas");
        canvas->setFocus();
        const int item = window.document().currentIndex();
        QTest::keyClick(canvas, Qt::Key_Y);
        QTRY_VERIFY_WITH_TIMEOUT(queue->regionsLeft() < left, kLoadingMs);
        window.document().setCurrentIndex(item);
        QTRY_VERIFY_WITH_TIMEOUT(window.document().isLoaded(), kLoadingMs);
        QVERIFY(!sameContent(window.document().annotation(), before));
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_Z, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(sameContent(window.document().annotation(), before), kLoadingMs);

        find<QToolButton>(window, "tool-brush")->click();
        QTRY_VERIFY_WITH_TIMEOUT(queue->currentRegion() != nullptr, kLoadingMs);
        QTest::keyClick(canvas, Qt::Key_U); // the class, and where
        const Rect &box = queue->currentRegion()->pixels->box;
        const Point middle{box.x + box.width / 2.0, box.y + box.height / 2.0};
        paintStroke(*canvas, middle, middle + Point{2, 0});
        QVERIFY(!sameContent(window.document().annotation(), before));
        QVERIFY(window.document().saveAndWait());

        window.setWorkspace(MainWindow::Train);
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kLoadingMs);
        start->click();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 2, kTrainingMs);
    }
};

QTEST_MAIN(TestMainWindow)
#include "test_main_window.moc"
