// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/faces/ClipWriter.h"

#include "core/base/text.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr double kPerSecond = 25;
constexpr std::size_t kMostWaiting = 50;
constexpr double kLongestGapS = 10; ///< what stood longer is cut short

/// The frame as large as may be within size, on black.
cv::Mat fitted(const cv::Mat &bgr, cv::Size size)
{
    if (bgr.size() == size)
        return bgr;
    const double scale = std::min(double(size.width) / bgr.cols, double(size.height) / bgr.rows);
    const cv::Size inner(std::clamp(static_cast<int>(std::lround(bgr.cols * scale)), 1, size.width),
                         std::clamp(static_cast<int>(std::lround(bgr.rows * scale)), 1, size.height));
    cv::Mat out = cv::Mat::zeros(size, CV_8UC3);
    cv::resize(
        bgr, out(cv::Rect((size.width - inner.width) / 2, (size.height - inner.height) / 2, inner.width, inner.height)),
        inner, 0, 0, cv::INTER_AREA);
    return out;
}

} // namespace

Result<std::unique_ptr<ClipWriter>> ClipWriter::open(const std::string &file)
{
    const std::string ending = toLowerAscii(fs::path(file).extension().string());
    if (ending != ".avi" && ending != ".mp4")
        return Error{ErrorCode::Option, file + ": a clip is an .avi or an .mp4 file", file};
    const std::string part =
        (fs::path(file).parent_path() / ("." + fs::path(file).stem().string() + ".part" + ending)).string();
    std::error_code failure;
    if (!fs::is_directory(fs::absolute(file, failure).parent_path(), failure))
        return Error{ErrorCode::Io, file + ": there is no such folder", file};
    const int codec =
        ending == ".avi" ? cv::VideoWriter::fourcc('M', 'J', 'P', 'G') : cv::VideoWriter::fourcc('m', 'p', '4', 'v');
    return std::unique_ptr<ClipWriter>(new ClipWriter(file, part, codec));
}

ClipWriter::ClipWriter(std::string file, std::string part, int codec)
    : m_file(std::move(file)), m_part(std::move(part)), m_codec(codec), m_writer(std::make_unique<cv::VideoWriter>()),
      m_thread([this](const std::stop_token &stop) { write(stop); })
{
}

ClipWriter::~ClipWriter()
{
    m_thread.request_stop();
    if (m_thread.joinable())
        m_thread.join();
    m_writer->release();
    std::error_code ignored;
    fs::remove(m_part, ignored);
}

void ClipWriter::add(const VideoFrame &frame)
{
    const std::lock_guard lock(m_mutex);
    if (m_waiting.size() < kMostWaiting)
        m_waiting.push_back(frame);
    m_changed.notify_one();
}

/// Until it is asked to stop; what waits then is written, too.
void ClipWriter::write(const std::stop_token &stop)
{
    for (;;) {
        VideoFrame frame;
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, stop, [this] { return !m_waiting.empty(); });
            if (m_waiting.empty())
                return;
            frame = std::move(m_waiting.front());
            m_waiting.pop_front();
        }
        try {
            put(frame);
        } catch (const cv::Exception &) {
            m_hasFailed = true;
        }
    }
}

void ClipWriter::put(const VideoFrame &frame)
{
    if (frame.rgb.empty() || m_hasFailed)
        return;
    cv::Mat bgr;
    cv::cvtColor(frame.rgb, bgr, cv::COLOR_RGB2BGR);
    if (m_size.empty()) {
        m_size = {bgr.cols & ~1, bgr.rows & ~1}; // MPEG-4 wants even sides
        m_firstS = frame.timeS;
        m_hasFailed = m_size.empty() || !m_writer->open(m_part, m_codec, kPerSecond, m_size);
        if (m_hasFailed)
            return;
    }
    const int due = static_cast<int>(std::lround((frame.timeS - m_firstS) * kPerSecond));
    m_firstS += std::max(0.0, (due - m_written) / kPerSecond - kLongestGapS);
    for (const int until = std::min(due, m_written + static_cast<int>(kLongestGapS * kPerSecond)); m_written < until;
         ++m_written)
        m_writer->write(m_last);
    m_last = fitted(bgr, m_size);
    if (m_written > due)
        return; // it came before its turn: the next one shows it
    m_writer->write(m_last);
    ++m_written;
}

Result<double> ClipWriter::finish()
{
    m_thread.request_stop();
    m_thread.join();
    m_writer->release();
    const auto failed = [this](const std::string &why) { return Error{ErrorCode::Io, m_file + ": " + why, m_file}; };
    if (m_hasFailed)
        return failed("the video cannot be written");
    if (m_written == 0)
        return failed("no picture came");
    std::error_code failure;
    fs::rename(m_part, m_file, failure);
    if (failure)
        return failed(failure.message());
    return m_written / kPerSecond;
}

} // namespace masque
