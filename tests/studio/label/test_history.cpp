// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/annotations/mask_ops.h"
#include "core/base/files.h"
#include "studio/panels/ConflictDialog.h"
#include "studio/panels/HistoryModel.h"
#include "studio/panels/HistoryPanel.h"
#include "studio/panels/LabelWorkspace.h"
#include "studio/panels/NoticeBar.h"
#include "tests/studio/label/LabelFixture.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QLabel>
#include <QListView>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <filesystem>

using namespace masque;
namespace fs = std::filesystem;

namespace {

Mask box(int x, int y, int width, int height)
{
    return {{x, y, width, height}, cv::Mat1b(height, width, std::uint8_t{1})};
}

void paint(Document &document, const Mask &mask, const char *label = "car")
{
    document.applyEdit(paintEdit(document.annotation(), mask, label));
}

/// As after a crash: the folder as it is on the disk at this moment.
std::string crashed(const LabelFixture &data, const TestFolder &copy)
{
    fs::copy(data.path().toStdString(), copy.file("photos"), fs::copy_options::recursive);
    return copy.file("photos");
}

} // namespace

/// Histories that outlive the program, in the document and in the panel.
class TestHistory : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_jobs = makeSynchronousJobRunner(); }
    void survivesARestart();
    void recoversAfterACrash();
    void recoversOtherImagesToo();
    void offersBothAfterACrashAndAnotherProgramsChange_data();
    void offersBothAfterACrashAndAnotherProgramsChange();
    void comparesBothVersions();
    void saysWhenTheJournalCannotBeWritten();
    void oldLabelmeGetsPolygons();
    void aVertexIsAllThatDiffers();
    void modelIsSound();
    void picturesShowTheChange();
    void clickAndKeysRestore();
    void thousandsOfSteps();

private:
    std::unique_ptr<JobRunner> m_jobs;
};

void TestHistory::survivesARestart()
{
    const LabelFixture data(2);
    data.writePolygon("image1.json", "tree");
    const std::string untouched = data.read("image1.json");
    {
        Document document(*m_jobs, LabelFixture::formats());
        document.open(data.path());
        QVERIFY(!fs::exists(data.file(".masque/journal"))); // only looked at so far
        paint(document, box(2, 30, 8, 8));
        paint(document, box(10, 30, 8, 8));
        document.applyEdit(drawSquare(document.annotation(), "tree", 30));
        document.undo();
    }
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    QVERIFY2(document.notice().isEmpty(), qPrintable(document.notice()));
    const History *history = document.undoStack();
    QCOMPARE(history->count(), 3);
    QCOMPARE(history->index(), 2);
    QCOMPARE(history->undoText(), QStringLiteral("Paint car"));
    QCOMPARE(history->redoText(), QStringLiteral("Draw tree"));
    QCOMPARE(document.annotation().shapes.size(), std::size_t{2});
    document.redo();
    QCOMPARE(document.annotation().shapes.size(), std::size_t{3});
    while (document.undoStack()->canUndo())
        document.undo();
    QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
    QVERIFY(document.saveAndWait());
    const auto saved = Json::parse(data.read("image1.json"));
    MASQUE_VERIFY(saved);
    QCOMPARE((*saved)["shapes"], (*Json::parse(untouched))["shapes"]);
}

void TestHistory::recoversAfterACrash()
{
    const LabelFixture data(2);
    const TestFolder copy;
    std::string folder;
    {
        Document document(*m_jobs, LabelFixture::formats());
        document.open(data.path());
        paint(document, box(2, 2, 8, 8));
        QVERIFY(document.saveAndWait());
        paint(document, box(20, 2, 8, 8));
        paint(document, box(40, 2, 8, 8));
        folder = crashed(data, copy);
    }
    QCOMPARE(cv::countNonZero(readLabelMe(folder + "/image1.json")->shapes.at(0).mask->bits), 64);
    Document document(*m_jobs, LabelFixture::formats());
    document.open(QString::fromStdString(folder));
    QVERIFY2(document.notice().contains(QStringLiteral("image1.png")), qPrintable(document.notice()));
    QCOMPARE(cv::countNonZero(document.annotation().shapes.at(0).mask->bits), 3 * 64);
    QCOMPARE(document.saveState(), SaveState::Modified);
    QTRY_COMPARE(document.saveState(), SaveState::Saved); // without being asked
    QCOMPARE(cv::countNonZero(readLabelMe(folder + "/image1.json")->shapes.at(0).mask->bits), 3 * 64);
    document.undo();
    QCOMPARE(cv::countNonZero(document.annotation().shapes.at(0).mask->bits), 2 * 64);
}

