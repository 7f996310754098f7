// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/runs/index/RunIndex.h"
#include "core/runs/index/RunQuery.h"
#include "core/runs/index/run_keeping.h"
#include "core/runs/index/run_record.h"
#include "core/runs/index/run_table.h"
#include "tests/core/runs/small_run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <QObject>
#include <QtTest/QTest>

#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

using namespace masque;

namespace {

/// Runs that were never trained: their files alone.
struct KeptRuns {
    explicit KeptRuns(int count)
    {
        for (int i = 0; i < count; ++i)
            add("run" + std::to_string(i), 0.1 * i);
    }
    void add(const std::string &name, double meanIou)
    {
        auto options = smallOptions();
        options.training.loss = meanIou > 0.25 ? "dice" : "ce";
        const auto at = ".masque/runs/" + name + "/";
        folder.write(at + "options.json", options.toJson().dump());
        folder.write(at + "run.json", R"({"name": ")" + name + R"(", "state": "finished", "device": "cpu", "seconds": 5,
            "started": "2026-01-0)" + std::to_string(1 + folderCount++)
                                          + R"(T10:00:00", "tags": ["old", "two words"]})");
        EpochReport train, val;
        train.epoch = val.epoch = 1;
        train.split = "train";
        val.split = "val";
        val.best = true;
        val.metrics = {.loss = 1 - meanIou, .meanIou = meanIou};
        folder.write(at + "log.jsonl", train.toJson().dump() + "\n" + val.toJson().dump() + "\n");
    }
    std::string path(const std::string &name) const { return folder.file(".masque/runs/" + name); }
    std::string runs() const { return folder.file(".masque/runs"); }
    TestFolder folder;
    int folderCount = 0;
};

std::vector<std::string> namesOf(const std::vector<RunInfo> &runs)
{
    std::vector<std::string> names;
    for (const auto &run : runs)
        names.push_back(run.name);
    return names;
}

} // namespace

