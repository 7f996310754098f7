// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/live/LiveSession.h"

#include "studio/jobs/job_support.h"

#include <QPointer>

#include <mutex>

namespace masque {

/// Between the job and the window.
struct LiveSession::Shared {
    std::mutex mutex;
    std::shared_ptr<LatestFrame> frames; ///< null until the source is open
    LabelSet labels;
    std::string detector;
    std::string run;     ///< whose network recognises
    std::string next;    ///< the run that is to take its place, if any
    LiveMoment last;     ///< without the shown frame
    quint64 results = 0; ///< counts what was put into last
    std::atomic<bool> isPaused = false;
};

namespace {

constexpr int kPollMs = 33;
constexpr double kStallS = 2;
constexpr int kMostBehind = 4; ///< frames: so near a recognition is waited for, so that boxes lie on their faces
constexpr std::chrono::milliseconds kWait(100);
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace

/// Puts the network of the run that was asked for in the place of the present one.
Result<void> LiveSession::takeNext(Shared &shared, const ModelList &models, LiveRecognizer &recognizer)
{
    std::string run;
    {
        const std::lock_guard lock(shared.mutex);
        run.swap(shared.next);
    }
    if (run.empty())
        return {};
    auto predictor = Predictor::load(run, models);
    if (!predictor)
        return predictor.error();
    recognizer.setPredictor(std::move(*predictor));
    const std::lock_guard lock(shared.mutex);
    shared.labels = recognizer.labels();
    shared.run = run;
    return {};
}

LiveSession::LiveSession(ModelList models, JobRunner &jobs, QObject *parent)
    : QObject(parent), m_models(std::move(models)), m_jobs(jobs)
{
    m_timer.setInterval(kPollMs);
    connect(&m_timer, &QTimer::timeout, this, &LiveSession::poll);
}

LiveSession::~LiveSession()
{
    m_jobs.cancel(m_job);
}

void LiveSession::start(const std::string &run, OpenSource openSource, MakeDetector makeDetector)
{
    stop();
    const auto shared = std::make_shared<Shared>();
    m_shared = shared;
    m_isPaused = m_isStarted = false;
    m_shown = -1;
    m_result = 0;
    m_job = m_jobs.start(makeJob(
        {},
        [shared, run, models = m_models, openSource = std::move(openSource),
         makeDetector = std::move(makeDetector)](JobControl &control) -> Result<void> {
            stepBehindGui();
            auto predictor = Predictor::load(run, models);
            if (!predictor)
                return predictor.error();
            auto detector = makeDetector();
            if (!detector)
                return detector.error();
            auto source = openSource();
            if (!source)
                return source.error();
            LiveRecognizer recognizer(std::move(*predictor), std::move(*detector));
            const auto frames = std::make_shared<LatestFrame>(std::move(*source));
            {
                const std::lock_guard lock(shared->mutex);
                shared->labels = recognizer.labels();
                shared->detector = recognizer.detector().name();
                shared->run = run;
                shared->frames = frames;
            }
            int number = -1;
            double perSecond = 0;
            auto before = Clock::now();
            while (!control.isStopRequested()) {
                auto frame = frames->newerThan(number, kWait);
                if (!frame) {
                    if (frames->isOver())
                        break;
                    continue;
                }
                number = frame->number;
                if (auto taken = takeNext(*shared, models, recognizer); !taken)
                    return taken;
                if (shared->isPaused)
                    continue;
                const auto begun = Clock::now();
                auto faces = recognizer.process(*frame);
                if (!faces)
                    return faces.error();
                const double rate = 1 / std::max(since(before), 1e-3);
                before = Clock::now();
                perSecond += (perSecond > 0 ? 0.1 : 1) * (rate - perSecond);
                const std::lock_guard lock(shared->mutex);
                shared->last = {{},        std::move(*faces),      std::move(*frame), since(begun) * 1000,
                                perSecond, recognizer.trackCount()};
                ++shared->results;
            }
            const std::string error = frames->error();
            return error.empty() ? Result<void>() : Error{ErrorCode::Io, error, {}};
        },
        [self = QPointer(this), shared](const Result<void> &result, bool) {
            if (self && self->m_shared == shared) {
                self->poll(); // the last moment
                self->end(result ? QString() : QString::fromStdString(result.error().message));
            }
        }));
    m_timer.start();
}

void LiveSession::end(const QString &error)
{
    m_timer.stop();
    m_shared.reset();
    m_job = 0;
    m_isPaused = false;
    Q_EMIT ended(error);
}

void LiveSession::stop()
{
    if (!m_shared)
        return;
    m_jobs.cancel(m_job);
    end({});
}

void LiveSession::setPaused(bool isPaused)
{
    if (!m_shared)
        return;
    m_isPaused = isPaused;
    m_shared->isPaused = isPaused;
    const std::lock_guard lock(m_shared->mutex);
    if (m_shared->frames)
        m_shared->frames->setPaused(isPaused);
}

void LiveSession::use(const std::string &run)
{
    if (!m_shared)
        return;
    const std::lock_guard lock(m_shared->mutex);
    m_shared->next = run;
}

void LiveSession::poll()
{
    const auto shared = m_shared; // a listener may stop it
    std::shared_ptr<LatestFrame> frames;
    LiveMoment now;
    quint64 results = 0;
    {
        const std::lock_guard lock(shared->mutex);
        frames = shared->frames;
        if (!frames)
            return;
        m_labels = shared->labels;
        m_detectorName = QString::fromStdString(shared->detector);
        m_run = shared->run;
        now = shared->last;
        results = shared->results;
    }
    if (!m_isStarted) {
        m_isStarted = true;
        Q_EMIT started();
    }
    if (m_isPaused)
        return;
    auto newest = frames->newerThan(m_shown, {});
    const bool keepsUp = newest && results > 0 && newest->number - now.lookedAt.number <= kMostBehind;
    if (keepsUp && results == m_result)
        return; // its faces will be there in a moment
    if (newest && !keepsUp) {
        now.frame = std::move(*newest);
    } else if (results == m_result) {
        if (const double silent = frames->silentS(); silent > kStallS && !frames->isOver())
            Q_EMIT stalled(silent);
        return;
    } else {
        now.frame = now.lookedAt;
    }
    m_shown = std::max(m_shown, now.frame.number);
    m_result = results;
    Q_EMIT moment(now);
}

} // namespace masque
