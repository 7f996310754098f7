// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
    bool isEmpty() const
    {
        return !start && steps.empty() && epochs.empty() && findings.empty() && messages.isEmpty();
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
    void stop(); ///< asks; finished follows
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
    std::optional<Result<RunInfo>> m_result;
    std::jthread m_thread; ///< last: joined before the buffer goes
};

} // namespace masque
