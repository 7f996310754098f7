// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/datasets/demo.h"
#include "studio/app/MainWindow.h"
#include "studio/canvas/CanvasWidget.h"
#include "studio/shortcuts/ShortcutEditor.h"
#include "studio/shortcuts/ShortcutsModel.h"
#include "tests/support/support.h"

#include <QAbstractItemModelTester>
#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QToolButton>
#include <QTreeView>

using namespace masque;

/// Keys of the whole program: presets, the user's own, conflicts, and work without a mouse.
class TestShortcuts : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    PluginHost m_plugins;

    template <typename Control>
    static Control *find(QObject &in, const char *name)
    {
        auto *control = in.findChild<Control *>(QString::fromLatin1(name));
        if (!control)
            qFatal("there is no %s", name);
        return control;
    }
    static QString keyOf(MainWindow &window, const char *action)
    {
        return find<QAction>(window, action)->shortcut().toString(QKeySequence::PortableText);
    }
    static ShortcutEditor *openEditor(MainWindow &window)
    {
        find<QAction>(window, "edit-shortcuts")->trigger();
        auto *editor = window.findChild<ShortcutEditor *>();
        if (!editor)
            qFatal("there is no editor");
        return editor;
    }
    static void choose(ShortcutEditor &editor, const QString &title)
    {
        find<QLineEdit>(editor, "shortcut-search")->setText(title);
        auto *list = find<QTreeView>(editor, "shortcut-list");
        QVERIFY2(list->model()->rowCount() > 0, qPrintable(title));
        list->setCurrentIndex(list->model()->index(0, 0));
    }