void TestHistory::recoversOtherImagesToo()
{
    const LabelFixture data(3);
    const TestFolder copy;
    std::string folder;
    {
        Document document(*m_jobs, LabelFixture::formats());
        document.open(data.path());
        document.setCurrentIndex(2);
        fs::create_directories(data.file("image3.json/in the way")); // so that leaving it does not save it
        paint(document, box(2, 2, 8, 8));
        document.setCurrentIndex(0);
        fs::remove_all(data.file("image3.json"));
        folder = crashed(data, copy);
    }
    Document document(*m_jobs, LabelFixture::formats());
    document.open(QString::fromStdString(folder)); // shows the first image
    QVERIFY2(document.notice().contains(QStringLiteral("image3.png")), qPrintable(document.notice()));
    QCOMPARE(document.summaries()[2].shapes, 1);
    QTRY_COMPARE(document.saveState(), SaveState::Saved);
    const auto saved = readLabelMe(folder + "/image3.json");
    MASQUE_VERIFY(saved);
    QCOMPARE(saved->shapes.size(), std::size_t{1});
    QVERIFY(saved->imageSize && *saved->imageSize == (Size{64, 48}));
    document.setCurrentIndex(2);
    QCOMPARE(document.undoStack()->count(), 1);
}

void TestHistory::offersBothAfterACrashAndAnotherProgramsChange_data()
{
    QTest::addColumn<QByteArray>("button");
    QTest::newRow("keep mine") << QByteArray("notice-keep-mine");
    QTest::newRow("take theirs") << QByteArray("notice-load-file");
}

void TestHistory::offersBothAfterACrashAndAnotherProgramsChange()
{
    QFETCH(QByteArray, button);
    const LabelFixture data(1);
    data.writePolygon("image1.json", "tree");
    const TestFolder copy;
    std::string folder;
    {
        Document document(*m_jobs, LabelFixture::formats());
        document.open(data.path());
        paint(document, box(40, 2, 8, 8));
        folder = crashed(data, copy);
    }
    data.writePolygon("image1.json", "theirs");
    fs::copy_file(data.file("image1.json"), folder + "/image1.json", fs::copy_options::overwrite_existing);
    const std::string theirs = data.read("image1.json");

    Document document(*m_jobs, LabelFixture::formats());
    NoticeBar bar(document);
    document.open(QString::fromStdString(folder));
    QVERIFY(document.hasConflict());
    QCOMPARE(document.annotation().shapes.size(), std::size_t{2}); // mine is shown
    QCOMPARE(document.annotation().shapes[0].label, std::string("tree"));
    document.saveNow();
    QVERIFY(!document.saveAndWait());
    QCOMPARE(readFile(folder + "/image1.json").value(), theirs);

    bar.findChild<QPushButton *>(QString::fromLatin1(button))->click();
    QVERIFY(!document.hasConflict());
    QCOMPARE(document.saveState(), SaveState::Saved);
    const auto saved = readLabelMe(folder + "/image1.json");
    MASQUE_VERIFY(saved);
    if (button == "notice-keep-mine") {
        QCOMPARE(saved->shapes.size(), std::size_t{2});
    } else {
        QCOMPARE(readFile(folder + "/image1.json").value(), theirs);
        QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
        document.undo(); // mine is still there
        QCOMPARE(document.annotation().shapes.size(), std::size_t{2});
    }
}

