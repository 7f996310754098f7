// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/faces/FrameSource.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

namespace masque {

namespace {

/// Empty frames in a row after which a camera is taken for gone.
constexpr int kMostEmptyFrames = 50;

/// As CV_8UC3 RGB; empty if it is no picture.
cv::Mat asRgb(const cv::Mat &frame)
{
    cv::Mat rgb;
    if (frame.empty() || frame.depth() != CV_8U)
        return rgb;
    switch (frame.channels()) {
    case 1: cv::cvtColor(frame, rgb, cv::COLOR_GRAY2RGB); break;
    case 3: cv::cvtColor(frame, rgb, cv::COLOR_BGR2RGB); break;
    case 4: cv::cvtColor(frame, rgb, cv::COLOR_BGRA2RGB); break;
    default: break;
    }
    return rgb;
}

class Capture : public FrameSource {
public:
    Capture(cv::VideoCapture capture, std::string name, bool isCamera)
        : m_capture(std::move(capture)), m_name(std::move(name)), m_isCamera(isCamera)
    {
        const double fps = m_capture.get(cv::CAP_PROP_FPS);
        m_frameS = std::isfinite(fps) && fps >= 1 && fps <= 1000 ? 1 / fps : 1.0 / 25;
    }
    bool isLive() const override { return m_isCamera; }

    Result<std::optional<VideoFrame>> next() override
    try {
        cv::Mat frame;
        for (int empty = 0; empty < kMostEmptyFrames; ++empty) {
            if (!m_capture.read(frame)) {
                if (!m_isCamera)
                    return std::optional<VideoFrame>();
                continue;
            }
            cv::Mat rgb = asRgb(frame);
            const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - m_opened).count();
            // Frames of a file are as far apart as its rate says: the times that containers tell are often wrong.
            const double time = m_isCamera ? elapsed : m_read++ * m_frameS;
            if (!rgb.empty())
                return std::optional(VideoFrame{std::move(rgb), time, m_count++});
        }
        return Error{ErrorCode::Io, m_name + ": gives no more pictures", m_name};
    } catch (const cv::Exception &) {
        return Error{ErrorCode::Io, m_name + ": a picture could not be read", m_name};
    }

private:
    cv::VideoCapture m_capture;
    const std::string m_name;
    const bool m_isCamera;
    const std::chrono::steady_clock::time_point m_opened = std::chrono::steady_clock::now();
    double m_frameS = 0.04;
    int m_count = 0, m_read = 0;
};

} // namespace

Result<std::unique_ptr<FrameSource>> openFrameSource(const std::string &source)
{
    const bool isCamera = !source.empty() && source.size() <= 2
                          && std::ranges::all_of(source, [](char c) { return c >= '0' && c <= '9'; });
    const std::string name = isCamera ? "camera " + source : source;
    std::error_code ignored;
    if (!isCamera && !std::filesystem::is_regular_file(source, ignored))
        return Error{ErrorCode::Io, source + ": there is no such video file", source};
    try {
        cv::VideoCapture capture;
        if (!(isCamera ? capture.open(std::stoi(source)) : capture.open(source)))
            return isCamera ? Error{ErrorCode::Io, name + ": is not there, or another program uses it", source}
                            : Error{ErrorCode::Format, name + ": is no video that can be read", source};
        std::unique_ptr<FrameSource> opened = std::make_unique<Capture>(std::move(capture), name, isCamera);
        return opened;
    } catch (const std::exception &) {
        return Error{ErrorCode::Io, name + ": cannot be opened", source};
    }
}

} // namespace masque
