// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/image/image_file.h"
#include "core/runs/run.h"
#include "studio/canvas/ImageView.h"
#include "studio/compare/cutout/CutoutDialog.h"
#include "tests/studio/workspaces/Studio.h"
#include "tests/support/datasets.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QTest>

#include <filesystem>

using namespace masque;

namespace {

/// The dialog over a document, and its controls.
struct Cutting {
    explicit Cutting(const std::string &root)
    {
        document.open(QString::fromStdString(root));
        wait([this] { return isLabelled(document) && document.isLoaded(); });
        dialog = new CutoutDialog(document, plugins.registry(), *jobs, &window);
        dialog->begin();
        wait([this] { return find<QComboBox>("source")->count() > 0; });
    }
    template <typename Control>
    Control *find(const char *name)
    {
        auto *control = dialog->findChild<Control *>(QStringLiteral("cutout-") + QLatin1String(name));
        if (!control)
            qFatal("there is no %s", name);
        return control;
    }
    static void wait(const std::function<bool()> &is)
    {
        if (!QTest::qWaitFor(is, kTrainingMs))
            qFatal("waited in vain");
    }
    QImage after() { return dialog->findChild<ImageView *>(QStringLiteral("compare-pair-second"))->grab().toImage(); }
    void choose(const char *name, const QString &text)
    {
        auto *choice = find<QComboBox>(name);
        choice->setFocus();
        const int index = choice->findText(text);
        QTest::keyClick(choice, Qt::Key_Home);
        for (int i = 0; i < index; ++i)
            QTest::keyClick(choice, Qt::Key_Down);
        if (choice->currentText() != text)
            qFatal("%s cannot be chosen", qPrintable(text));
    }
    void write()
    {
        QTest::mouseClick(find<QPushButton>("write"), Qt::LeftButton);
        wait([this] { return find<QPushButton>("write")->isEnabled(); });
    }
    QString text() { return find<QLabel>("text")->text(); }

    PluginHost plugins;
    std::unique_ptr<JobRunner> jobs = makeThreadedJobRunner();
    Document document{*jobs, plugins.registry().formats};
    QWidget window;
    CutoutDialog *dialog = nullptr;
};

int cutoutsIn(const std::string &folder)
{
    int count = 0;
    std::error_code none;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder, none))
        count += entry.path().string().ends_with("_cutout.png");
    return count;
}

} // namespace

class TestCutoutGui : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    std::string m_root;

