// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QtGlobal>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace masque {

/// A program that is to be killed, and what it told on its output, a line each.
class Victim {
public:
    explicit Victim(std::vector<std::string> arguments) ///< the program first
    {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0)
            qFatal("no pipe");
        std::vector<char *> raw;
        for (std::string &argument : arguments)
            raw.push_back(argument.data());
        raw.push_back(nullptr);
        m_pid = ::fork();
        if (m_pid == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::execv(raw[0], raw.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        m_pipe = ends[0];
    }
    ~Victim() { ::close(m_pipe); }
    /// The next line within the time, or nothing.
    std::optional<std::string> line(int timeoutMs)
    {
        QElapsedTimer timer;
        timer.start();
        for (;;) {
            if (const auto end = m_buffer.find('\n'); end != std::string::npos) {
                std::string text = m_buffer.substr(0, end);
                m_buffer.erase(0, end + 1);
                return text;
            }
            const int left = timeoutMs - static_cast<int>(timer.elapsed());
            pollfd waiting{m_pipe, POLLIN, 0};
            if (::poll(&waiting, 1, std::max(left, 0)) <= 0)
                return {};
            char bytes[4096];
            const ssize_t got = ::read(m_pipe, bytes, sizeof bytes);
            if (got <= 0)
                return {};
            m_buffer.append(bytes, static_cast<std::size_t>(got));
        }
    }
    void kill()
    {
        ::kill(m_pid, SIGKILL);
        ::waitpid(m_pid, &m_status, 0);
    }
    bool wasKilled() const { return WIFSIGNALED(m_status) && WTERMSIG(m_status) == SIGKILL; }

private:
    pid_t m_pid = 0;
    int m_pipe = -1, m_status = 0;
    std::string m_buffer;
};

} // namespace masque
