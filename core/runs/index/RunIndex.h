// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"

struct sqlite3;

namespace masque {

/// The runs of one folder in an SQLite table `runs` beside it (.masque/index.sqlite): a column for each key of a run's
/// record (run_record.h), lists and objects as JSON. Nothing but a cache of the runs' own files: it may be deleted at
/// any time, one that is damaged or of another version is made anew, and several processes may use it at once (WAL).
/// One thread an object.
class RunIndex {
public:
    RunIndex() = default;
    ~RunIndex();
    RunIndex(const RunIndex &) = delete;
    RunIndex &operator=(const RunIndex &) = delete;

    /// The runs in runsFolder as their files say now, in no order. Only files that changed since the last time are
    /// read. Errors: the index cannot be used, since its folder cannot be written or somebody holds it for seconds.
    Result<std::vector<RunInfo>> list(const std::string &runsFolder);
    int filesRead() const { return m_filesRead; } ///< runs that the last list had to read

private:
    struct Row;
    Result<void> open(const std::string &path);
    void close();
    Result<void> execute(const std::string &sql);
    Result<std::vector<Row>> rows();
    Result<void> write(const std::vector<Row> &changed, const std::vector<std::string> &gone);
    Error failure();
    bool isDamaged() const;
    Result<std::vector<RunInfo>> sync(const std::string &runsFolder);

    sqlite3 *m_database = nullptr;
    std::string m_path;
    int m_filesRead = 0;
    int m_code = 0; ///< SQLite's, of the last failure
};

/// .masque/index.sqlite of a runs folder .masque/runs.
std::string indexPath(const std::string &runsFolder);

} // namespace masque
