// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/jobs/job_support.h"

#include <exception>
#include <new>

#ifdef __linux__
#include <sys/resource.h>
#endif

namespace masque {

Result<void> processGuarded(Job &job, JobControl &control)
{
    try {
        return job.process(control);
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::Memory, job.title().toStdString() + ": not enough memory"};
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, job.title().toStdString() + ": " + e.what()};
    } catch (...) {
        return Error{ErrorCode::Internal, job.title().toStdString() + ": an unknown exception"};
    }
}

void stepBehindGui()
{
#ifdef __linux__
    setpriority(PRIO_PROCESS, 0, 10); // on Linux this is the calling thread alone
#endif
}

namespace {

class FunctionJob final : public Job {
public:
    FunctionJob(QString title, std::function<Result<void>(JobControl &)> work,
                std::function<void(const Result<void> &, bool)> done)
        : m_title(std::move(title)), m_work(std::move(work)), m_done(std::move(done))
    {
    }
    QString title() const override { return m_title; }
    Result<void> process(JobControl &control) override { return m_work(control); }
    void finish(const Result<void> &result, bool canceled) override
    {
        if (m_done)
            m_done(result, canceled);
    }

private:
    QString m_title;
    std::function<Result<void>(JobControl &)> m_work;
    std::function<void(const Result<void> &, bool)> m_done;
};

} // namespace

std::unique_ptr<Job> makeJob(QString title, std::function<Result<void>(JobControl &)> work,
                             std::function<void(const Result<void> &, bool canceled)> done)
{
    return std::make_unique<FunctionJob>(std::move(title), std::move(work), std::move(done));
}

} // namespace masque
