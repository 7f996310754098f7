// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "studio/document/AnnotationFile.h"
#include "tests/studio/label/LabelFixture.h"

#include <QScopeGuard>
#include <QTest>
#include <QUndoStack>

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace masque;
namespace fs = std::filesystem;

class TestSaving : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void autosavesAfterAQuietSecond();
    void savesWhenTheImageIsLeft();
    void keepsWhatCannotBeSaved();
    void doesNotOverwriteAnotherProgramsChange_data();
    void doesNotOverwriteAnotherProgramsChange();
    void noticesAFileThatAppeared();
    void readsAgainWhatChangedMeanwhile();
    void leavesUnreadableJsonAlone();
    void savesBesideAMask();
    void savesElsewhereWhenTheFolderIsReadOnly();
    void keepsUnsavedWorkOfAnotherFolder();
    void neverWritesAnOlderRevision();

private:
    std::unique_ptr<JobRunner> m_jobs;
};

void TestSaving::init()
{
    m_jobs = makeSynchronousJobRunner();
}

void TestSaving::autosavesAfterAQuietSecond()
{
    LabelFixture data(1);
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    document.applyEdit(drawSquare(document.annotation(), "car"));
    QCOMPARE(document.saveState(), SaveState::Modified);
    QVERIFY(!fs::exists(data.file("image1.json")));
    QTRY_COMPARE(document.saveState(), SaveState::Saved);
    const auto saved = readLabelMe(data.file("image1.json"));
    MASQUE_VERIFY(saved);
    QCOMPARE(saved->imagePath, std::string("image1.png"));
    QVERIFY(saved->imageSize && *saved->imageSize == (Size{64, 48}));
    QCOMPARE(saved->shapes.size(), std::size_t{1});
    QCOMPARE(saved->shapes[0].label, std::string("car"));

    document.undoStack()->undo();
    QTRY_COMPARE(document.saveState(), SaveState::Saved);
    QVERIFY(readLabelMe(data.file("image1.json"))->shapes.empty());
}

void TestSaving::savesWhenTheImageIsLeft()
{
    LabelFixture data(2);
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    document.applyEdit(setChecked(document.annotation(), true));
    QCOMPARE(document.summaries()[0].status, ItemStatus::Reviewed);
    document.setCurrentIndex(1);
    QCOMPARE(document.saveState(), SaveState::Saved);
    QVERIFY(readLabelMe(data.file("image1.json"))->checked);
}

void TestSaving::keepsWhatCannotBeSaved()
{
    LabelFixture data(2);
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    fs::create_directories(data.file("image1.json/in the way"));
    document.applyEdit(drawSquare(document.annotation(), "car"));
    document.saveNow();
    QCOMPARE(document.saveState(), SaveState::Failed);
    QVERIFY2(document.saveError().contains(QStringLiteral("image1.json")), qPrintable(document.saveError()));
    document.setCurrentIndex(1);
    QCOMPARE(document.saveState(), SaveState::Failed);
    QVERIFY(!document.saveAndWait());
    document.setCurrentIndex(0);
    QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
    QCOMPARE(document.undoStack()->count(), 1);

    document.setCurrentIndex(1);
    fs::remove_all(data.file("image1.json"));
    document.saveNow();
    QCOMPARE(document.saveState(), SaveState::Saved);
    QVERIFY(document.saveError().isEmpty());
    QCOMPARE(readLabelMe(data.file("image1.json"))->shapes.size(), std::size_t{1});
}

void TestSaving::doesNotOverwriteAnotherProgramsChange_data()
{
    QTest::addColumn<bool>("keepMine");
    QTest::newRow("keep mine") << true;
    QTest::newRow("load the file") << false;
}

void TestSaving::doesNotOverwriteAnotherProgramsChange()
{
    QFETCH(bool, keepMine);
    LabelFixture data(2);
    data.writePolygon("image1.json", "tree");
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    document.applyEdit(drawSquare(document.annotation(), "car"));
    data.writePolygon("image1.json", "written by another program");
    const std::string theirs = data.read("image1.json");
    document.saveNow();
    QCOMPARE(document.saveState(), SaveState::Failed);
    QVERIFY(document.hasConflict());
    QVERIFY2(document.saveError().contains(QStringLiteral("another program")), qPrintable(document.saveError()));
    QCOMPARE(data.read("image1.json"), theirs);
    document.setCurrentIndex(1);
    document.setCurrentIndex(0);
    QCOMPARE(document.annotation().shapes.size(), std::size_t{2});
    QVERIFY(!document.saveAndWait());
    QCOMPARE(data.read("image1.json"), theirs);

    if (keepMine) {
        document.overwriteAnnotation();
        QCOMPARE(readLabelMe(data.file("image1.json"))->shapes.size(), std::size_t{2});
    } else {
        document.reloadAnnotation();
        QCOMPARE(data.read("image1.json"), theirs);
        QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
        QCOMPARE(document.annotation().shapes[0].label, std::string("written by another program"));
    }
    QCOMPARE(document.saveState(), SaveState::Saved);
    QVERIFY(!document.hasConflict());
    if (!keepMine) { // which can be undone
        document.undo();
        QCOMPARE(document.annotation().shapes.size(), std::size_t{2});
        document.redo();
        QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
    }
}

void TestSaving::noticesAFileThatAppeared()
{
    LabelFixture data(1);
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    data.writePolygon("image1.json", "tree");
    document.applyEdit(drawSquare(document.annotation(), "car"));
    document.saveNow();
    QVERIFY(document.hasConflict());
    QCOMPARE(readLabelMe(data.file("image1.json"))->shapes[0].label, std::string("tree"));
}

