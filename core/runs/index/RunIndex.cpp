// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/index/RunIndex.h"

#include "core/base/text.h"
#include "core/runs/index/run_record.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <sys/stat.h>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr int kVersion = 1; ///< of the table's columns
constexpr int kBusyMs = 2000;

/// The columns beside name and stamp: the keys of a record.
const std::vector<std::string> &columns()
{
    static const auto names = [] {
        std::vector<std::string> out;
        const auto record = toRecord({});
        for (const auto &[key, ignored] : record.members())
            out.push_back(key);
        return out;
    }();
    return names;
}

/// Says when a run's files have changed. Empty: never the same.
std::string stampOf(const std::string &folder)
{
    std::string stamp;
    for (const char *name : {"run.json", "options.json", "log.jsonl", "tests.jsonl"}) {
        struct stat info {};
        if (::stat((folder + "/" + name).c_str(), &info) == 0)
            stamp += std::to_string(info.st_ino) + "." + std::to_string(info.st_size) + "."
                     + std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
        stamp += ";";
    }
    return stamp;
}

struct Finalizer {
    void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

Statement prepared(sqlite3 *database, const std::string &sql)
{
    sqlite3_stmt *statement = nullptr;
    sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
    return Statement(statement);
}

void bindText(sqlite3_stmt *statement, int at, const std::string &text)
{
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

void bind(sqlite3_stmt *statement, int at, const Json &value)
{
    if (value.isInteger())
        sqlite3_bind_int64(statement, at, value.toInt());
    else if (value.isNumber())
        sqlite3_bind_double(statement, at, value.toDouble());
    else
        bindText(statement, at, value.isString() ? value.toString() : value.dump());
}

std::string textOf(sqlite3_stmt *statement, int column)
{
    const auto *text = reinterpret_cast<const char *>(sqlite3_column_text(statement, column));
    return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))) : std::string();
}

/// A column as the record had it; like tells lists and objects from texts.
Json valueOf(sqlite3_stmt *statement, int column, const Json &like)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return Json(std::int64_t{sqlite3_column_int64(statement, column)});
    case SQLITE_FLOAT: return Json(sqlite3_column_double(statement, column));
    case SQLITE_TEXT:
        if (like.isArray() || like.isObject())
            return Json::parse(textOf(statement, column)).value_or(Json());
        return Json(textOf(statement, column));
    default: return Json();
    }
}

} // namespace

struct RunIndex::Row {
    std::string name, stamp;
    RunInfo run;
};

std::string indexPath(const std::string &runsFolder)
{
    return (fs::path(runsFolder).parent_path() / "index.sqlite").string();
}

RunIndex::~RunIndex()
{
    close();
}

void RunIndex::close()
{
    sqlite3_close(m_database);
    m_database = nullptr;
}

Error RunIndex::failure()
{
    m_code = m_database ? sqlite3_errcode(m_database) : SQLITE_NOMEM;
    return {ErrorCode::Io, m_path + ": " + (m_database ? sqlite3_errmsg(m_database) : "no memory"), m_path};
}

bool RunIndex::isDamaged() const
{
    constexpr int kDamage[] = {SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_FORMAT, SQLITE_SCHEMA};
    return std::find(std::begin(kDamage), std::end(kDamage), m_code) != std::end(kDamage);
}

