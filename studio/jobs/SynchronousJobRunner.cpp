// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/jobs/job_support.h"

#include <map>

namespace masque {

namespace {

class SynchronousJobRunner final : public JobRunner {
public:
    JobId start(std::unique_ptr<Job> job) override
    {
        const JobId id = m_next++;
        const auto stop = m_running.emplace(id, std::stop_source{}).first->second;
        Q_EMIT started(id, job->title());
        Control control(*this, id, stop.get_token());
        const auto result = processGuarded(*job, control);
        m_running.erase(id);
        job->finish(result, stop.stop_requested());
        Q_EMIT finished(id);
        return id;
    }
    void cancel(JobId id) override
    {
        if (const auto it = m_running.find(id); it != m_running.end())
            it->second.request_stop();
    }
    void cancelAll() override
    {
        for (auto &[id, stop] : m_running)
            stop.request_stop();
    }
    bool isRunning(JobId id) const override { return m_running.contains(id); }
    int runningCount() const override { return static_cast<int>(m_running.size()); }

private:
    class Control final : public JobControl {
    public:
        Control(SynchronousJobRunner &runner, JobId id, std::stop_token stop)
            : m_runner(runner), m_id(id), m_stop(std::move(stop))
        {
        }
        std::stop_token stopToken() const override { return m_stop; }
        void report(double fraction, const QString &text) override { Q_EMIT m_runner.progressed(m_id, fraction, text); }

    private:
        SynchronousJobRunner &m_runner;
        JobId m_id;
        std::stop_token m_stop;
    };

    JobId m_next = 1;
    std::map<JobId, std::stop_source> m_running; // more than one when a job starts another in finish or a slot
};

} // namespace

std::unique_ptr<JobRunner> makeSynchronousJobRunner()
{
    return std::make_unique<SynchronousJobRunner>();
}

} // namespace masque
