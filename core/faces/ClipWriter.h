// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/faces/FrameSource.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace cv {
class VideoWriter;
}

namespace masque {

/// Writes frames into a video file on a thread of its own. The video has 25 frames a second, whatever the frames' times
/// are: a frame stands until the next. It is written beside the file and takes its place when it is whole. Thread-safe.
class ClipWriter {
public:
    /// file: .avi (Motion JPEG) or .mp4 (MPEG-4). Errors: another ending, a folder that cannot be written.
    static Result<std::unique_ptr<ClipWriter>> open(const std::string &file);
    ~ClipWriter(); ///< what was not finished is thrown away
    ClipWriter(const ClipWriter &) = delete;
    ClipWriter &operator=(const ClipWriter &) = delete;

    /// Never waits: a frame is left out where the disk is too slow. One of another size than the first is fitted into
    /// it.
    void add(const VideoFrame &frame);
    /// The seconds that were written. An error if no frame came, or the file could not be written.
    Result<double> finish();

private:
    ClipWriter(std::string file, std::string part, int codec);
    void write(const std::stop_token &stop);
    void put(const VideoFrame &frame);

    const std::string m_file, m_part;
    const int m_codec;
    std::unique_ptr<cv::VideoWriter> m_writer; ///< of the thread, until it has ended
    cv::Size m_size;
    double m_firstS = 0;
    int m_written = 0; ///< frames
    cv::Mat m_last;
    bool m_hasFailed = false;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<VideoFrame> m_waiting;
    std::jthread m_thread; ///< last: it ends before the rest goes
};

} // namespace masque
