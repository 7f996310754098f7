// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <opencv2/core.hpp>

#include <memory>
#include <optional>
#include <string>

namespace masque {

struct VideoFrame {
    cv::Mat rgb;      ///< CV_8UC3; its size may change from frame to frame
    double timeS = 0; ///< since the video's beginning, or since the camera was opened; does not fall
    int number = 0;   ///< from 0
};

/// A camera or a video file. One thread reads at a time.
class FrameSource {
public:
    virtual ~FrameSource() = default;
    virtual bool isLive() const = 0; ///< a camera: it does not wait for its reader
    /// The next frame, waited for; nothing when the video ends. An error if it cannot go on (a camera that is gone).
    virtual Result<std::optional<VideoFrame>> next() = 0;
};

/// source: a camera's number from 0, or a video file. Frames that cannot be decoded are left out. Errors name the
/// source: it is not there, is no video, or the camera is in use.
Result<std::unique_ptr<FrameSource>> openFrameSource(const std::string &source);

} // namespace masque
