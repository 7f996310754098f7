// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/jobs/job_support.h"

#include <QTimer>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace masque {

namespace {

constexpr int kReportIntervalMs = 40;

class ThreadedJobRunner final : public JobRunner {
public:
    explicit ThreadedJobRunner(int maxThreads) : m_maxThreads(std::max(1, maxThreads))
    {
        m_pace.setSingleShot(true);
        m_pace.setInterval(kReportIntervalMs);
        connect(&m_pace, &QTimer::timeout, this, &ThreadedJobRunner::drain);
    }

    ~ThreadedJobRunner() override
    {
        for (auto &[id, task] : m_tasks)
            task->stop.request_stop();
        m_tasks.clear(); // joins; wake-ups that are still queued go with this object
    }

    JobId start(std::unique_ptr<Job> job) override
    {
        const JobId id = m_next++;
        auto task = std::make_unique<Task>();
        task->job = std::move(job);
        m_tasks.emplace(id, std::move(task));
        m_waiting.push_back(id);
        launchWaiting();
        return id;
    }

    void cancel(JobId id) override
    {
        const auto it = m_tasks.find(id);
        if (it == m_tasks.end())
            return;
        it->second->stop.request_stop();
        if (std::erase(m_waiting, id) > 0) // never began: ends the same way, later, as a job that ran
            postDone(id);
    }

    void cancelAll() override
    {
        std::vector<JobId> ids;
        for (const auto &[id, task] : m_tasks)
            ids.push_back(id);
        for (const JobId id : ids)
            cancel(id);
    }

    bool isRunning(JobId id) const override { return m_tasks.contains(id); }
    int runningCount() const override { return static_cast<int>(m_tasks.size()); }

private:
    struct Task {
        std::unique_ptr<Job> job;
        std::stop_source stop;
        Result<void> result; ///< written by the worker, read after the join
        std::jthread thread; ///< last: joined before the rest goes
    };

    class Control final : public JobControl {
    public:
        Control(ThreadedJobRunner &runner, JobId id, std::stop_token stop)
            : m_runner(runner), m_id(id), m_stop(std::move(stop))
        {
        }
        std::stop_token stopToken() const override { return m_stop; }
        void report(double fraction, const QString &text) override { m_runner.postProgress(m_id, fraction, text); }

    private:
        ThreadedJobRunner &m_runner;
        JobId m_id;
        std::stop_token m_stop;
    };

    struct Progress {
        double fraction = 0;
        QString text;
    };

    void launchWaiting()
    {
        while (m_active < m_maxThreads && !m_waiting.empty()) {
            const JobId id = m_waiting.front();
            m_waiting.pop_front();
            ++m_active;
            Task &task = *m_tasks.at(id);
            task.thread = std::jthread([this, id, &task] {
                Control control(*this, id, task.stop.get_token());
                task.result = processGuarded(*task.job, control);
                postDone(id);
            });
            Q_EMIT started(id, task.job->title());
        }
    }

    // Worker threads: append to the locked buffer; the first one in posts the wake-up.
    void postProgress(JobId id, double fraction, const QString &text)
    {
        const std::lock_guard lock(m_mutex);
        const bool isFirst = m_progress.empty();
        m_progress[id] = {fraction, text};
        if (isFirst)
            wake();
    }
    void postDone(JobId id)
    {
        const std::lock_guard lock(m_mutex);
        m_done.push_back(id);
        if (m_done.size() == 1)
            wake();
    }
    void wake()
    {
        QMetaObject::invokeMethod(
            this, [this] { drain(); }, Qt::QueuedConnection);
    }

    // GUI thread: ends at once, progress at the pace of the timer.
    void drain()
    {
        std::vector<JobId> done;
        std::map<JobId, Progress> progress;
        {
            const std::lock_guard lock(m_mutex);
            done.swap(m_done);
            if (!m_pace.isActive())
                progress.swap(m_progress);
        }
        if (!progress.empty())
            m_pace.start();
        for (const auto &[id, p] : progress) {
            if (isRunning(id))
                Q_EMIT progressed(id, p.fraction, p.text);
        }
        for (const JobId id : done)
            end(id);
    }

    void end(JobId id)
    {
        const auto node = m_tasks.extract(id);
        if (node.empty())
            return;
        Task &task = *node.mapped();
        if (task.thread.joinable()) {
            task.thread.join();
            --m_active;
        }
        launchWaiting();
        task.job->finish(task.result, task.stop.stop_requested());
        Q_EMIT finished(id);
    }

    const int m_maxThreads;
    JobId m_next = 1;
    int m_active = 0;
    std::deque<JobId> m_waiting;
    QTimer m_pace;

    std::mutex m_mutex; ///< guards the two below
    std::map<JobId, Progress> m_progress;
    std::vector<JobId> m_done;

    std::map<JobId, std::unique_ptr<Task>> m_tasks; ///< last: joined before the buffer goes
};

} // namespace

std::unique_ptr<JobRunner> makeThreadedJobRunner(int maxThreads)
{
    return std::make_unique<ThreadedJobRunner>(maxThreads);
}

} // namespace masque
