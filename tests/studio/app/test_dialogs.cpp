// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/datasets/demo.h"
#include "studio/app/MainWindow.h"
#include "tests/support/support.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QScreen>
#include <QToolButton>
#include <QTreeWidget>

using namespace masque;

namespace {

constexpr int kLoadingMs = 20000;

} // namespace

/// The small windows of the main window that look at a dataset, a file and the program.
class TestDialogs : public QObject {
    Q_OBJECT

    TestFolder m_settings;
    PluginHost m_plugins;

    template <typename T>
    static T *find(QWidget &in, const char *name)
    {
        auto *found = in.findChild<T *>(QLatin1String(name));
        if (!found)
            qFatal("no %s", name);
        return found;
    }
    static void open(MainWindow &window, const std::string &path)
    {
        window.show();
        window.open(QString::fromStdString(path));
        auto &document = window.document();
        QTRY_VERIFY_WITH_TIMEOUT(document.dataset() && !document.isIndexing() && document.isLoaded(), kLoadingMs);
    }

private Q_SLOTS:
    void initTestCase() { keepSettingsIn(m_settings); }

    void statistics()
    {
        const TestFolder data;
        MASQUE_VERIFY(writeDemoShapes(data.file("shapes"), {.count = 6, .size = 64}));
        MainWindow window(m_plugins.registry());
        open(window, data.file("shapes"));
        find<QAction>(window, "dataset-statistics")->trigger();
        QPointer<QDialog> dialog = find<QDialog>(window, "statistics-dialog");
        auto *summary = find<QLabel>(*dialog, "statistics-summary");
        QTRY_VERIFY_WITH_TIMEOUT(summary->text().startsWith("Images: 6, labelled: 6, shapes: "), kLoadingMs);
        auto *classes = find<QTreeWidget>(*dialog, "statistics-classes");
        QCOMPARE(classes->topLevelItemCount(), 7);
        double sum = 0;
        for (int i = 0; i < 7; ++i)
            sum += QLocale().toDouble(classes->topLevelItem(i)->text(4).remove(" %"));
        QVERIFY(std::abs(sum - 100) < 0.1);
        auto *sizes = find<QTreeWidget>(*dialog, "statistics-sizes");
        QCOMPARE(sizes->topLevelItemCount(), 1);
        QCOMPARE(sizes->topLevelItem(0)->text(0), QStringLiteral("64 x 64"));
        QVERIFY(find<QPushButton>(*dialog, "statistics-save")->isEnabled());
        QVERIFY(dialog->height() < dialog->screen()->availableSize().height());
        dialog->close();
        QTRY_VERIFY(!dialog);
    }

    /// The status bar says who does not open the file; the dialog says why, and what can be done about it is done.
    void whoOpensTheFile()
    {
        const TestFolder data;
        for (const char *name : {"a", "b"})
            MASQUE_VERIFY(
                writeImage(data.file(std::string(name) + ".png"), cv::Mat(8, 8, CV_8UC3, cv::Scalar::all(90))));
        Annotation annotation;
        annotation.imagePath = "a.png";
        annotation.imageSize = Size{8, 8};
        Shape mask{.label = "car", .type = ShapeType::Mask};
        mask.mask = std::make_shared<const Mask>(Mask{{1, 1, 5, 5}, cv::Mat1b(5, 5, std::uint8_t{1})});
        annotation.shapes.push_back(std::move(mask));
        MASQUE_VERIFY(writeLabelMe(data.file("a.json"), annotation));
        MainWindow window(m_plugins.registry());
        open(window, data.path());
        auto &document = window.document();
        auto *button = find<QToolButton>(window, "status-readers");
        QTRY_COMPARE(button->text(), QStringLiteral("Not for 2 programs"));
        QVERIFY(button->toolTip().contains("X-AnyLabeling: shapes[0].shape_type"));
        QTest::mouseClick(button, Qt::LeftButton);
        QPointer<QDialog> dialog = find<QDialog>(window, "dialect-dialog");
        auto *readers = find<QTreeWidget>(*dialog, "dialect-readers");
        QCOMPARE(readers->topLevelItemCount(), 5);
        QCOMPARE(readers->topLevelItem(2)->text(1), QStringLiteral("Yes"));
        QCOMPARE(readers->topLevelItem(4)->text(1), QStringLiteral("No"));
        QVERIFY(find<QLabel>(*dialog, "dialect-text")->text().contains("masks as polygons: 1"));
        find<QCheckBox>(*dialog, "dialect-for-all")->click();
        QCOMPARE(readers->topLevelItem(4)->text(1), QStringLiteral("Yes"));
        QVERIFY(find<QAction>(window, "save-for-all")->isChecked());
        QVERIFY(!button->isVisible());
        dialog->close();
        Edit edit = paintEdit(document.annotation(), Mask{{6, 6, 2, 2}, cv::Mat1b(2, 2, std::uint8_t{1})}, "car");
        document.applyEdit(std::move(edit));
        QVERIFY(document.saveAndWait());
        const auto saved = readLabelMe(data.file("a.json"));
        MASQUE_VERIFY(saved);
        QVERIFY(refusals(*saved, Size{8, 8}).empty());
        QCOMPARE(document.annotation().shapes.at(0).type, ShapeType::Mask); // here nothing is lost
        find<QAction>(window, "save-for-all")->trigger();
        QCOMPARE(document.labelMeVariant(), LabelMeVariant::Full);
    }

    void plugins()
    {
        PluginRegistry registry = m_plugins.registry();
        registry.plugins.push_back(
            {"bad", "A bad one", "0.1", "MIT", "/opt/bad.so", {}, "it failed while loading: no", {}});
        MainWindow window(registry);
        window.show();
        find<QAction>(window, "plugins")->trigger();
        auto *dialog = find<QDialog>(window, "plugins-dialog");
        auto *list = find<QTreeWidget>(*dialog, "plugins-list");
        QCOMPARE(list->topLevelItemCount(), static_cast<int>(registry.plugins.size()));
        auto *details = find<QLabel>(*dialog, "plugins-details");
        QVERIFY(details->text().contains("format labelme"));
        auto *bad = list->topLevelItem(list->topLevelItemCount() - 1);
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(bad).center());
        QVERIFY(details->text().startsWith("It was not loaded: it failed while loading: no."));
        QCOMPARE(bad->text(3), QStringLiteral("Refused"));
        QCOMPARE(bad->text(4), QStringLiteral("/opt/bad.so"));
    }
};

QTEST_MAIN(TestDialogs)
#include "test_dialogs.moc"
