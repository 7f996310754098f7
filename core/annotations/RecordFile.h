// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace masque {

/// A file that only grows by whole records, each framed by its length and a checksum: what a crash cut off at the end
/// is noticed and dropped. One process writes it at a time (flock, which ends with the process). Not thread-safe.
///
/// What cannot be written now (disk full) stays in memory, can be read, and is written by a later flush().
class RecordFile {
public:
    /// magic is the file's first bytes. No file is touched until open() or flush().
    RecordFile(std::string path, std::string magic);
    ~RecordFile();
    RecordFile(const RecordFile &) = delete;
    RecordFile &operator=(const RecordFile &) = delete;

    enum class Found { Nothing, Locked, Foreign, Records };
    /// Locks and reads an existing file; visit gets each record with its place. Returning false stops: the record and
    /// what follows are damaged. What is cut off at the end is dropped; other damage is kept in `<path>.damaged`.
    Found open(const std::function<bool(std::uint64_t place, std::string_view record)> &visit);
    bool wasDamaged() const { return m_wasDamaged; } ///< more than a cut-off end

    const std::string &path() const { return m_path; }
    std::uint64_t size() const { return m_end + m_pending.size(); }
    bool isInFile() const { return m_fd >= 0; }
    bool hasPending() const { return !m_pending.empty(); }

    /// Appends in memory; returns the record's place.
    std::uint64_t append(std::string_view record);
    /// Writes what was appended, with one write. Afterwards it survives the process; see sync() for the machine.
    Result<void> flush();
    /// Puts these records in place of all there are, atomically; on failure everything stays as it was. Returns their
    /// places.
    Result<std::vector<std::uint64_t>> replace(const std::vector<std::string> &records);
    void setPath(std::string path); ///< only while nothing is in a file
    void forgetPending();           ///< only while nothing is in a file

    Result<std::string> read(std::uint64_t place, std::size_t bytes) const;
    /// A handle of its own for fdatasync elsewhere, -1 if there is no file. The caller closes it.
    int duplicateHandle() const;

private:
    Result<void> create();
    Result<void> followDeletion();

    std::string m_path;
    const std::string m_magic;
    int m_fd = -1;
    std::uint64_t m_end = 0; ///< bytes in the file
    std::string m_pending;   ///< what comes after them
    bool m_wasDamaged = false;
};

/// The last record of a file if it has exactly this many bytes, else empty. Takes no lock.
std::string lastRecord(const std::string &path, std::size_t bytes);

} // namespace masque
