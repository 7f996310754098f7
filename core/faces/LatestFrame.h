// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/faces/FrameSource.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace masque {

/// Reads a source on a thread of its own and keeps the newest frame only, so that nobody who is slower than the video
/// makes it wait: what is not taken in time is dropped, never queued. A file plays at its own pace. Thread-safe.
class LatestFrame {
public:
    explicit LatestFrame(std::unique_ptr<FrameSource> source);
    ~LatestFrame(); ///< waits for the frame that is being read
    LatestFrame(const LatestFrame &) = delete;
    LatestFrame &operator=(const LatestFrame &) = delete;

    /// A frame newer than that number, waited for so long; nothing if none came.
    std::optional<VideoFrame> newerThan(int number, std::chrono::milliseconds most);
    bool isOver() const;           ///< no frame will follow
    std::string error() const;     ///< why it is over; empty at a video's end
    double silentS() const;        ///< since the last frame came
    void setPaused(bool isPaused); ///< a file stands still; a camera's frames are passed over

private:
    void read(const std::stop_token &stop);

    using Clock = std::chrono::steady_clock;
    std::unique_ptr<FrameSource> m_source;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::optional<VideoFrame> m_newest;
    Clock::time_point m_cameAt = Clock::now();
    std::string m_error;
    bool m_isOver = false, m_isPaused = false;
    std::jthread m_thread; ///< last: it ends before the rest goes
};

} // namespace masque