private Q_SLOTS:
    void initTestCase()
    {
        keepSettingsIn(m_folder);
        m_root = smallDemo(m_folder, "shapes", 6);
    }

    /// Without a run the annotations are cut out, and the dialog says what a run would do.
    void annotationsAreCutOut()
    {
        Cutting cutting(m_root);
        QCOMPARE(cutting.find<QComboBox>("source")->currentText(), QStringLiteral("The annotations"));
        QVERIFY(cutting.find<QLabel>("hint")->isVisible());
        QVERIFY(cutting.find<QLabel>("hint")->text().contains(QStringLiteral("Ctrl+2")));
        auto *caption = cutting.find<QLabel>("caption");
        const auto image = QString::fromStdString(cutting.document.dataset()->items.front().image);
        QTRY_COMPARE_WITH_TIMEOUT(caption->text(), image, kLoadingMs);

        const auto clear = cutting.after(); // a background changes what is shown, and comes back
        cutting.choose("background", QStringLiteral("A colour"));
        QTRY_VERIFY_WITH_TIMEOUT(cutting.after() != clear, kLoadingMs);
        cutting.choose("background", QStringLiteral("An image"));
        QVERIFY(!cutting.find<QPushButton>("write")->isEnabled());
        QTRY_VERIFY(caption->text().contains(QStringLiteral("background")));
        QTest::keyClicks(cutting.find<QLineEdit>("picture"), QStringLiteral("/nowhere.png"));
        QTRY_VERIFY_WITH_TIMEOUT(caption->text().contains(QStringLiteral("/nowhere.png")), kLoadingMs);
        cutting.choose("background", QStringLiteral("Transparent"));
        QTRY_COMPARE_WITH_TIMEOUT(cutting.after(), clear, kLoadingMs);

        auto *out = cutting.find<QLineEdit>("out");
        QCOMPARE(out->text(), QString::fromStdString(m_root + "-cutouts"));
        QCOMPARE(cutting.find<QComboBox>("images")->currentText(), QStringLiteral("This image"));
        cutting.write();
        QVERIFY2(cutting.text().startsWith(QStringLiteral("1 written to ")), qPrintable(cutting.text()));
        QCOMPARE(cutoutsIn(m_root + "-cutouts"), 1);
        QVERIFY(cutting.find<QPushButton>("open")->isVisible());

        cutting.choose("images", QStringLiteral("All images of the dataset")); // the first is there: nothing is written
        cutting.write();
        QVERIFY2(cutting.text().contains(QStringLiteral("is there already")), qPrintable(cutting.text()));
        QCOMPARE(cutoutsIn(m_root + "-cutouts"), 1);
        QTest::mouseClick(cutting.find<QCheckBox>("replace"), Qt::LeftButton, {}, {8, 8});
        QVERIFY(cutting.find<QCheckBox>("replace")->isChecked());
        cutting.write();
        QVERIFY2(cutting.text().startsWith(QStringLiteral("6 written to ")), qPrintable(cutting.text()));
        QCOMPARE(cutoutsIn(m_root + "-cutouts"), 6);

        out->setText(QString::fromStdString(m_root)); // beside the images
        cutting.write();
        QVERIFY2(cutting.text().contains(QStringLiteral("name another folder")), qPrintable(cutting.text()));
        QTest::keyClick(cutting.dialog, Qt::Key_Escape);
        QVERIFY(!cutting.dialog->isVisible());
    }

    /// A correction that is not saved yet is cut out, too; the newest wish is what is shown in the end.
    void previewFollows()
    {
        Cutting cutting(m_root);
        auto *caption = cutting.find<QLabel>("caption");
        QTRY_VERIFY_WITH_TIMEOUT(!caption->text().isEmpty(), kLoadingMs);
        const auto whole = cutting.after();
        auto *edge = cutting.find<QDoubleSpinBox>("edge");
        edge->setFocus();
        for (int i = 0; i < 12; ++i)
            QTest::keyClick(edge, i < 6 ? Qt::Key_Up : Qt::Key_Down); // there and back, faster than previews are made
        QCOMPARE(edge->value(), CutoutOptions().edge);
        QTRY_COMPARE_WITH_TIMEOUT(cutting.after(), whole, kLoadingMs);

        const auto &annotation = cutting.document.annotation();
        QVERIFY(!annotation.shapes.empty());
        cutting.document.applyEdit(removeShapes(annotation, {annotation.shapes.back().id}, "Delete"));
        QTRY_VERIFY_WITH_TIMEOUT(cutting.after() != whole, kLoadingMs);
        cutting.document.undo();
        QTRY_COMPARE_WITH_TIMEOUT(cutting.after(), whole, kLoadingMs);
        const QString first = caption->text();
        cutting.document.setCurrentIndex(1);
        QTRY_VERIFY_WITH_TIMEOUT(caption->text() != first, kLoadingMs);
    }

    /// By a run's masks: images of another folder.
    void folderIsCutOutByARun()
    {
        PluginHost plugins;
        const auto data = openIndexed(m_root);
        RunOptions options;
        options.data.size = "32";
        options.training.epochs = 1;
        options.training.batch = 4;
        options.model.set("base", 8);
        const std::string run = m_root + "/.masque/runs/one";
        MASQUE_VERIFY(executeRun({data.dataset, data.summaries, options, run}, plugins.registry().models, {}, {}));
        const std::string folder = m_folder.file("others");
        for (const char *name : {"a.png", "deep/b.png"}) {
            m_folder.write(std::string("others/") + name, "");
            MASQUE_VERIFY(writeImage(folder + "/" + name, cv::Mat(40, 50, CV_8UC3, cv::Scalar(200, 90, 20))));
        }
        m_folder.write("others/broken.png", "no image");

        Cutting cutting(m_root); // by the newest run
        QVERIFY(cutting.find<QComboBox>("source")->currentText().startsWith(QStringLiteral("one")));
        QVERIFY(!cutting.find<QLabel>("hint")->isVisible());
        cutting.choose("source", QStringLiteral("The annotations")); // which stays chosen
        Q_EMIT cutting.document.changed({.kind = ChangeEvent::RunsChanged});
        QTRY_COMPARE(cutting.jobs->runningCount(), 0);
        QCOMPARE(cutting.find<QComboBox>("source")->currentText(), QStringLiteral("The annotations"));
        cutting.dialog->begin(QString::fromStdString(run)); // from the run's menu
        QTRY_VERIFY(cutting.find<QComboBox>("source")->currentText().startsWith(QStringLiteral("one")));

        cutting.choose("images", QStringLiteral("A folder"));
        auto *write = cutting.find<QPushButton>("write");
        QVERIFY(!write->isEnabled()); // which folder?
        auto *line = cutting.find<QLineEdit>("folder");
        line->setFocus();
        QTest::keyClicks(line, QString::fromStdString(m_folder.file("nothing")));
        QTest::keyClick(line, Qt::Key_Tab);
        QTRY_VERIFY_WITH_TIMEOUT(cutting.find<QLabel>("caption")->text().contains(QStringLiteral("nothing")),
                                 kLoadingMs);
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, QString::fromStdString(folder));
        QTest::keyClick(line, Qt::Key_Tab);
        QTRY_VERIFY_WITH_TIMEOUT(write->isEnabled(), kLoadingMs);
        QCOMPARE(cutting.find<QLineEdit>("out")->text(), QString::fromStdString(folder + "-cutouts"));
        cutting.write();
        QVERIFY2(cutting.text().startsWith(QStringLiteral("2 written to ")), qPrintable(cutting.text()));
        QVERIFY2(cutting.text().contains(QStringLiteral("broken.png")), qPrintable(cutting.text()));
        QVERIFY(std::filesystem::exists(folder + "-cutouts/deep/b_cutout.png"));
    }
};

QTEST_MAIN(TestCutoutGui)
#include "test_cutout_gui.moc"