void TestHistory::comparesBothVersions()
{
    const LabelFixture data(1);
    data.writePolygon("image1.json", "tree");
    Document document(*m_jobs, LabelFixture::formats());
    const PluginRegistry plugins = LabelFixture::plugins();
    LabelWorkspace workspace(document, plugins, *m_jobs);
    workspace.resize(1200, 700);
    workspace.show();
    document.open(data.path());
    paint(document, box(40, 2, 8, 8));
    data.writePolygon("image1.json", "theirs");
    const std::string theirs = data.read("image1.json");
    document.saveNow();
    QVERIFY(document.hasConflict());
    auto *compare = workspace.findChild<QPushButton *>(QStringLiteral("notice-compare"));
    QVERIFY(compare->isVisible());
    QTest::mouseClick(compare, Qt::LeftButton);
    QPointer<ConflictDialog> dialog = workspace.findChild<ConflictDialog *>();
    QVERIFY(dialog);
    const QString summary = dialog->findChild<QLabel *>(QStringLiteral("conflict-summary"))->text();
    QVERIFY2(summary.contains(QLatin1Char('2')) && summary.contains(QLatin1Char('1')), qPrintable(summary));
    const auto picture = [&](const char *name) {
        return dialog->findChild<QLabel *>(QLatin1String(name))->pixmap(Qt::ReturnByValue).toImage();
    };
    QVERIFY(!picture("conflict-mine").isNull());
    QVERIFY(picture("conflict-mine") != picture("conflict-theirs"));
    const QImage all = picture("conflict-mine");
    dialog->findChild<QCheckBox *>(QStringLiteral("conflict-differences"))->setChecked(true);
    QVERIFY(!picture("conflict-mine").isNull());
    QCOMPARE(data.read("image1.json"), theirs); // nothing is done yet
    QTest::mouseClick(dialog->findChild<QPushButton *>(QStringLiteral("conflict-load-file")), Qt::LeftButton);
    QVERIFY(!document.hasConflict());
    QCOMPARE(document.annotation().shapes.at(0).label, std::string("theirs"));
    QTRY_VERIFY(!dialog);
}

void TestHistory::saysWhenTheJournalCannotBeWritten()
{
    const LabelFixture data(1);
    data.write(".masque", "a file where the folder should be");
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    paint(document, box(2, 2, 8, 8));
    paint(document, box(20, 2, 8, 8));
    QVERIFY2(document.notice().contains(QStringLiteral("journal")), qPrintable(document.notice()));
    document.setUndoLimit(1); // what the journal does not have must stay in memory
    document.undo();
    document.undo();
    QVERIFY(document.annotation().shapes.empty());
    document.redo();
    document.redo();
    QVERIFY(document.saveAndWait()); // the file itself is fine
    fs::remove(data.file(".masque"));
    paint(document, box(40, 2, 8, 8));
    QVERIFY2(document.notice().isEmpty(), qPrintable(document.notice()));
    QCOMPARE(document.undoBytes(), std::size_t{0});
    while (document.undoStack()->canUndo())
        document.undo();
    QVERIFY(document.annotation().shapes.empty());
}

void TestHistory::oldLabelmeGetsPolygons()
{
    const LabelFixture data(1);
    {
        Document document(*m_jobs, LabelFixture::formats());
        document.setLabelMeVariant(LabelMeVariant::ForAll);
        document.open(data.path());
        paint(document, box(2, 2, 20, 20));
        document.applyEdit(eraseEdit(document.annotation(), box(8, 8, 4, 4), Size{64, 48})); // a hole
        paint(document, box(40, 40, 1, 1));                                                  // a single pixel
        QVERIFY(document.saveAndWait());
        QCOMPARE(document.variantLoss().holes, 1);
        QCOMPARE(document.variantLoss().regions, 1);
        QVERIFY2(document.notice().contains(QStringLiteral("image1.png")), qPrintable(document.notice()));
        QCOMPARE(document.annotation().shapes.at(0).type, ShapeType::Mask); // only the file is simpler
    }
    const auto saved = readLabelMe(data.file("image1.json"));
    MASQUE_VERIFY(saved);
    QCOMPARE(saved->shapes.size(), std::size_t{1});
    QVERIFY(saved->shapes[0].type == ShapeType::Polygon && saved->shapes[0].points.size() == 4);
    QVERIFY(data.read("image1.json").find("mask") == std::string::npos);

    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path()); // the journal still has the mask itself
    QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
    QCOMPARE(document.annotation().shapes[0].type, ShapeType::Mask);
    QCOMPARE(cv::countNonZero(document.annotation().shapes[0].mask->bits), 400 - 16 + 1);
    QCOMPARE(document.saveState(), SaveState::Saved);
    document.undo();
    QVERIFY(document.saveAndWait()); // and the default writes it
    QCOMPARE(readLabelMe(data.file("image1.json"))->shapes.at(0).type, ShapeType::Mask);
}

