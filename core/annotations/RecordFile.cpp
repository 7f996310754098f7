// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/RecordFile.h"

#include "core/annotations/byte_stream.h"
#include "core/base/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace masque {

namespace {

constexpr std::size_t kFrameBytes = 12; ///< length, its own checksum, the record's checksum
constexpr std::size_t kMaxRecordBytes = std::size_t{1} << 31;

std::uint32_t checksum(std::string_view bytes)
{
    return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
}

Error systemError(const std::string &path, const char *what)
{
    return {ErrorCode::Io, path + ": " + what + ": " + std::generic_category().message(errno), path};
}

bool readAt(int fd, std::uint64_t place, char *to, std::size_t bytes)
{
    while (bytes > 0) {
        const ssize_t got = ::pread(fd, to, bytes, static_cast<off_t>(place));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        place += static_cast<std::uint64_t>(got);
        bytes -= static_cast<std::size_t>(got);
    }
    return true;
}

bool writeAt(int fd, std::uint64_t place, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t put = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(place));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        place += static_cast<std::uint64_t>(put);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

std::uint64_t sizeOf(int fd)
{
    struct stat info {};
    return ::fstat(fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

bool isDeleted(int fd)
{
    struct stat info {};
    return ::fstat(fd, &info) == 0 && info.st_nlink == 0;
}

std::string frameOf(std::string_view record)
{
    ByteWriter length, frame;
    length.fixed32(static_cast<std::uint32_t>(record.size()));
    frame.fixed32(static_cast<std::uint32_t>(record.size()));
    frame.fixed32(checksum(length.bytes()));
    frame.fixed32(checksum(record));
    return frame.bytes();
}

enum class Frame { Whole, CutOff, Damaged };

/// Reads the record whose frame is at place. CutOff is what a crash leaves of a record: less than its frame says, less
/// than a frame, or blocks of zeros.
Frame readFrame(int fd, std::uint64_t place, std::uint64_t end, std::string &record)
{
    std::string frame(kFrameBytes, '\0');
    if (end - place < kFrameBytes || !readAt(fd, place, frame.data(), kFrameBytes))
        return Frame::CutOff;
    ByteReader in(frame);
    const std::uint32_t bytes = in.fixed32();
    if (const std::uint32_t expected = in.fixed32();
        bytes == 0 || bytes > kMaxRecordBytes || checksum(std::string_view(frame).substr(0, 4)) != expected) {
        std::string rest(static_cast<std::size_t>(std::min<std::uint64_t>(end - place, 1 << 20)), '\0');
        const bool isZero = readAt(fd, place, rest.data(), rest.size())
                            && std::all_of(rest.begin(), rest.end(), [](char c) { return c == '\0'; });
        return isZero ? Frame::CutOff : Frame::Damaged;
    }
    if (bytes > end - place - kFrameBytes)
        return Frame::CutOff;
    record.resize(bytes);
    if (!readAt(fd, place + kFrameBytes, record.data(), bytes))
        return Frame::Damaged;
    return checksum(record) == in.fixed32() ? Frame::Whole : Frame::Damaged;
}

} // namespace

RecordFile::RecordFile(std::string path, std::string magic)
    : m_path(std::move(path)), m_magic(std::move(magic)), m_pending(m_magic)
{
}

RecordFile::~RecordFile()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

RecordFile::Found RecordFile::open(const std::function<bool(std::uint64_t, std::string_view)> &visit)
{
    const int fd = ::open(m_path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? Found::Nothing : Found::Foreign;
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd);
        return Found::Locked;
    }
    if (isDeleted(fd)) { // between opening and locking
        ::close(fd);
        return Found::Nothing;
    }
    const std::uint64_t end = sizeOf(fd);
    std::string magic(m_magic.size(), '\0');
    const bool isCutOff = end < m_magic.size(); // a crash right after the file was made
    if (!isCutOff && (!readAt(fd, 0, magic.data(), magic.size()) || magic != m_magic)) {
        ::close(fd);
        return Found::Foreign;
    }
    std::uint64_t place = isCutOff ? 0 : m_magic.size();
    std::string record;
    while (!isCutOff && place < end) {
        const Frame frame = readFrame(fd, place, end, record);
        if (frame == Frame::Whole && visit(place + kFrameBytes, record)) {
            place += kFrameBytes + record.size();
            continue;
        }
        m_wasDamaged = frame != Frame::CutOff;
        break;
    }
    if (m_wasDamaged) {
        std::error_code ignored;
        std::filesystem::copy_file(m_path, m_path + ".damaged", std::filesystem::copy_options::overwrite_existing,
                                   ignored);
    }
    if (place < end && ::ftruncate(fd, static_cast<off_t>(place)) != 0) {
        ::close(fd);
        return Found::Foreign;
    }
    m_fd = fd;
    m_end = place;
    m_pending = isCutOff ? m_magic : std::string();
    return Found::Records;
}

std::uint64_t RecordFile::append(std::string_view record)
{
    m_pending += frameOf(record);
    const std::uint64_t place = size();
    m_pending += record;
    return place;
}

Result<void> RecordFile::create()
{
    if (const auto made = makeFolder(std::filesystem::path(m_path).parent_path().string()); !made)
        return made;
    const int fd = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return systemError(m_path, "cannot be made");
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) { // somebody saw it in this very moment
        ::close(fd);
        errno = EWOULDBLOCK;
        return systemError(m_path, "cannot be locked");
    }
    m_fd = fd;
    return {};
}

