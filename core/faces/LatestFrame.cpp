// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/faces/LatestFrame.h"

namespace masque {

LatestFrame::LatestFrame(std::unique_ptr<FrameSource> source)
    : m_source(std::move(source)), m_thread([this](const std::stop_token &stop) { read(stop); })
{
}

LatestFrame::~LatestFrame()
{
    m_thread.request_stop();
}

void LatestFrame::read(const std::stop_token &stop)
{
    Clock::time_point begun = Clock::now(); // when the file's time 0 was
    while (!stop.stop_requested()) {
        auto frame = m_source->next();
        std::unique_lock lock(m_mutex);
        if (!frame || !frame->has_value()) {
            m_error = frame ? std::string() : frame.error().message;
            m_isOver = true;
            m_changed.notify_all();
            return;
        }
        if ((*frame)->rgb.empty())
            continue; // of a camera that has not woken up, say
        if (!m_source->isLive()) {
            const auto pausedAt = Clock::now();
            if (m_isPaused) {
                m_changed.wait(lock, stop, [this] { return !m_isPaused; });
                begun += Clock::now() - pausedAt;
            }
            const auto due =
                begun + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>((*frame)->timeS));
            m_changed.wait_until(lock, stop, due, [] { return false; });
            if (stop.stop_requested())
                return;
        } else if (m_isPaused) {
            continue;
        }
        m_newest = std::move(**frame);
        m_cameAt = Clock::now();
        m_changed.notify_all();
    }
}

std::optional<VideoFrame> LatestFrame::newerThan(int number, std::chrono::milliseconds most)
{
    std::unique_lock lock(m_mutex);
    const auto isThere = [&] { return m_newest && m_newest->number > number; };
    m_changed.wait_for(lock, most, [&] { return isThere() || m_isOver; });
    return isThere() ? m_newest : std::nullopt;
}

bool LatestFrame::isOver() const
{
    const std::lock_guard lock(m_mutex);
    return m_isOver;
}

std::string LatestFrame::error() const
{
    const std::lock_guard lock(m_mutex);
    return m_error;
}

double LatestFrame::silentS() const
{
    const std::lock_guard lock(m_mutex);
    return std::chrono::duration<double>(Clock::now() - m_cameAt).count();
}

void LatestFrame::setPaused(bool isPaused)
{
    const std::lock_guard lock(m_mutex);
    m_isPaused = isPaused;
    m_changed.notify_all();
}

} // namespace masque
