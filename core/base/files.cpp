// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace masque {

namespace {

Error systemError(const std::string &path, const char *what, int code)
{
    return {ErrorCode::Io, path + ": " + what + ": " + std::strerror(code), path};
}

/// Owns a file descriptor.
class File {
public:
    explicit File(int fd) : m_fd(fd) {}
    ~File() { close(); }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    int fd() const { return m_fd; }
    bool isOpen() const { return m_fd >= 0; }
    bool close()
    {
        const bool ok = m_fd < 0 || ::close(m_fd) == 0;
        m_fd = -1;
        return ok;
    }

private:
    int m_fd;
};

bool writeAll(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

/// Where a symbolic link leads, be it there already or not; other paths as they are.
std::string behindLinks(const std::string &path)
{
    constexpr int kMaxLinks = 40; // as the kernel has it; a longer chain is a circle
    std::error_code failed;
    fs::path target = path;
    for (int i = 0; i < kMaxLinks && fs::is_symlink(target, failed); ++i) {
        const auto next = fs::read_symlink(target, failed);
        if (failed)
            break;
        target = target.parent_path() / next;
    }
    return target.string();
}

std::string temporaryName(const std::string &path)
{
    static std::atomic<unsigned> counter{0};
    return path + "." + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp";
}

} // namespace

Result<std::string> readFile(const std::string &path, std::uint64_t maxBytes)
{
    File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen())
        return systemError(path, "cannot be opened", errno);
    struct stat info {};
    if (::fstat(file.fd(), &info) != 0)
        return systemError(path, "cannot be read", errno);
    if (S_ISDIR(info.st_mode))
        return Error{ErrorCode::Io, path + ": is a folder, a file was expected", path};
    std::string bytes;
    if (info.st_size > 0) {
        if (static_cast<std::uint64_t>(info.st_size) > maxBytes)
            return Error{ErrorCode::Io, path + ": is larger than " + std::to_string(maxBytes) + " bytes", path};
        bytes.reserve(static_cast<std::size_t>(info.st_size));
    }
    char buffer[65536];
    while (true) {
        const auto n = ::read(file.fd(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return systemError(path, "cannot be read", errno);
        if (n == 0)
            return bytes;
        if (bytes.size() + static_cast<std::size_t>(n) > maxBytes)
            return Error{ErrorCode::Io, path + ": is larger than " + std::to_string(maxBytes) + " bytes", path};
        bytes.append(buffer, static_cast<std::size_t>(n));
    }
}

Result<void> writeFileAtomically(const std::string &path, std::string_view bytes)
{
    const std::string target = behindLinks(path);
    const std::string temporary = temporaryName(target);
    const auto failed = [&](const char *what, int code) {
        ::unlink(temporary.c_str());
        return systemError(path, what, code);
    };

    std::error_code ignored;
    if (fs::is_symlink(target, ignored))
        return systemError(path, "cannot be written", ELOOP);
    struct stat old {};
    const bool exists = ::stat(target.c_str(), &old) == 0;
    if (exists && ::access(target.c_str(), W_OK) != 0)
        return systemError(path, "cannot be written", errno); // renaming over it would bypass its protection
    File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file.isOpen())
        return systemError(path, "cannot be written", errno);
    if (exists && ::fchmod(file.fd(), old.st_mode & 07777) != 0)
        return failed("its access mode cannot be kept", errno);
    if (!writeAll(file.fd(), bytes) || ::fsync(file.fd()) != 0)
        return failed("cannot be written", errno);
    if (!file.close())
        return failed("cannot be written", errno);
    if (::rename(temporary.c_str(), target.c_str()) != 0)
        return failed("cannot be replaced", errno);

    const auto folder = fs::path(target).parent_path();
    File directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.isOpen())
        ::fsync(directory.fd()); // some file systems refuse this; the data itself is safe by then
    return {};
}

void removeAbandonedTemporaries(const std::string &folder)
{
    constexpr auto kLeastAge = std::chrono::seconds(10); // another machine's process may be writing right now
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
        // <name>.<process>-<count>.tmp, see temporaryName
        if (entry->path().extension() != ".tmp")
            continue;
        const std::string stem = entry->path().stem().string();
        const auto dot = stem.rfind('.');
        int process = 0, count = -1, length = 0;
        if (dot == std::string::npos || std::sscanf(stem.c_str() + dot, ".%d-%d%n", &process, &count, &length) != 2
            || dot + static_cast<std::size_t>(length) != stem.size() || process <= 0)
            continue;
        std::error_code ignored;
        const bool isOld = fs::file_time_type::clock::now() - entry->last_write_time(ignored) > kLeastAge;
        if (isOld && !ignored && ::kill(process, 0) != 0 && errno == ESRCH)
            fs::remove(entry->path(), ignored);
    }
}

Result<void> appendBytes(const std::string &path, std::string_view bytes)
{
    File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (!file.isOpen())
        return systemError(path, "cannot be opened for writing", errno);
    if (!writeAll(file.fd(), bytes) || !file.close())
        return systemError(path, "cannot be written", errno);
    return {};
}

Result<void> appendLine(const std::string &path, std::string_view line)
{
    return appendBytes(path, std::string(line) + '\n');
}

Result<void> makeFolder(const std::string &path)
{
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        return Error{ErrorCode::Io, path + ": cannot make this folder: " + error.message(), path};
    return {};
}

bool isWritableFolder(const std::string &path)
{
    const auto probe = temporaryName(path + "/.masque-probe");
    const int fd = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    ::close(fd);
    ::unlink(probe.c_str());
    return true;
}

std::string fallbackFolder(const std::string &folder)
{
    const char *data = std::getenv("XDG_DATA_HOME");
    const char *home = std::getenv("HOME");
    const std::string base = data && *data ? data : std::string(home ? home : ".") + "/.local/share";
    std::uint32_t hash = 2166136261u; // FNV-1a: tells folders of the same name apart
    for (const char c : folder)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    char suffix[12];
    std::snprintf(suffix, sizeof suffix, "-%08x", static_cast<unsigned>(hash));
    return base + "/masque/" + fs::path(folder).filename().string() + suffix;
}

} // namespace masque