void TestHistory::aVertexIsAllThatDiffers()
{
    const std::string source = sharedData("labelme");
    if (source.empty())
        QSKIP("no labelme files here");
    int files = 0;
    for (const auto &entry : fs::recursive_directory_iterator(source)) {
        const fs::path json = entry.path();
        if (json.extension() != ".json")
            continue;
        const auto read = readLabelMe(json.string());
        const auto old = readFile(json.string());
        if (!read || !old)
            continue;
        const auto shape = std::find_if(read->shapes.begin(), read->shapes.end(),
                                        [](const Shape &candidate) { return candidate.type == ShapeType::Polygon; });
        if (shape == read->shapes.end())
            continue;
        const TestFolder folder; // with an image made up: the file need not be touched to be opened
        const std::string copy = folder.write("photos/" + json.filename().string(), *old);
        const Size size = read->imageSize.value_or(Size{640, 480});
        MASQUE_VERIFY(writeImage(folder.file("photos/" + json.stem().string() + ".png"),
                                 cv::Mat(size.height, size.width, CV_8UC3, cv::Scalar(90, 90, 90))));
        const PluginHost host;
        Document document(*m_jobs, host.registry().formats);
        document.open(QString::fromStdString(folder.file("photos")));
        QVERIFY2(document.isLoaded() && !document.isReadOnly(), json.c_str());
        Shape moved = document.annotation().shapes.at(static_cast<std::size_t>(shape - read->shapes.begin()));
        moved.points[0].x += 1.5;
        document.applyEdit(replaceShape(document.annotation(), moved, "Move point"));
        QVERIFY2(document.saveAndWait(), qPrintable(document.saveError()));
        // The same text but for one number: what comes before and after it is equal.
        const std::string now = readFile(copy).value();
        const Json was = Json::parse(*old).value(), is = Json::parse(now).value();
        const auto place = static_cast<std::size_t>(shape - read->shapes.begin());
        Json expected = was;
        Json::Array shapes = was["shapes"].items();
        Json::Array points = shapes[place]["points"].items();
        points[0] = Json::Array{Json(moved.points[0].x), points[0][std::size_t{1}]};
        shapes[place].set("points", points);
        expected.set("shapes", shapes);
        QVERIFY2(is == expected, json.c_str());
        if (was.dump(2) == *old) // a file in labelme's own layout
            QVERIFY2(now == expected.dump(2), json.c_str());
        ++files;
    }
    qInfo("%d files", files);
    QVERIFY(files > 0);
}

void TestHistory::modelIsSound()
{
    const LabelFixture data(2);
    Document document(*m_jobs, LabelFixture::formats());
    HistoryModel model(document, *m_jobs);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 0);
    document.open(data.path());
    QCOMPARE(model.rowCount(), 1);
    for (int i = 0; i < 5; ++i)
        paint(document, box(6 * i, 2, 5, 5));
    QCOMPARE(model.rowCount(), 6);
    QCOMPARE(model.currentRow(), 5);
    document.undoStack()->setIndex(2);
    QCOMPARE(model.rowCount(), 6);
    QVERIFY(!model.index(2).data(HistoryModel::UndoneRole).toBool());
    QVERIFY(model.index(3).data(HistoryModel::UndoneRole).toBool());
    paint(document, box(40, 40, 5, 5)); // the undone ones leave
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(model.currentRow(), 3);
    document.setCurrentIndex(1);
    QCOMPARE(model.rowCount(), 1);
    document.setCurrentIndex(0);
    QCOMPARE(model.rowCount(), 4);
    QVERIFY(!model.index(3).data(HistoryModel::TimeRole).toString().isEmpty());
    QVERIFY(model.index(3).data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("Paint car")));
    document.close();
    QCOMPARE(model.rowCount(), 0);
}

