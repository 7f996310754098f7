// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/jobs/Job.h"
#include "tests/support/support.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QThread>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

using namespace masque;

namespace {

/// Lets a test hold a worker until it says so.
class Gate {
public:
    void open()
    {
        const std::lock_guard lock(m_mutex);
        m_isOpen = true;
        m_changed.notify_all();
    }
    void pass(std::stop_token stop)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, stop, [this] { return m_isOpen; });
    }

private:
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_isOpen = false;
};

} // namespace

class TestJobs : public QObject {
    Q_OBJECT

    static std::unique_ptr<JobRunner> makeRunner()
    {
        QFETCH_GLOBAL(bool, threaded);
        return threaded ? makeThreadedJobRunner(2) : makeSynchronousJobRunner();
    }
    static bool isThreaded()
    {
        QFETCH_GLOBAL(bool, threaded);
        return threaded;
    }

private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<bool>("threaded");
        QTest::newRow("threaded") << true;
        QTest::newRow("synchronous") << false;
    }

    void worksThenFinishesOnTheCallersThread()
    {
        const auto runner = makeRunner();
        QSignalSpy started(runner.get(), &JobRunner::started), finished(runner.get(), &JobRunner::finished);
        QStringList order;
        QThread *worker = nullptr, *end = nullptr;
        const JobId id = runner->start(makeJob(
            QStringLiteral("Counting"),
            [&](JobControl &) -> Result<void> {
                worker = QThread::currentThread();
                order.append(QStringLiteral("work"));
                return {};
            },
            [&](const Result<void> &result, bool canceled) {
                end = QThread::currentThread();
                order.append(result && !canceled ? QStringLiteral("done") : QStringLiteral("wrong"));
            }));
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(order, QStringList({QStringLiteral("work"), QStringLiteral("done")}));
        QCOMPARE(end, QThread::currentThread());
        QCOMPARE(worker != QThread::currentThread(), isThreaded());
        QCOMPARE(started.count(), 1);
        QCOMPARE(started[0][0].value<JobId>(), id);
        QCOMPARE(started[0][1].toString(), QStringLiteral("Counting"));
        QVERIFY(!runner->isRunning(id));
        QCOMPARE(runner->runningCount(), 0);
    }

    void exceptionsAndErrorsArrive_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("code");
        QTest::newRow("error") << 0 << static_cast<int>(ErrorCode::Data);
        QTest::newRow("exception") << 1 << static_cast<int>(ErrorCode::Internal);
        QTest::newRow("memory") << 2 << static_cast<int>(ErrorCode::Memory);
        QTest::newRow("unknown") << 3 << static_cast<int>(ErrorCode::Internal);
    }
    void exceptionsAndErrorsArrive()
    {
        QFETCH(int, kind);
        QFETCH(int, code);
        const auto runner = makeRunner();
        std::optional<Error> error;
        runner->start(makeJob(
            QStringLiteral("Failing"),
            [kind](JobControl &) -> Result<void> {
                switch (kind) {
                case 1: throw std::runtime_error("disk on fire");
                case 2: throw std::bad_alloc();
                case 3: throw 42;
                default: return Error{ErrorCode::Data, "a.json: no shapes"};
                }
            },
            [&](const Result<void> &result, bool) {
                if (!result)
                    error = result.error();
            }));
        QTRY_VERIFY(error.has_value());
        QCOMPARE(static_cast<int>(error->code), code);
        QVERIFY(!error->message.empty());
        if (kind == 1)
            QVERIFY(error->message.find("disk on fire") != std::string::npos);
    }

    void progressArrivesInOrderAndTheLastCounts()
    {
        const auto runner = makeRunner();
        QSignalSpy progressed(runner.get(), &JobRunner::progressed);
        Gate gate;
        bool done = false;
        runner->start(makeJob(
            QStringLiteral("Reporting"),
            [&](JobControl &control) -> Result<void> {
                for (int i = 0; i <= 10000; ++i)
                    control.report(i / 10000.0, QString::number(i));
                if (isThreaded())
                    gate.pass(control.stopToken());
                return {};
            },
            [&](const Result<void> &, bool) { done = true; }));
        QTRY_VERIFY(!progressed.isEmpty() && progressed.back()[2].toString() == QStringLiteral("10000"));
        gate.open();
        QTRY_VERIFY(done);
        double last = -1;
        for (const auto &arguments : progressed) {
            QVERIFY(arguments[1].toDouble() >= last);
            last = arguments[1].toDouble();
        }
        QCOMPARE(last, 1.0);
    }

    void cancelIsSeenAndTold()
    {
        const auto runner = makeRunner();
        bool wasCanceled = false, wasSeen = false;
        connect(runner.get(), &JobRunner::progressed, this, [&](JobId id) { runner->cancel(id); });
        runner->start(makeJob(
            QStringLiteral("Long"),
            [&](JobControl &control) -> Result<void> {
                control.report(0);
                Gate never;
                if (isThreaded())
                    never.pass(control.stopToken());
                wasSeen = control.isStopRequested();
                return {};
            },
            [&](const Result<void> &, bool canceled) { wasCanceled = canceled; }));
        QTRY_VERIFY(wasCanceled);
        QVERIFY(wasSeen);
    }

    void aJobMayStartAnother()
    {
        const auto runner = makeRunner();
        bool second = false;
        runner->start(makeJob(
            QStringLiteral("First"), [](JobControl &) { return Result<void>(); },
            [&](const Result<void> &, bool) {
                runner->start(makeJob(
                    QStringLiteral("Second"), [](JobControl &) { return Result<void>(); },
                    [&](const Result<void> &, bool) { second = true; }));
            }));
        QTRY_VERIFY(second);
    }

    void progressIsThrottled()
    {
        if (!isThreaded())
            QSKIP("the synchronous runner reports as it works");
        const auto runner = makeRunner();
        QSignalSpy progressed(runner.get(), &JobRunner::progressed);
        bool done = false;
        runner->start(makeJob(
            QStringLiteral("Busy"),
            [](JobControl &control) -> Result<void> {
                QElapsedTimer clock;
                for (clock.start(); clock.elapsed() < 400;)
                    control.report(static_cast<double>(clock.elapsed()) / 400);
                return {};
            },
            [&](const Result<void> &, bool) { done = true; }));
        QTRY_VERIFY(done);
        QVERIFY2(progressed.count() <= 12, qPrintable(QString::number(progressed.count())));
        QVERIFY(progressed.count() >= 2);
    }

    void waitingJobsRunInOrderAndCanBeCanceled()
    {
        if (!isThreaded())
            QSKIP("nothing waits in the synchronous runner");
        const auto runner = makeThreadedJobRunner(1);
        Gate gate;
        QStringList ends;
        const auto job = [&](const QString &name) {
            return makeJob(
                name,
                [&](JobControl &control) -> Result<void> {
                    gate.pass(control.stopToken());
                    return {};
                },
                [&ends, name](const Result<void> &, bool canceled) {
                    ends.append(canceled ? name + QStringLiteral(" canceled") : name);
                });
        };
        runner->start(job(QStringLiteral("1")));
        const JobId second = runner->start(job(QStringLiteral("2")));
        runner->start(job(QStringLiteral("3")));
        QCOMPARE(runner->runningCount(), 3);
        runner->cancel(second);
        QTRY_COMPARE(ends, QStringList{QStringLiteral("2 canceled")});
        gate.open();
        QTRY_COMPARE(ends.size(), 3);
        QCOMPARE(ends.mid(1), QStringList({QStringLiteral("1"), QStringLiteral("3")}));
    }

    void destructionStopsJoinsAndDeliversNothing()
    {
        if (!isThreaded())
            QSKIP("nothing is under way outside start()");
        std::atomic<bool> hasBegun = false, hasEnded = false;
        bool delivered = false;
        {
            const auto runner = makeRunner();
            runner->start(makeJob(
                QStringLiteral("Endless"),
                [&](JobControl &control) -> Result<void> {
                    hasBegun = true;
                    Gate never;
                    never.pass(control.stopToken());
                    hasEnded = true;
                    return {};
                },
                [&](const Result<void> &, bool) { delivered = true; }));
            QTRY_VERIFY(hasBegun);
        }
        QVERIFY(hasEnded);
        QTest::qWait(0); // whatever was queued would arrive now
        QVERIFY(!delivered);
    }
};

QTEST_GUILESS_MAIN(TestJobs)
#include "test_jobs.moc"
