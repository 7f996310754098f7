// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Journal.h"
#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "tests/core/annotations/random_edits.h"
#include "tests/support/support.h"

#include <QElapsedTimer>

#include <algorithm>
#include <filesystem>

using namespace masque;
namespace fs = std::filesystem;

namespace {

/// What a program does with one image, without the program: an annotation, its file and its journal.
struct Session {
    std::string folder, json;
    std::shared_ptr<Journal> journal;
    Annotation annotation;
    Journal::Resumed resumed;
    std::vector<JournalNode> nodes;
    std::size_t done = 0;

    explicit Session(const TestFolder &test, const std::string &image = "a.png")
        : folder(test.file("journal")), json(test.file(image + ".json"))
    {
        const auto bytes = readFile(json);
        const auto read = readLabelMe(json);
        journal = Journal::open(folder, image);
        resumed = journal->resume(read ? *read : Annotation(), bytes ? contentHash(*bytes) : 0);
        annotation = resumed.annotation;
        for (const JournalStep &step : journal->steps())
            nodes.push_back(step.node);
        done = journal->position();
    }
    void edit(const Edit &edit)
    {
        const Annotation before = annotation;
        apply(edit, annotation);
        nodes.resize(done);
        nodes.push_back(journal->addEdit(edit));
        if (++done == 1 && journal->needsSnapshot())
            journal->addSnapshot(before);
    }
    JournalNode node() const { return done == 0 ? 0 : nodes[done - 1]; }
    void save(bool isKilledBefore = false, bool isKilledAfter = false)
    {
        const std::string text = labelMeText(annotation).value();
        journal->willSave(contentHash(text), node(), annotation);
        if (isKilledBefore)
            return;
        if (!writeFileAtomically(json, text))
            qFatal("cannot save");
        if (!isKilledAfter)
            journal->didSave(contentHash(text), node());
    }
    bool undo()
    {
        if (done == 0)
            return false;
        const auto step = journal->edit(nodes[done - 1], annotation, EditSide::After);
        if (!step)
            return false;
        apply(inverted(*step), annotation);
        --done;
        journal->moveTo(node());
        return true;
    }
    bool redo()
    {
        if (done == nodes.size())
            return false;
        const auto step = journal->edit(nodes[done], annotation, EditSide::Before);
        if (!step)
            return false;
        apply(*step, annotation);
        ++done;
        journal->moveTo(node());
        return true;
    }
    std::string path() const { return journal->path(); }
};

/// The same shapes in the same order, and the same bytes of each when they are written. What is read back from a file
/// has the file's own objects as sources, so that those are not compared.
bool saysTheSame(const Annotation &a, const Annotation &b)
{
    return sameContent(a, b) && labelMeToJson(a)["shapes"] == labelMeToJson(b)["shapes"];
}

Edit square(const Annotation &annotation, int x)
{
    const Mask mask{{x, 4, 6, 6}, cv::Mat1b(6, 6, std::uint8_t{1})};
    return paintEdit(annotation, mask, "car");
}

} // namespace

class JournalTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEditSurvivesItsBytes()
    {
        Random random(7);
        for (int round = 0; round < 40; ++round) {
            Annotation a;
            ShapeNumbers numbers;
            for (int step = 0; step < 40; ++step) {
                const Edit edit = randomEdit(random, a);
                const std::string bytes = encodeEdit(edit, numbers);
                Annotation before = a, after = a;
                apply(edit, after);
                const auto forward = decodeEdit(bytes, before, EditSide::Before, numbers);
                MASQUE_VERIFY(forward);
                apply(*forward, before);
                QVERIFY(isIdentical(before, after));
                QVERIFY(forward->name == edit.name);
                const auto back = decodeEdit(bytes, after, EditSide::After, numbers);
                MASQUE_VERIFY(back);
                apply(inverted(*back), before);
                QVERIFY(isIdentical(before, a));
                const auto sketch = sketchEdit(bytes);
                MASQUE_VERIFY(sketch);
                a = after;
            }
            ShapeNumbers others;
            const auto again = decodeAnnotation(encodeAnnotation(a, numbers), others);
            MASQUE_VERIFY(again);
            QVERIFY(isIdentical(*again, a, false));
        }
    }

    void aStrokeCostsItsOwnPixels()
    {
        Annotation a;
        ShapeNumbers numbers;
        const Mask large{{0, 0, 4000, 3000}, cv::Mat1b(3000, 4000, std::uint8_t{1})};
        apply(paintEdit(a, large, "car"), a);
        const Mask stroke{{4000, 100, 40, 40}, cv::Mat1b(40, 40, std::uint8_t{1})};
        const std::string bytes = encodeEdit(paintEdit(a, stroke, "car"), numbers);
        QVERIFY2(bytes.size() < 500, qPrintable(QString::number(bytes.size())));
        const auto sketch = sketchEdit(bytes);
        MASQUE_VERIFY(sketch);
        QVERIFY(sketch->dirty == stroke.box);
        QCOMPARE(sketch->added.size(), std::size_t{1});
        QCOMPARE(sketch->added[0].label, std::string("car"));
        const auto erased = sketchEdit(
            encodeEdit(eraseEdit(a, {{10, 10, 5, 5}, large.bits(cv::Rect(0, 0, 5, 5))}, Size{4100, 3000}), numbers));
        QCOMPARE(erased->removed.size(), std::size_t{1});
    }

    /// 10,000 random edits; at every hundredth the file and the journal are read again as after a crash.
    void undoAllIsTheStartAndRedoAllTheEnd()
    {
        const TestFolder folder;
        Random random(2026);
        Annotation start;
        start.imageSize = kRandomImage;
        start.imagePath = "a.png";
        for (int i = 0; i < 3; ++i)
            start.shapes.push_back(randomShape(random));
        MASQUE_VERIFY(writeLabelMe(folder.file("a.png.json"), start));
        auto session = std::make_unique<Session>(folder);
        start = session->annotation;
        int edits = 0;
        while (edits < 10000) {
            const Edit edit = randomEdit(random, session->annotation);
            if (edit.isEmpty())
                continue;
            session->edit(edit);
            ++edits;
            if (edits % 100 == 0) {
                const bool isSaved = edits % 300 != 0; // every third time it is lost before the save
                if (isSaved)
                    session->save();
                const Annotation before = session->annotation;
                session.reset();
                session = std::make_unique<Session>(folder);
                QVERIFY2(session->resumed.warning.empty(), session->resumed.warning.c_str());
                QCOMPARE(session->resumed.recovered, isSaved ? 0 : 100);
                QVERIFY(saysTheSame(session->annotation, before));
            }
        }
        const Annotation end = session->annotation;
        int undone = 0;
        while (session->undo())
            ++undone;
        QCOMPARE(undone, 10000);
        QVERIFY(saysTheSame(session->annotation, start));
        int redone = 0;
        while (session->redo())
            ++redone;
        QCOMPARE(redone, 10000);
        QVERIFY(saysTheSame(session->annotation, end));
    }

    void anImageThatWasOnlyLookedAtHasNoJournal()
    {
        const TestFolder folder;
        {
            const Session session(folder);
            QVERIFY(session.journal->flush());
        }
        QVERIFY(!fs::exists(folder.file("journal")));
    }

    void aKillAroundASaveLosesNothing_data()
    {
        QTest::addColumn<bool>("before");
        QTest::addColumn<bool>("after");
        QTest::newRow("before the file is replaced") << true << false;
        QTest::newRow("after it was replaced") << false << true;
        QTest::newRow("long after") << false << false;
    }

    void aKillAroundASaveLosesNothing()
    {
        QFETCH(bool, before);
        QFETCH(bool, after);
        const TestFolder folder;
        {
            Session session(folder);
            session.edit(square(session.annotation, 0));
            session.save();
            session.edit(square(session.annotation, 20));
            session.save(before, after);
        }
        Session session(folder);
        QVERIFY(!session.resumed.isConflict);
        QCOMPARE(session.resumed.recovered, before ? 1 : 0);
        QCOMPARE(cv::countNonZero(session.annotation.shapes.at(0).mask->bits), 72);
        QVERIFY(session.undo() && session.undo());
        QVERIFY(session.annotation.shapes.empty());
    }

    void branchesAreFollowed()
    {
        const TestFolder folder;
        Annotation last;
        {
            Session session(folder);
            for (int i = 0; i < 4; ++i)
                session.edit(square(session.annotation, 10 * i));
            session.save(); // the file stays at the end of a branch that is left now
            QVERIFY(session.undo() && session.undo());
            session.edit(square(session.annotation, 60));
            last = session.annotation;
        }
        const Session session(folder);
        QVERIFY(!session.resumed.isConflict);
        QCOMPARE(session.resumed.recovered, 3); // two back, one on
        QVERIFY(saysTheSame(session.annotation, last));
        QCOMPARE(session.journal->steps().size(), std::size_t{3});
    }

    void anotherProgramsChangeIsAConflictOnlyWithUnsavedWork()
    {
        const TestFolder folder;
        Annotation theirs;
        theirs.imagePath = "theirs";
        Annotation mine;
        {
            Session session(folder);
            session.edit(square(session.annotation, 0));
            session.save();
            session.edit(square(session.annotation, 20));
            mine = session.annotation;
        }
        MASQUE_VERIFY(writeLabelMe(folder.file("a.png.json"), theirs));
        {
            Session session(folder);
            QVERIFY(session.resumed.isConflict);
            QVERIFY(isIdentical(
                session.annotation,
                [&] {
                    Annotation expected = mine;
                    expected.imagePath = "theirs";
                    return expected;
                }(),
                false));
            session.save();
        }
        MASQUE_VERIFY(writeLabelMe(folder.file("a.png.json"), theirs));
        const Session session(folder);
        QVERIFY(!session.resumed.isConflict);
        QVERIFY(session.annotation.shapes.empty());
        QVERIFY(session.journal->steps().empty());
    }

    void twoProgramsWriteTwoJournals()
    {
        const TestFolder folder;
        Session first(folder);
        first.edit(square(first.annotation, 0));
        // Another process is told apart by its lock; here by a file held through a handle of its own.
        RecordFile other(first.path(), "MASQJNL1");
        QVERIFY(other.open([](auto, auto) { return true; }) == RecordFile::Found::Locked);
        QCOMPARE(unsavedJournals(folder.file("journal")), std::vector<std::string>{"a.png"});
    }

    void theWorldMayDeleteTheJournal()
    {
        const TestFolder folder;
        {
            Session session(folder);
            session.edit(square(session.annotation, 0));
            fs::remove_all(folder.file("journal"));
            session.edit(square(session.annotation, 20));
            QVERIFY(session.journal->writeError().empty());
        }
        const Session session(folder);
        QCOMPARE(session.resumed.recovered, 2);
    }

    void whatCannotBeWrittenStaysInMemory()
    {
        const TestFolder folder;
        folder.write("journal", "a file where the folder should be");
        Session session(folder);
        session.edit(square(session.annotation, 0));
        session.edit(square(session.annotation, 20));
        QVERIFY(!session.journal->writeError().empty());
        QVERIFY(!session.journal->isOnDisk());
        QVERIFY(session.undo() && session.undo() && session.redo() && session.redo());
        fs::remove(folder.file("journal"));
        QVERIFY(session.journal->flush());
        QVERIFY(session.journal->isOnDisk());
        const Annotation last = session.annotation;
        session.journal.reset();
        const Session again(folder);
        QVERIFY(isIdentical(again.annotation, last, false));
    }

    void damageIsNeverFatal()
    {
        const TestFolder folder;
        std::string path, whole;
        std::vector<Annotation> states;
        {
            Session session(folder);
            path = session.path();
            states.push_back(session.annotation);
            for (int i = 0; i < 12; ++i) {
                session.edit(square(session.annotation, 7 * i));
                states.push_back(session.annotation);
            }
        }
        whole = readFile(path).value();
        const auto isOneOfThem = [&](const Annotation &a) {
            return std::any_of(states.begin(), states.end(), [&](const auto &s) { return isIdentical(s, a, false); });
        };
        for (std::size_t cut = 0; cut < whole.size(); ++cut) { // torn at every byte
            MASQUE_VERIFY(writeFileAtomically(path, whole.substr(0, cut)));
            Session session(folder);
            QVERIFY(isOneOfThem(session.annotation));
            QVERIFY(!fs::exists(path + ".damaged"));
            session.edit(square(session.annotation, 40)); // and it goes on
            QVERIFY(session.journal->writeError().empty());
        }
        Random random(3);
        int told = 0;
        for (int round = 0; round < 600; ++round) { // flipped, zeroed and repeated bytes
            std::string bytes = whole;
            const auto at = static_cast<std::size_t>(random.below(static_cast<int>(whole.size())));
            const auto many = static_cast<std::size_t>(random.below(40));
            if (round % 3 == 0)
                bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
            else if (round % 3 == 1)
                bytes.replace(at, many, std::string(many, '\0'));
            else
                bytes.insert(at, bytes.substr(0, many));
            MASQUE_VERIFY(writeFileAtomically(path, bytes));
            Session session(folder);
            QVERIFY(isOneOfThem(session.annotation));
            told += !session.resumed.warning.empty();
            while (session.undo()) {
            }
            fs::remove(session.path());
            fs::remove(path + ".damaged");
        }
        QVERIFY2(told > 180, qPrintable(QString::number(told)));
    }

    void foreignFilesAreLeftAlone()
    {
        const TestFolder folder;
        std::string path;
        {
            Session session(folder);
            path = session.path();
        }
        folder.write("journal/notes.txt", "notes");
        folder.write("journal/empty.journal", "");
        MASQUE_VERIFY(writeFileAtomically(path, "not a journal at all, but long enough to have a magic"));
        Session session(folder);
        QVERIFY2(session.resumed.warning.find("no journal") != std::string::npos, session.resumed.warning.c_str());
        session.edit(square(session.annotation, 0));
        QVERIFY(session.journal->writeError().empty() && session.path() != path);
        QVERIFY(readFile(path)->starts_with("not a journal"));
        QCOMPARE(unsavedJournals(folder.file("journal")), std::vector<std::string>{"a.png"});
    }

    void theOldestGoFirstAndUnsavedOnesNever()
    {
        const TestFolder folder;
        const auto now = fs::file_time_type::clock::now();
        std::vector<std::string> paths;
        for (int i = 0; i < 6; ++i) {
            Session session(folder, "image" + std::to_string(i) + ".png");
            session.edit(square(session.annotation, 0));
            if (i != 1)
                session.save();
            paths.push_back(session.path());
            fs::last_write_time(session.path(), now - std::chrono::hours(24 - i));
        }
        const std::uint64_t one = fs::file_size(paths[0]);
        Session used(folder, "image2.png");
        const std::uint64_t left = limitJournals(folder.file("journal"), 3 * one + one / 2);
        QVERIFY(left <= 3 * one + one / 2);
        QVERIFY(!fs::exists(paths[0]) && !fs::exists(paths[3]) && !fs::exists(paths[4]));
        QVERIFY(fs::exists(paths[1]) && fs::exists(paths[2]) && fs::exists(paths[5]));
        QVERIFY(limitJournals(folder.file("journal"), 0) > 0);
        QVERIFY(fs::exists(paths[1]) && fs::exists(paths[2]) && !fs::exists(paths[5]));
    }

    void aLargeJournalLosesItsOldestSteps()
    {
        const TestFolder folder;
        Random random(11);
        std::vector<Annotation> states;
        {
            Session session(folder);
            for (int i = 0; i < 400; ++i) {
                session.edit(randomEdit(random, session.annotation));
                states.push_back(session.annotation);
            }
            QVERIFY(session.journal->compact(session.annotation, 0, 1000) == 0); // not saved
            session.save();
        }
        const std::uint64_t before = fs::file_size(Session(folder).path());
        {
            Session session(folder);
            const std::string text = readFile(session.json).value();
            const std::size_t gone = session.journal->compact(session.annotation, contentHash(text), before / 4);
            QVERIFY(gone > 200 && gone < 400);
        }
        Session session(folder);
        QVERIFY(session.resumed.warning.empty() && session.resumed.recovered == 0);
        QVERIFY(fs::file_size(session.path()) < before / 3);
        QVERIFY(saysTheSame(session.annotation, states.back()));
        const std::size_t left = session.nodes.size();
        QVERIFY(left > 20 && left < 200);
        for (std::size_t i = 1; i < left; ++i) {
            QVERIFY(session.undo());
            QVERIFY(sameContent(session.annotation, states[states.size() - 1 - i]));
        }
        QVERIFY(session.undo() && !session.undo());
        while (session.redo()) {
        }
        session.edit(square(session.annotation, 3));
        const Annotation last = session.annotation;
        session.journal.reset();
        const Session again(folder);
        QCOMPARE(again.resumed.recovered, 1);
        QVERIFY(saysTheSame(again.annotation, last));
    }

    void aStrokeIsWrittenQuickly()
    {
        const TestFolder folder;
        Session session(folder);
        const Mask large{{0, 0, 2000, 1500}, cv::Mat1b(1500, 2000, std::uint8_t{1})};
        session.edit(paintEdit(session.annotation, large, "car"));
        QList<double> times;
        for (int i = 0; i < 50; ++i) {
            const Mask stroke{{2000 + i, 20 * i, 80, 80}, cv::Mat1b(80, 80, std::uint8_t{1})};
            const Edit edit = paintEdit(session.annotation, stroke, "car");
            apply(edit, session.annotation);
            QElapsedTimer timer;
            timer.start();
            session.journal->addEdit(edit);
            times.append(static_cast<double>(timer.nsecsElapsed()) / 1e6);
        }
        std::sort(times.begin(), times.end());
        qInfo("a stroke into a mask of 3 Mpx is journaled in %.3f ms (median), %.3f ms (worst)", times[25], times[49]);
        QVERIFY2(times[25] < 5, qPrintable(QString::number(times[25]))); // for loaded machines; see the line above
    }
};

QTEST_GUILESS_MAIN(JournalTest)
#include "test_journal.moc"
