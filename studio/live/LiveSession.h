// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/faces/LatestFrame.h"
#include "core/faces/LiveRecognizer.h"
#include "studio/jobs/Job.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

namespace masque {

/// What is seen of one moment.
struct LiveMoment {
    VideoFrame frame;            ///< that is shown
    std::vector<LiveFace> faces; ///< of the last frame that was looked at
    VideoFrame lookedAt;         ///< that frame
    double latencyMs = 0;        ///< from the frame's coming to its faces
    double perSecond = 0;        ///< frames looked at
    int tracks = 0;              ///< faces followed since the beginning
};

/// A camera or a video that is recognised in a job while it plays. The window polls what is newest, so that the picture
/// goes on however slow the recognition is.
class LiveSession : public QObject {
    Q_OBJECT
public:
    LiveSession(ModelList models, JobRunner &jobs, QObject *parent = nullptr);
    ~LiveSession() override;

    using OpenSource = std::function<Result<std::unique_ptr<FrameSource>>()>;
    using MakeDetector = std::function<Result<std::unique_ptr<FaceDetector>>()>;
    /// Plays from now on; what was playing ends.
    void start(const std::string &run, OpenSource source, MakeDetector detector);
    void stop();
    void setPaused(bool isPaused);
    void use(const std::string &run); ///< from the next frame on; faces are followed as before
    bool isRunning() const { return m_shared != nullptr; }
    bool isPaused() const { return m_isPaused; }
    const LabelSet &labels() const { return m_labels; } ///< of the run, once it is loaded
    QString detectorName() const { return m_detectorName; }
    const std::string &run() const { return m_run; } ///< whose answers are shown

Q_SIGNALS:
    void started();                             ///< labels() are known
    void moment(const masque::LiveMoment &now); ///< about 30 times a second while something changes
    void stalled(double seconds);               ///< nothing has come for so long
    void ended(const QString &error);           ///< empty: the video is over, or it was stopped

private:
    struct Shared;
    static Result<void> takeNext(Shared &shared, const ModelList &models, LiveRecognizer &recognizer);
    void poll();
    void end(const QString &error);

    const ModelList m_models;
    JobRunner &m_jobs;
    std::shared_ptr<Shared> m_shared;
    JobId m_job = 0;
    QTimer m_timer;
    LabelSet m_labels;
    std::string m_run;
    QString m_detectorName;
    int m_shown = -1; ///< number of the frame
    quint64 m_result = 0;
    bool m_isPaused = false, m_isStarted = false;
};

} // namespace masque
