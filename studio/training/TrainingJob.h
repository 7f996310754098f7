// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/inference/TrainingWatcher.h"
#include "core/runs/Corrections.h"
#include "core/runs/run.h"

#include <QObject>
#include <QStringList>
#include <QTimer>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace masque {

/// What has come from the training thread since the last time.
struct TrainingNews {
    std::optional<RunStart> start;
    std::vector<StepReport> steps;
    std::vector<EpochReport> epochs;
    std::vector<Finding> findings;
    QStringList messages;
    std::optional<WatchFrame> frame; ///< the latest
    bool isEmpty() const
    {
        return !start && steps.empty() && epochs.empty() && findings.empty() && messages.isEmpty() && !frame;
    }
};

/// One training on a thread of its own (train() lowers its priority). The worker appends to a locked buffer and posts
/// one wake-up; the GUI thread drains it at most 25 times a second. Destruction stops and joins.
class TrainingJob : public QObject {
    Q_OBJECT
public:
    explicit TrainingJob(QObject *parent = nullptr);
    ~TrainingJob() override;

    /// Starts; nothing happens while one runs. A dataset that is not indexed yet is indexed first.
    void start(RunRequest request, const ModelList &models);
    /// The image that is before the person: predicted with the others while it trains. Shared; empty: none.
    void setCurrent(const QString &name, const cv::Mat &image, const Annotation &annotation);
    void correct(const QString &image, Annotation annotation); ///< it joins what is trained at the next epoch
    void stop();                                               ///< asks; finished follows
    bool isRunning() const { return m_thread.joinable(); }
    bool isStopping() const;
    /// Asks and waits; true if nothing runs afterwards. finished still follows.
    bool stopAndWait(int ms);

Q_SIGNALS:
    void news(const masque::TrainingNews &news);
    void finished(const masque::Result<masque::RunInfo> &result);

private:
    void run(RunRequest request, const ModelList &models, std::stop_token stop);
    template <typename Append>
    void post(Append append);
    void drain();
    void end();

    QTimer m_pace;
    mutable std::mutex m_mutex; ///< guards the buffer below
    std::condition_variable m_ended;
    TrainingNews m_news;
    std::shared_ptr<TrainingWatcher> m_watcher; ///< it stays, as the image in it does
    std::shared_ptr<CorrectionQueue> m_corrections;
    std::optional<Result<RunInfo>> m_result;
    std::jthread m_thread; ///< last: joined before the buffer goes
};

} // namespace masque
