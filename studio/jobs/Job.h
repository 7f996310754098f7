// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QObject>
#include <QString>

#include <functional>
#include <memory>
#include <stop_token>

namespace masque {

/// What a job may do with the world while it works. Used on the worker thread.
class JobControl {
public:
    virtual ~JobControl() = default;
    virtual std::stop_token stopToken() const = 0;
    bool isStopRequested() const { return stopToken().stop_requested(); }
    /// fraction 0..1, or negative if unknown. Cheap: crosses to the GUI at most 25 times a second.
    virtual void report(double fraction, const QString &text = {}) = 0;
};

/// Work that would take over 100 ms: process() on a worker with values only, finish() on the GUI thread.
class Job {
public:
    virtual ~Job() = default;
    virtual QString title() const = 0;                            ///< translated, "Opening portraits"
    virtual Result<void> process(JobControl &) = 0;               ///< worker thread; exceptions become an Error
    virtual void finish(const Result<void> &, bool canceled) = 0; ///< GUI thread; never called after the runner is gone
};

using JobId = quint64;

/// Runs jobs. Destruction requests stop and joins. All calls and signals on the GUI thread.
class JobRunner : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    virtual JobId start(std::unique_ptr<Job>) = 0;
    virtual void cancel(JobId) = 0;
    virtual void cancelAll() = 0;
    virtual bool isRunning(JobId) const = 0;
    virtual int runningCount() const = 0;

Q_SIGNALS:
    void started(masque::JobId id, const QString &title);
    void progressed(masque::JobId id, double fraction, const QString &text);
    void finished(masque::JobId id);
};

/// One thread a job up to maxThreads, the rest waits in order.
std::unique_ptr<JobRunner> makeThreadedJobRunner(int maxThreads = 3);
/// Runs each job within start(); for tests.
std::unique_ptr<JobRunner> makeSynchronousJobRunner();

/// A job from two functions sharing a state: work(control, state) -> Result<void>; done(result, canceled, state).
std::unique_ptr<Job> makeJob(QString title, std::function<Result<void>(JobControl &)> work,
                             std::function<void(const Result<void> &, bool canceled)> done);

} // namespace masque