Result<void> RunIndex::execute(const std::string &sql)
{
    if (sqlite3_exec(m_database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return failure();
    return {};
}

Result<void> RunIndex::open(const std::string &path)
{
    close();
    m_path = path;
    if (sqlite3_open_v2(path.c_str(), &m_database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK)
        return failure();
    sqlite3_busy_timeout(m_database, kBusyMs);
    if (auto done = execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"); !done)
        return done;
    const auto version = prepared(m_database, "PRAGMA user_version");
    if (!version || sqlite3_step(version.get()) != SQLITE_ROW)
        return failure();
    if (sqlite3_column_int(version.get(), 0) == kVersion)
        return {};
    std::string sql = "BEGIN IMMEDIATE; DROP TABLE IF EXISTS runs; CREATE TABLE runs(run TEXT PRIMARY KEY, stamp TEXT";
    for (const auto &column : columns())
        sql += ", " + column;
    sqlite3_reset(version.get());
    return execute(sql + "); PRAGMA user_version=" + std::to_string(kVersion) + "; COMMIT");
}

Result<std::vector<RunIndex::Row>> RunIndex::rows()
{
    const auto select = prepared(m_database, "SELECT run, stamp, " + joinText(columns(), ", ") + " FROM runs");
    if (!select)
        return failure();
    const auto like = toRecord({});
    std::vector<Row> out;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(select.get())) == SQLITE_ROW) {
        Json record = Json::object();
        for (std::size_t i = 0; i < columns().size(); ++i)
            record.set(columns()[i], valueOf(select.get(), static_cast<int>(i) + 2, like[columns()[i]]));
        auto run = fromRecord(record);
        if (run) // else it is read again
            out.push_back({textOf(select.get(), 0), textOf(select.get(), 1), std::move(*run)});
    }
    if (code != SQLITE_DONE)
        return failure();
    return out;
}

Result<void> RunIndex::write(const std::vector<Row> &changed, const std::vector<std::string> &gone)
{
    if (changed.empty() && gone.empty())
        return {};
    if (auto begun = execute("BEGIN IMMEDIATE"); !begun)
        return begun;
    std::string places = "?1, ?2";
    for (std::size_t i = 0; i < columns().size(); ++i)
        places += ", ?" + std::to_string(i + 3);
    const auto insert = prepared(m_database, "INSERT OR REPLACE INTO runs(run, stamp, " + joinText(columns(), ", ")
                                                 + ") VALUES(" + places + ")");
    const auto remove = prepared(m_database, "DELETE FROM runs WHERE run = ?1");
    bool fine = insert && remove;
    for (const auto &row : changed) {
        if (!fine)
            break;
        bindText(insert.get(), 1, row.name);
        bindText(insert.get(), 2, row.stamp);
        const auto record = toRecord(row.run);
        for (std::size_t i = 0; i < columns().size(); ++i)
            bind(insert.get(), static_cast<int>(i) + 3, record[columns()[i]]);
        fine = sqlite3_step(insert.get()) == SQLITE_DONE;
        sqlite3_reset(insert.get());
    }
    for (const auto &name : gone) {
        if (!fine)
            break;
        bindText(remove.get(), 1, name);
        fine = sqlite3_step(remove.get()) == SQLITE_DONE;
        sqlite3_reset(remove.get());
    }
    if (!fine) {
        const auto error = failure();
        if (auto undone = execute("ROLLBACK"); !undone)
            close(); // which undoes it too
        return error;
    }
    return execute("COMMIT");
}

Result<std::vector<RunInfo>> RunIndex::sync(const std::string &runsFolder)
{
    auto known = rows();
    if (!known)
        return known.error();
    std::map<std::string, Row *> byName;
    for (auto &row : *known)
        byName[row.name] = &row;
    std::vector<RunInfo> runs;
    std::vector<Row> changed;
    std::error_code error;
    m_filesRead = 0;
    for (const auto &entry : fs::directory_iterator(runsFolder, error)) {
        if (!entry.is_directory(error))
            continue;
        const auto name = entry.path().filename().string();
        const auto stamp = stampOf(entry.path().string()); // before reading: what changes meanwhile is read again
        const auto it = byName.find(name);
        Row *row = it == byName.end() ? nullptr : it->second;
        if (it != byName.end())
            byName.erase(it);
        if (row && row->stamp == stamp) {
            row->run.folder = entry.path().string(); // the dataset may have been moved
            runs.push_back(std::move(row->run));
            continue;
        }
        ++m_filesRead;
        auto run = readRun(entry.path().string());
        if (!run)
            continue;
        run->epochs.clear();
        run->findings.clear();
        runs.push_back(*run);
        // whether a run still runs, its files do not tell: it is looked at each time
        changed.push_back({name, run->state == "running" ? "" : stamp, std::move(*run)});
    }
    std::vector<std::string> gone;
    for (const auto &[name, row] : byName)
        gone.push_back(name);
    if (auto written = write(changed, gone); !written && isDamaged())
        return written.error();
    return runs; // a cache that cannot be written for the moment is no reason to fail
}

Result<std::vector<RunInfo>> RunIndex::list(const std::string &runsFolder)
{
    const auto path = indexPath(runsFolder);
    for (const bool isLast : {false, true}) {
        auto opened = open(path);
        auto runs = opened ? sync(runsFolder) : Result<std::vector<RunInfo>>(opened.error());
        const bool again = !runs && isDamaged() && !isLast;
        close();
        if (!again)
            return runs;
        std::error_code ignored;
        for (const char *end : {"", "-wal", "-shm"})
            fs::remove(path + end, ignored);
    }
    return Error{ErrorCode::Internal, path + ": cannot be made anew", path};
}

std::vector<RunInfo> listRuns(const std::string &datasetRoot)
{
    const auto folder = runsFolder(datasetRoot);
    std::error_code error;
    if (!fs::is_directory(folder, error))
        return {};
    std::vector<RunInfo> runs;
    if (auto indexed = RunIndex().list(folder)) {
        runs = std::move(*indexed);
    } else {
        for (const auto &entry : fs::directory_iterator(folder, error))
            if (auto run = readRun(entry.path().string())) {
                run->epochs.clear();
                run->findings.clear();
                runs.push_back(std::move(*run));
            }
    }
    std::sort(runs.begin(), runs.end(), [](const RunInfo &a, const RunInfo &b) {
        const bool waits = a.state == kWaiting;
        if (waits != (b.state == kWaiting))
            return waits;
        if (waits && a.queue != b.queue)
            return a.queue < b.queue;
        return a.started != b.started ? a.started > b.started : naturalLess(b.folder, a.folder);
    });
    return runs;
}

Result<std::string> findRun(const std::string &datasetRoot, const std::string &run)
{
    std::error_code ignored;
    const auto folder = fs::path(runsFolder(datasetRoot)) / run;
    if (fs::exists(folder / "run.json", ignored))
        return folder.lexically_normal().string();
    if (fs::exists(fs::path(run) / "run.json", ignored))
        return fs::absolute(run, ignored).lexically_normal().string();
    std::vector<std::string> names;
    for (const auto &known : listRuns(datasetRoot))
        names.push_back(fs::path(known.folder).filename().string());
    const auto near = nearestWord(run, names);
    return Error{ErrorCode::Option,
                 datasetRoot + ": has no run '" + run + "'"
                     + (near.empty() ? "; masque runs " + datasetRoot + " lists them" : ", is '" + near + "' meant?"),
                 run};
}

} // namespace masque
