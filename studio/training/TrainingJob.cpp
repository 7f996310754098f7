// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/TrainingJob.h"

#include <algorithm>
#include <chrono>
#include <exception>

namespace masque {

namespace {

constexpr int kDrainIntervalMs = 40;

} // namespace

TrainingJob::TrainingJob(QObject *parent) : QObject(parent)
{
    m_watcher = std::make_shared<TrainingWatcher>(
        [this](WatchFrame frame) { post([&](TrainingNews &news) { news.frame = std::move(frame); }); });
    m_pace.setSingleShot(true);
    m_pace.setInterval(kDrainIntervalMs);
    connect(&m_pace, &QTimer::timeout, this, &TrainingJob::drain);
}

TrainingJob::~TrainingJob()
{
    m_thread.request_stop();
    if (m_thread.joinable())
        m_thread.join();
}

void TrainingJob::start(RunRequest request, const ModelList &models)
{
    if (isRunning())
        return;
    m_news = {};
    m_result.reset();
    m_corrections = std::make_shared<CorrectionQueue>();
    request.corrections = m_corrections;
    m_thread = std::jthread([this, request = std::move(request), models](std::stop_token stop) mutable {
        run(std::move(request), models, stop);
    });
}

void TrainingJob::setCurrent(const QString &name, const cv::Mat &image, const Annotation &annotation)
{
    m_watcher->setCurrent(name.toStdString(), image, annotation);
}

void TrainingJob::correct(const QString &image, Annotation annotation)
{
    if (isRunning())
        m_corrections->push(image.toStdString(), std::move(annotation));
}

void TrainingJob::stop()
{
    m_thread.request_stop();
}

bool TrainingJob::isStopping() const
{
    return isRunning() && m_thread.get_stop_token().stop_requested();
}

bool TrainingJob::stopAndWait(int ms)
{
    if (!isRunning())
        return true;
    stop();
    std::unique_lock lock(m_mutex);
    return m_ended.wait_for(lock, std::chrono::milliseconds(ms), [this] { return m_result.has_value(); });
}

void TrainingJob::run(RunRequest request, const ModelList &models, std::stop_token stop)
{
    RunSink sink;
    sink.start = [this, &request](const RunStart &start) {
        m_watcher->begin(*request.dataset, start.run, start.split);
        post([&](TrainingNews &news) { news.start = start; });
    };
    sink.watch = [this](const std::shared_ptr<Network> &network, const WatchMoment &moment) {
        m_watcher->look(network, moment);
    };
    sink.step = [this](const StepReport &step) { post([&](TrainingNews &news) { news.steps.push_back(step); }); };
    sink.epoch = [this](const EpochReport &epoch) { post([&](TrainingNews &news) { news.epochs.push_back(epoch); }); };
    sink.finding = [this](const Finding &finding) {
        post([&](TrainingNews &news) { news.findings.push_back(finding); });
    };
    sink.message = [this](const std::string &text) {
        post([&](TrainingNews &news) { news.messages.append(QString::fromStdString(text)); });
    };
    Result<RunInfo> result = Error{};
    try {
        const bool isIndexed = request.summaries.size() == request.dataset->items.size()
                               && std::none_of(request.summaries.begin(), request.summaries.end(),
                                               [](const auto &s) { return s.status == ItemStatus::Unknown; });
        if (!isIndexed) {
            auto indexed = indexDataset(*request.dataset, stop);
            request.dataset = std::make_shared<const Dataset>(std::move(indexed.dataset));
            request.summaries = std::move(indexed.summaries);
        }
        result = executeRun(request, models, stop, sink);
    } catch (const std::exception &e) {
        result = Error{ErrorCode::Internal, std::string("training failed: ") + e.what()};
    }
    {
        const std::lock_guard lock(m_mutex);
        m_result = std::move(result);
    }
    m_ended.notify_all();
    QMetaObject::invokeMethod(
        this, [this] { end(); }, Qt::QueuedConnection);
}

template <typename Append>
void TrainingJob::post(Append append)
{
    const std::lock_guard lock(m_mutex);
    const bool isFirst = m_news.isEmpty();
    append(m_news);
    if (isFirst)
        QMetaObject::invokeMethod(
            this, [this] { drain(); }, Qt::QueuedConnection);
}

void TrainingJob::drain()
{
    if (m_pace.isActive())
        return; // its end drains
    TrainingNews taken;
    {
        const std::lock_guard lock(m_mutex);
        std::swap(taken, m_news);
    }
    if (taken.isEmpty())
        return;
    m_pace.start();
    Q_EMIT news(taken);
}

void TrainingJob::end()
{
    m_thread.join();
    m_pace.stop();
    drain();
    const auto result = std::move(*m_result);
    m_result.reset();
    Q_EMIT finished(result);
}

} // namespace masque