void TestSaving::readsAgainWhatChangedMeanwhile()
{
    LabelFixture data(2);
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    document.applyEdit(drawSquare(document.annotation(), "car"));
    document.setCurrentIndex(1); // saved, with its history kept
    data.writePolygon("image1.json", "tree");
    document.setCurrentIndex(0);
    QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
    QCOMPARE(document.annotation().shapes[0].label, std::string("tree"));
    QCOMPARE(document.undoStack()->count(), 0);
}

void TestSaving::leavesUnreadableJsonAlone()
{
    LabelFixture data(2);
    data.write("image1.json", "{\"shapes\": [{\"label\": 3}]");
    const std::string before = data.read("image1.json");
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    QVERIFY(document.isLoaded()); // the image is shown
    QVERIFY(document.isReadOnly());
    QVERIFY2(document.loadError().contains(QStringLiteral("image1.json")), qPrintable(document.loadError()));
    document.applyEdit(drawSquare(document.annotation(), "car"));
    QVERIFY(document.annotation().shapes.empty());
    document.setCurrentIndex(1);
    QVERIFY(document.saveAndWait());
    QCOMPARE(data.read("image1.json"), before);
}

void TestSaving::savesBesideAMask()
{
    LabelFixture data(1);
    cv::Mat1b ids(48, 64, std::uint8_t{0});
    ids(cv::Rect(4, 4, 10, 10)).setTo(1);
    data.write("masks/image1.png", encodeIdPng(ids, LabelSet({"_background_", "car", "tree"}).palette()).value());
    const std::string mask = data.read("masks/image1.png");
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
    QCOMPARE(document.annotation().shapes[0].label, std::string("car"));
    QVERIFY(!fs::exists(data.file("image1.json")));
    document.applyEdit(drawSquare(document.annotation(), "tree", 40));
    QVERIFY(document.saveAndWait());
    QCOMPARE(readLabelMe(data.file("image1.json"))->shapes.size(), std::size_t{2});
    QCOMPARE(data.read("masks/image1.png"), mask);
}

void TestSaving::savesElsewhereWhenTheFolderIsReadOnly()
{
    LabelFixture data(1);
    TestFolder home;
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString(home.path()));
    const bool isRoot = geteuid() == 0; // whom no folder refuses
    ::chmod(data.path().toUtf8(), 0555);
    if (isRoot) {
        ::chmod(data.folder().path().c_str(), 0755);
        ::chmod(home.path().c_str(), 0777);
        QVERIFY(::seteuid(65534) == 0);
    }
    const auto restore = qScopeGuard([&] {
        if (isRoot && ::seteuid(0) != 0)
            qFatal("cannot become root again");
        ::chmod(data.path().toUtf8(), 0755);
        qunsetenv("XDG_DATA_HOME");
    });
    {
        Document document(*m_jobs, LabelFixture::formats());
        document.open(data.path());
        QVERIFY2(document.notice().contains(QString::fromStdString(home.path())), qPrintable(document.notice()));
        document.applyEdit(drawSquare(document.annotation(), "car"));
        QVERIFY2(document.saveAndWait(), qPrintable(document.saveError()));
    }
    const std::string file = fallbackFolder(data.path().toStdString()) + "/image1.json";
    QVERIFY(QString::fromStdString(file).startsWith(QString::fromStdString(home.path())));
    {
        Document document(*m_jobs, LabelFixture::formats());
        document.open(data.path());
        QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
        const auto &item = document.dataset()->items[0];
        QCOMPARE(document.dataset()->absolute(item.json), file);
    }
    QVERIFY(!fs::exists(data.file("image1.json")));
    const auto saved = readLabelMe(file);
    MASQUE_VERIFY(saved);
    QCOMPARE(saved->imagePath, data.file("image1.png"));
}

void TestSaving::keepsUnsavedWorkOfAnotherFolder()
{
    LabelFixture data(1), other(1);
    Document document(*m_jobs, LabelFixture::formats());
    document.open(data.path());
    fs::create_directories(data.file("image1.json/in the way"));
    document.applyEdit(drawSquare(document.annotation(), "car"));
    document.open(other.path());
    QVERIFY(document.annotation().shapes.empty());
    QCOMPARE(document.saveState(), SaveState::Failed);
    document.open(data.path());
    QCOMPARE(document.annotation().shapes.size(), std::size_t{1});
    fs::remove_all(data.file("image1.json"));
    QVERIFY(document.saveAndWait());
    QCOMPARE(readLabelMe(data.file("image1.json"))->shapes.size(), std::size_t{1});
}

void TestSaving::neverWritesAnOlderRevision()
{
    LabelFixture data(1);
    AnnotationFile file(data.file("image1.json"), data.file("elsewhere/image1.json"), data.file("image1.png"));
    Annotation older, newer;
    newer.shapes.push_back({.label = "car", .points = {{1, 1}, {9, 1}, {9, 9}}});
    MASQUE_VERIFY(file.save(newer, 2, AnnotationFile::Overwrite::Never));
    MASQUE_VERIFY(file.save(older, 1, AnnotationFile::Overwrite::Never));
    QCOMPARE(readLabelMe(data.file("image1.json"))->shapes.size(), std::size_t{1});
}

QTEST_MAIN(TestSaving)
#include "test_saving.moc"