private Q_SLOTS:
    void initTestCase() { keepSettingsIn(m_folder); }
    void init() { QSettings().clear(); }

    void keysOverAnOpenListChooseFromIt()
    {
        MainWindow window(m_plugins.registry());
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        window.setWorkspace(MainWindow::Compare);
        QSignalSpy taken(find<QAction>(window, "take-prediction"), &QAction::triggered);
        auto *choice = find<QComboBox>(window, "compare-arrangement");
        choice->setFocus();
        choice->showPopup();
        QTest::keyClick(choice->view(), Qt::Key_Down);
        QTest::keyClick(choice->view(), Qt::Key_Return);
        QCOMPARE(choice->currentIndex(), 1);
        QCOMPARE(taken.count(), 0);
    }

    void presetsHaveNoConflicts()
    {
        MainWindow window(m_plugins.registry());
        auto *registry = window.findChild<ShortcutRegistry *>();
        QVERIFY(registry->entries().size() > 40);
        for (const KeyPreset preset : {KeyPreset::LabelMe, KeyPreset::XAnyLabeling}) {
            registry->setPreset(preset);
            const ShortcutsModel model(*registry);
            for (int row = 0; row < model.rowCount(); ++row)
                QVERIFY2(model.conflictText(row).isEmpty(), qPrintable(model.conflictText(row)));
        }
    }

    void theStartingMapIsWhatTheProgramSays()
    {
        MainWindow window(m_plugins.registry());
        for (const auto &entry : window.findChild<ShortcutRegistry *>()->entries())
            QVERIFY2(entry.keys == entry.codeKeys, qPrintable(entry.name));
    }

    void everyNamedActionIsThere()
    {
        MainWindow window(m_plugins.registry());
        auto *registry = window.findChild<ShortcutRegistry *>();
        for (const char *name : {"open-folder", "action-tool-brush", "class-9", "next-unlabelled", "workspace-train",
                                 "start-training", "take-prediction", "pan-left", "show-dock-images", "undo"}) {
            const auto at = registry->find(QString::fromLatin1(name));
            QVERIFY2(at, name);
            QVERIFY2(!registry->entries()[*at].category.isEmpty(), name);
        }
        // One that comes later is found by itself.
        auto *late = new QAction(QStringLiteral("Late"), &window);
        late->setObjectName(QStringLiteral("late"));
        late->setShortcut(QKeySequence(QStringLiteral("Ctrl+Alt+Shift+L")));
        window.QMainWindow::addAction(late);
        QTRY_VERIFY(registry->find(QStringLiteral("late")));
        QTRY_VERIFY(late->toolTip().contains(QStringLiteral("L)")));
        delete late;
        registry->refresh();
        QVERIFY(!registry->find(QStringLiteral("late")));
    }

    void changesWorkAtOnceAndStay()
    {
        {
            MainWindow window(m_plugins.registry());
            window.show();
            auto *editor = openEditor(window);
            QVERIFY(!editor->isModal());
            choose(*editor, QStringLiteral("Fit in window"));
            auto *key = find<QKeySequenceEdit>(*editor, "shortcut-key");
            key->setFocus();
            QTest::keyClick(key, Qt::Key_F9);
            QCOMPARE(keyOf(window, "fit"), QStringLiteral("F9"));
            QVERIFY(find<QAction>(window, "fit")->toolTip().contains(QStringLiteral("(F9)")));
            choose(*editor, QStringLiteral("Brush"));
            key->setKeySequence(QKeySequence(Qt::Key_F10));
            QVERIFY2(find<QToolButton>(window, "tool-brush")->toolTip().startsWith(QStringLiteral("Brush (F10)\n")),
                     qPrintable(find<QToolButton>(window, "tool-brush")->toolTip()));
            choose(*editor, QStringLiteral("Select all"));
            QTest::mouseClick(find<QPushButton>(*editor, "shortcut-clear"), Qt::LeftButton);
            QCOMPARE(keyOf(window, "select-all"), QString());
        }
        MainWindow again(m_plugins.registry());
        again.show();
        QVERIFY(QTest::qWaitForWindowActive(&again));
        QCOMPARE(keyOf(again, "fit"), QStringLiteral("F9"));
        QCOMPARE(keyOf(again, "select-all"), QString());
        auto *canvas = find<CanvasWidget>(again, "canvas");
        canvas->setFocus();
        QTest::keyClick(canvas, Qt::Key_F10);
        QVERIFY(find<QToolButton>(again, "tool-brush")->isChecked());
        auto *editor = openEditor(again);
        choose(*editor, QStringLiteral("Fit in window"));
        QTest::mouseClick(find<QPushButton>(*editor, "shortcut-reset"), Qt::LeftButton);
        QCOMPARE(keyOf(again, "fit"), QStringLiteral("Ctrl+F"));
        QTest::mouseClick(find<QPushButton>(*editor, "shortcut-reset-all"), Qt::LeftButton);
        QCOMPARE(keyOf(again, "select-all"), QStringLiteral("Ctrl+A"));
        QCOMPARE(keyOf(again, "action-tool-brush"), QStringLiteral("B"));
    }

    void conflictsNameBoth()
    {
        MainWindow window(m_plugins.registry());
        window.show();
        auto *editor = openEditor(window);
        auto *message = find<QLabel>(*editor, "shortcut-conflict");
        auto *take = find<QPushButton>(*editor, "shortcut-take");
        choose(*editor, QStringLiteral("Next image"));
        QVERIFY(message->text().isEmpty() && take->isHidden());
        find<QKeySequenceEdit>(*editor, "shortcut-key")->setKeySequence(QKeySequence(QStringLiteral("B")));
        QVERIFY2(message->text().contains(QStringLiteral("Next image"))
                     && message->text().contains(QStringLiteral("Brush")),
                 qPrintable(message->text()));
        QVERIFY(find<QLabel>(*editor, "shortcut-summary")->text().contains(QStringLiteral("2")));
        QTest::mouseClick(take, Qt::LeftButton);
        QCOMPARE(keyOf(window, "action-tool-brush"), QString());
        QCOMPARE(keyOf(window, "next-image"), QStringLiteral("B"));
        QVERIFY(message->text().isEmpty());
        // A fixed key can be met, but not taken.
        find<QKeySequenceEdit>(*editor, "shortcut-key")->setKeySequence(QKeySequence(Qt::Key_Backspace));
        QVERIFY(!message->text().isEmpty() && take->isHidden());
        // Keys of Compare do not meet those of Label.
        auto *registry = window.findChild<ShortcutRegistry *>();
        registry->setKeys(QStringLiteral("take-prediction"), {QKeySequence(QStringLiteral("B"))});
        registry->setKeys(QStringLiteral("next-image"), {QKeySequence(QStringLiteral("B"))});
        QVERIFY(registry->conflicts(*registry->find(QStringLiteral("next-image"))).empty());
    }

    void thePresetIsChosen()
    {
        MainWindow window(m_plugins.registry());
        window.show();
        auto *editor = openEditor(window);
        QAbstractItemModelTester tester(editor->findChild<ShortcutsModel *>());
        auto *preset = find<QComboBox>(*editor, "shortcut-preset");
        preset->setFocus();
        QTest::keyClick(preset, Qt::Key_Down);
        QCOMPARE(keyOf(window, "action-tool-polygon"), QStringLiteral("P"));
        QCOMPARE(keyOf(window, "action-tool-brush"), QStringLiteral("Ctrl+N"));
        QCOMPARE(keyOf(window, "next-unlabelled"), QStringLiteral("Ctrl+Shift+D"));
        QCOMPARE(keyOf(window, "open-image"), QStringLiteral("Ctrl+I"));
        QTest::keyClick(preset, Qt::Key_Up);
        QCOMPARE(keyOf(window, "action-tool-polygon"), QStringLiteral("Ctrl+N"));
    }

    /// A sample image is labelled, saved and left by keys alone; what the keys drew is what the file holds.
    void labelsASampleWithoutAMouse()
    {
        DemoOptions options;
        options.count = 6;
        options.size = 96;
        MASQUE_VERIFY(writeDemoShapes(m_folder.file("sample"), options));
        MainWindow window(m_plugins.registry());
        window.resize(1400, 900);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        window.open(QString::fromStdString(m_folder.file("sample")));
        QTRY_VERIFY_WITH_TIMEOUT(window.document().isLoaded() && !window.document().isIndexing(), 20000);
        auto *canvas = find<CanvasWidget>(window, "canvas");
        QTRY_COMPARE(QApplication::focusWidget(), canvas);
        const auto press = [&](int key, int times = 1, Qt::KeyboardModifiers keys = {}) {
            for (int i = 0; i < times; ++i)
                QTest::keyClick(QApplication::focusWidget(), Qt::Key(key), keys);
        };
        const auto before = window.document().annotation();
        const std::string json = m_folder.file("sample/") + window.document().dataset()->items[0].json;
        const int first = window.document().labels().hasBackground() ? 1 : 0;

        press(Qt::Key_2);
        press(Qt::Key_N, 1, Qt::ControlModifier);
        for (const int key : {Qt::Key_Left, Qt::Key_Down, Qt::Key_Right}) {
            press(key, 8, Qt::ControlModifier);
            press(Qt::Key_Space);
        }
        press(Qt::Key_Return);
        press(Qt::Key_1);
        press(Qt::Key_B);
        press(Qt::Key_Up, 2);
        QTest::keyPress(canvas, Qt::Key_Space);
        press(Qt::Key_Left, 4);
        QTest::keyRelease(canvas, Qt::Key_Space);
        const auto after = window.document().annotation();
        QVERIFY(after.shapes.size() > before.shapes.size());
        press(Qt::Key_S, 1, Qt::ControlModifier);
        press(Qt::Key_D);
        QCOMPARE(window.document().currentIndex(), 1);
        QTRY_VERIFY_WITH_TIMEOUT(window.document().isLoaded(), 20000);

        QTRY_VERIFY_WITH_TIMEOUT(readLabelMe(json) && sameContent(*readLabelMe(json), after), 20000);
        const auto saved = readLabelMe(json);
        const std::string polygonClass = window.document().labels()[first + 1].name;
        const auto isDrawn = [&](const Shape &shape) {
            return shape.label == polygonClass && shape.type == ShapeType::Polygon
                   && shape.points == std::vector<Point>{{40.5, 48.5}, {40.5, 56.5}, {48.5, 56.5}};
        };
        QCOMPARE(std::count_if(saved->shapes.begin(), saved->shapes.end(), isDrawn), 1);
        const std::string brushClass = window.document().labels()[first].name;
        QVERIFY(std::any_of(saved->shapes.begin(), saved->shapes.end(), [&](const Shape &shape) {
            return shape.label == brushClass && shape.type == ShapeType::Mask;
        }));
    }
};

QTEST_MAIN(TestShortcuts)
#include "test_shortcuts.moc"