void TestHistory::picturesShowTheChange()
{
    const LabelFixture data(1);
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    paint(document, box(10, 10, 20, 20));
    document.applyEdit(eraseEdit(document.annotation(), box(10, 10, 20, 10), Size{64, 48}));
    HistoryModel model(document, *m_jobs);
    const auto picture = [&](int row) {
        QImage image;
        const auto isDrawn = [&] {
            image = model.index(row).data(Qt::DecorationRole).value<QPixmap>().toImage();
            return !image.isNull();
        };
        return QTest::qWaitFor(isDrawn) ? image : QImage();
    };
    const auto distance = [](QColor a, Color b) {
        return std::abs(a.red() - b[0]) + std::abs(a.green() - b[1]) + std::abs(a.blue() - b[2]);
    };
    const Color car = document.labels()[1].color;
    const QImage painted = picture(1), erased = picture(2);
    QVERIFY(!painted.isNull() && !erased.isNull());
    const QColor middle = painted.pixelColor(painted.width() / 2, painted.height() / 2);
    const QColor corner = painted.pixelColor(1, 1);
    QVERIFY(distance(middle, car) < distance(corner, car)); // in the class' colour on the grey image
    QCOMPARE(corner, QColor(40, 40, 40));
    const QColor gone = erased.pixelColor(erased.width() / 2, erased.height() / 2);
    QVERIFY(gone != middle && gone != QColor(40, 40, 40));
}

void TestHistory::clickAndKeysRestore()
{
    const LabelFixture data(1);
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    for (int i = 0; i < 4; ++i)
        paint(document, box(10 * i, 2, 5, 5));
    HistoryPanel panel(document, *m_jobs);
    panel.resize(240, 400);
    panel.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panel));
    auto *list = panel.findChild<QListView *>(QStringLiteral("history-list"));
    QCOMPARE(list->currentIndex().row(), 4);
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(list->model()->index(1, 0)).center());
    QCOMPARE(document.undoStack()->index(), 1);
    QCOMPARE(cv::countNonZero(document.annotation().shapes.at(0).mask->bits), 25);
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Down);
    QTest::keyClick(list, Qt::Key_Down);
    QCOMPARE(document.undoStack()->index(), 1); // only chosen so far
    QTest::keyClick(list, Qt::Key_Return);
    QCOMPARE(document.undoStack()->index(), 3);
    QTest::keyClick(list, Qt::Key_Home);
    QTest::keyClick(list, Qt::Key_Return);
    QVERIFY(document.annotation().shapes.empty());
}

void TestHistory::thousandsOfSteps()
{
    const LabelFixture data(1);
    {
        Document document(*m_jobs, LabelFixture::formats());
        document.open(data.path());
        for (int i = 0; i < 3000; ++i)
            paint(document, box(i % 60, i / 60 % 44, 2, 2), i % 2 ? "car" : "tree");
    }
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    const int steps = document.undoStack()->count();
    QVERIFY(steps > 2900);
    HistoryPanel panel(document, *m_jobs);
    panel.resize(240, 400);
    panel.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panel));
    QElapsedTimer timer;
    timer.start();
    document.undo(); // read back from the journal
    const double undoMs = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    timer.start();
    document.undoStack()->setIndex(0);
    const double allMs = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    qInfo("%d steps: one undo %.2f ms, all %.0f ms", steps, undoMs, allMs);
    QVERIFY(document.annotation().shapes.empty());
    QVERIFY2(undoMs < 100, qPrintable(QString::number(undoMs))); // 20 on a quiet machine
}

QTEST_MAIN(TestHistory)
#include "test_history.moc"