Result<void> RecordFile::followDeletion()
{
    const int old = m_fd;
    if (const auto made = create(); !made) {
        m_fd = old;
        return made;
    }
    std::string bytes(static_cast<std::size_t>(m_end), '\0');
    const bool isCopied = readAt(old, 0, bytes.data(), bytes.size()) && writeAt(m_fd, 0, bytes);
    const int made = m_fd;
    if (!isCopied) {
        const auto error = systemError(m_path, "cannot be written");
        ::unlink(m_path.c_str());
        ::close(made);
        m_fd = old;
        return error;
    }
    ::close(old);
    return {};
}

Result<void> RecordFile::flush()
{
    if (m_pending.empty())
        return {};
    if (m_fd < 0) {
        if (const auto made = create(); !made)
            return made;
    } else if (isDeleted(m_fd)) {
        if (const auto made = followDeletion(); !made)
            return made;
    }
    if (!writeAt(m_fd, m_end, m_pending)) {
        const auto error = systemError(m_path, "cannot be written");
        if (::ftruncate(m_fd, static_cast<off_t>(m_end)) != 0)
            return error; // the next try writes over it, and a reader drops it as a cut-off end
        return error;
    }
    m_end += m_pending.size();
    m_pending.clear();
    return {};
}

Result<std::vector<std::uint64_t>> RecordFile::replace(const std::vector<std::string> &records)
{
    RecordFile fresh(m_path + ".new", m_magic);
    std::error_code ignored;
    std::filesystem::remove(fresh.m_path, ignored); // of a process that was killed meanwhile
    std::vector<std::uint64_t> places;
    for (const std::string &record : records)
        places.push_back(fresh.append(record));
    if (const auto written = fresh.flush(); !written)
        return written.error();
    if (::fdatasync(fresh.m_fd) != 0 || ::rename(fresh.m_path.c_str(), m_path.c_str()) != 0) {
        const auto error = systemError(m_path, "cannot be replaced");
        std::filesystem::remove(fresh.m_path, ignored);
        return error;
    }
    std::swap(m_fd, fresh.m_fd); // with its lock; the old file is gone when fresh closes it
    m_end = fresh.m_end;
    m_pending.clear();
    return places;
}

void RecordFile::setPath(std::string path)
{
    if (m_fd < 0)
        m_path = std::move(path);
}

void RecordFile::forgetPending()
{
    if (m_fd < 0)
        m_pending = m_magic;
}

Result<std::string> RecordFile::read(std::uint64_t place, std::size_t bytes) const
{
    std::string out(bytes, '\0');
    if (place >= m_end) {
        const auto from = static_cast<std::size_t>(place - m_end);
        if (from + bytes <= m_pending.size())
            return m_pending.substr(from, bytes);
    } else if (readAt(m_fd, place, out.data(), bytes)) {
        return out;
    }
    return Error{ErrorCode::Io, m_path + ": a record cannot be read", m_path};
}

int RecordFile::duplicateHandle() const
{
    return m_fd < 0 ? -1 : ::fcntl(m_fd, F_DUPFD_CLOEXEC, 0);
}

std::string lastRecord(const std::string &path, std::size_t bytes)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return {};
    const std::uint64_t end = sizeOf(fd), framed = bytes + kFrameBytes;
    std::string record;
    const bool isFound =
        end >= framed && readFrame(fd, end - framed, end, record) == Frame::Whole && record.size() == bytes;
    ::close(fd);
    return isFound ? record : std::string();
}

} // namespace masque