class TestRunIndex : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recordsKeepEverything()
    {
        const KeptRuns kept(1);
        MASQUE_VERIFY(recordTestUse(kept.path("run0"), {.split = "test", .images = 3}));
        auto run = readRun(kept.path("run0"));
        MASQUE_VERIFY(run);
        QCOMPARE(run->tests.size(), std::size_t{1});
        QCOMPARE(run->epochsDone, 1);
        const auto again = fromRecord(toRecord(*run));
        MASQUE_VERIFY(again);
        QCOMPARE(toRecord(*again).dump(), toRecord(*run).dump());
    }

    void onlyWhatChangedIsRead()
    {
        KeptRuns kept(4);
        RunIndex index;
        const auto first = index.list(kept.runs());
        MASQUE_VERIFY(first);
        QCOMPARE(first->size(), std::size_t{4});
        QCOMPARE(index.filesRead(), 4);
        MASQUE_VERIFY(index.list(kept.runs()));
        QCOMPARE(index.filesRead(), 0);
        MASQUE_VERIFY(editRun(kept.path("run2"), {.name = "better"}));
        std::filesystem::remove_all(kept.path("run0"));
        kept.add("new", 0.9);
        const auto changed = index.list(kept.runs());
        MASQUE_VERIFY(changed);
        QCOMPARE(index.filesRead(), 2);
        QCOMPARE(namesOf(listRuns(kept.folder.path())), (std::vector<std::string>{"new", "run3", "better", "run1"}));
        QCOMPARE(toRecord(listRuns(kept.folder.path())[1]).dump(), [&] {
            auto run = readRun(kept.path("run3")).value();
            return toRecord(run).dump();
        }());
    }

    void aRunThatRunsIsLookedAtEachTime()
    {
        KeptRuns kept(1);
        const auto pid = ::fork();
        QVERIFY(pid >= 0);
        if (pid == 0) {
            ::pause();
            ::_exit(0);
        }
        kept.folder.write(".masque/runs/run0/run.json",
                          R"({"name": "run0", "state": "running", "process": )" + std::to_string(pid) + "}");
        QCOMPARE(listRuns(kept.folder.path()).front().state, std::string("running"));
        QVERIFY(!deleteRun(kept.path("run0")));
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        QCOMPARE(listRuns(kept.folder.path()).front().state, std::string("stopped"));
    }

    void damageIsMended_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("not SQLite") << QByteArray("this is no index");
        QTest::newRow("cut off") << QByteArray("SQLite format 3\0\x10\0", 18);
        QTest::newRow("zeros") << QByteArray(8192, '\0');
        QTest::newRow("empty") << QByteArray();
    }
    void damageIsMended()
    {
        QFETCH(QByteArray, content);
        const KeptRuns kept(3);
        QCOMPARE(listRuns(kept.folder.path()).size(), std::size_t{3});
        MASQUE_VERIFY(writeFileAtomically(indexPath(kept.runs()), content.toStdString()));
        QCOMPARE(listRuns(kept.folder.path()).size(), std::size_t{3});
        RunIndex index;
        MASQUE_VERIFY(index.list(kept.runs()));
        QCOMPARE(index.filesRead(), 0); // it was made anew
    }

    void damagedPagesAreMended()
    {
        KeptRuns kept(40);
        QCOMPARE(listRuns(kept.folder.path()).size(), std::size_t{40});
        auto bytes = readFile(indexPath(kept.runs())).value();
        QVERIFY(bytes.size() > 40000);
        for (std::size_t i = 4096; i < bytes.size(); ++i)
            bytes[i] = static_cast<char>(i * 37);
        MASQUE_VERIFY(writeFileAtomically(indexPath(kept.runs()), bytes));
        const auto names = namesOf(listRuns(kept.folder.path()));
        QCOMPARE(names.size(), std::size_t{40});
    }

    void withoutAnIndexTheFilesAreRead()
    {
        const KeptRuns kept(2);
        std::filesystem::create_directory(indexPath(kept.runs())); // as root, permissions stop nobody
        QVERIFY(!RunIndex().list(kept.runs()));
        QCOMPARE(listRuns(kept.folder.path()).size(), std::size_t{2});
    }

    void processesShareIt()
    {
        KeptRuns kept(20);
        constexpr int kProcesses = 4;
        std::vector<pid_t> children;
        for (int p = 0; p < kProcesses; ++p) {
            const auto pid = ::fork();
            QVERIFY(pid >= 0);
            if (pid == 0) {
                int bad = 0;
                for (int i = 0; i < 25; ++i) {
                    const auto name = "run" + std::to_string((5 * p + i) % 20);
                    bad += editRun(kept.path(name), {.notes = std::to_string(p * 100 + i)}) ? 0 : 1;
                    bad += RunIndex().list(kept.runs()).has_value() ? 0 : 1;
                }
                ::_exit(bad > 250 ? 250 : bad);
            }
            children.push_back(pid);
        }
        for (const auto pid : children) {
            int status = 0;
            ::waitpid(pid, &status, 0);
            QCOMPARE(status, 0);
        }
        RunIndex index;
        const auto runs = index.list(kept.runs());
        MASQUE_VERIFY(runs);
        QCOMPARE(runs->size(), std::size_t{20});
        for (const auto &run : *runs)
            QCOMPARE(run.notes, readRun(run.folder)->notes);
    }

    void searches_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("found");
        QTest::newRow("nothing asked") << "" << 5;
        QTest::newRow("word") << "run3" << 1;
        QTest::newRow("words") << "run old" << 5;
        QTest::newRow("model") << "UNET" << 5;
        QTest::newRow("no word") << "run9" << 0;
        QTest::newRow("tag") << "tag:old" << 5;
        QTest::newRow("tag of two words") << "tag:\"two words\"" << 5;
        QTest::newRow("not") << "-run3 -run4" << 3;
        QTest::newRow("state") << "state:finished" << 5;
        QTest::newRow("option") << "loss:dice" << 2;
        QTest::newRow("figure") << "loss<0.75" << 2;
        QTest::newRow("metric") << "metric>0.15" << 3;
        QTest::newRow("metric and more") << "metric>=0.2 metric<0.35 run" << 2;
        QTest::newRow("option's number") << "batch=4" << 5;
        QTest::newRow("model's own option") << "base>8" << 0;
        QTest::newRow("epochs done") << "epochs<2" << 5;
        QTest::newRow("tests") << "tests>0" << 0;
        QTest::newRow("no such key") << "colour:red" << 0;
    }
    void searches()
    {
        QFETCH(QString, text);
        QFETCH(int, found);
        const KeptRuns kept(5);
        const auto query = RunQuery::parse(text.toStdString());
        MASQUE_VERIFY(query);
        const auto runs = listRuns(kept.folder.path());
        QCOMPARE(std::count_if(runs.begin(), runs.end(), [&](const auto &run) { return query->matches(run); }), found);
    }

    void searchesThatAreNone()
    {
        for (const char *text : {"metric>", "metric>much", "tag:\"open"})
            QVERIFY2(!RunQuery::parse(text), text);
    }

    void runsAreEditedAndDeleted()
    {
        const KeptRuns kept(1);
        const auto path = kept.path("run0");
        MASQUE_VERIFY(editRun(path, {.notes = "a\nb", .tags = parseTags(" x, y ,,x")}));
        auto run = readRun(path);
        QCOMPARE(run->tags, (std::vector<std::string>{"x", "y"}));
        QCOMPARE(run->notes, std::string("a\nb"));
        QCOMPARE(run->name, std::string("run0"));
        QVERIFY(!editRun(path, {.name = "  "}));
        QCOMPARE(findRun(kept.folder.path(), "run0").value(), path);
        QVERIFY(!findRun(kept.folder.path(), "run1"));
        QVERIFY(!deleteRun(kept.folder.path()));
        MASQUE_VERIFY(deleteRun(path));
        QVERIFY(!std::filesystem::exists(path));
    }

    void tables()
    {
        const KeptRuns kept(4);
        const auto csv = epochsCsv(readRun(kept.path("run3")).value());
        const auto lines = splitText(csv, '\n');
        QCOMPARE(lines.size(), std::size_t{4}); // the last is empty
        QVERIFY(lines[0].starts_with("epoch,split,loss,"));
        QVERIFY(lines[2].starts_with("1,val,0.7,"));
        QVERIFY(lines[2].ends_with(",1"));
        const auto rows = differingOptions({*readRun(kept.path("run0")), *readRun(kept.path("run3"))});
        QCOMPARE(rows.size(), std::size_t{1});
        QCOMPARE(rows[0].key, std::string("loss"));
        QCOMPARE(rows[0].values, (std::vector<std::string>{"ce", "dice"}));
    }

    void waitingRunsBegin()
    {
        TestFolder folder;
        const auto data = makeDemo(folder, 8);
        RunRequest request{data.dataset, data.summaries, smallOptions()};
        const auto first = queueRun(request);
        MASQUE_VERIFY(first);
        request.options.training.epochs = 1;
        const auto second = queueRun(request);
        MASQUE_VERIFY(second);
        QVERIFY(first->folder != second->folder);
        MASQUE_VERIFY(swapInQueue(*first, *second));
        const auto waiting = waitingRuns(listRuns(data.dataset->root));
        QCOMPARE(waiting.size(), std::size_t{2});
        QCOMPARE(waiting.front().folder, second->folder);
        MASQUE_VERIFY(editRun(second->folder, {.name = "mine"}));
        const auto run =
            executeRun({.dataset = data.dataset, .summaries = data.summaries, .folder = second->folder, .resume = true},
                       kModels, {}, {});
        MASQUE_VERIFY(run);
        QCOMPARE(run->state, std::string("finished"));
        QCOMPARE(run->name, std::string("mine"));
        QCOMPARE(run->epochsDone, 1);
        QCOMPARE(waitingRuns(listRuns(data.dataset->root)).size(), std::size_t{1});

        folder.write(std::filesystem::path(first->folder).lexically_relative(folder.path()).string() + "/options.json",
                     R"({"model": "nonsense"})");
        QVERIFY(
            !executeRun({.dataset = data.dataset, .summaries = data.summaries, .folder = first->folder, .resume = true},
                        kModels, {}, {}));
        QCOMPARE(readRun(first->folder)->state, std::string("failed")); // it does not come up again and again
    }
};

QTEST_GUILESS_MAIN(TestRunIndex)
#include "test_run_index.moc"
