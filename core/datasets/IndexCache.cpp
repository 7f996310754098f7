// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/IndexCache.h"

#include "core/annotations/byte_stream.h"
#include "core/image/picture_file.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <sys/stat.h>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr std::size_t kLeastItems = 10'000;
constexpr int kBusyMs = 2000;
/// The table's name carries the version of what is in it.
#define MASQUE_ITEMS "items_1"

struct Finalizer {
    void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

Statement prepared(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = nullptr;
    sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
    return Statement(statement);
}

std::string columnOf(sqlite3_stmt *statement, int column)
{
    const auto *bytes = static_cast<const char *>(sqlite3_column_blob(statement, column));
    return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)))
                 : std::string();
}

void bindBytes(sqlite3_stmt *statement, int at, const std::string &bytes)
{
    sqlite3_bind_blob(statement, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
}

void addStamp(ByteWriter &stamp, const std::string &path)
{
    struct stat info {};
    if (path.empty() || ::stat(path.c_str(), &info) != 0) {
        stamp.byte(0);
        return;
    }
    stamp.byte(1);
    stamp.number(info.st_ino);
    stamp.integer(info.st_size);
    stamp.integer(info.st_mtim.tv_sec);
    stamp.integer(info.st_mtim.tv_nsec);
}

void writeTexts(ByteWriter &out, const std::vector<std::string> &texts)
{
    out.number(texts.size());
    for (const auto &text : texts)
        out.text(text);
}

std::vector<std::string> readTexts(ByteReader &in)
{
    std::vector<std::string> texts(in.count());
    for (auto &text : texts)
        text = in.text();
    return texts;
}

std::string bytesOf(const ItemScan &scan)
{
    ByteWriter out;
    const ItemSummary &summary = scan.summary;
    out.byte(static_cast<std::uint8_t>(summary.status));
    out.integer(summary.shapes);
    writeTexts(out, summary.labels);
    writeTexts(out, summary.flags);
    out.number(summary.votes.counts.size());
    for (const auto &[label, count] : summary.votes.counts) {
        out.text(label);
        out.real(count);
    }
    out.number(summary.agreements.size());
    for (const double agreement : summary.agreements)
        out.real(agreement);
    out.text(summary.problem);
    out.number(scan.maskValues.size());
    for (const auto value : scan.maskValues)
        out.number(value);
    out.byte(scan.colorMask);
    out.byte(scan.problem.has_value());
    out.text(scan.problem ? scan.problem->file : std::string());
    out.text(scan.problem ? scan.problem->message : std::string());
    return out.bytes();
}

std::optional<ItemScan> scanFrom(const std::string &bytes)
{
    ByteReader in(bytes);
    ItemScan scan;
    ItemSummary &summary = scan.summary;
    const auto status = in.byte();
    summary.status = static_cast<ItemStatus>(status);
    summary.shapes = static_cast<int>(in.integer());
    summary.labels = readTexts(in);
    summary.flags = readTexts(in);
    summary.votes.counts.resize(in.count(9));
    for (auto &[label, count] : summary.votes.counts) {
        label = in.text();
        count = in.real();
    }
    summary.agreements.resize(in.count(8));
    for (double &agreement : summary.agreements)
        agreement = in.real();
    summary.problem = in.text();
    for (std::size_t left = in.count(); left > 0; --left)
        scan.maskValues.insert(static_cast<std::uint32_t>(in.number()));
    scan.colorMask = in.byte() != 0;
    const bool isProblem = in.byte() != 0;
    Problem problem{std::string(in.text()), std::string(in.text())};
    if (isProblem)
        scan.problem = std::move(problem);
    const bool isWhole = in.isGood() && in.atEnd() && status <= static_cast<std::uint8_t>(ItemStatus::Problem);
    return isWhole ? std::optional(std::move(scan)) : std::nullopt;
}

} // namespace

IndexCache::IndexCache(const Dataset &dataset) : m_dataset(dataset)
{
    const bool hasFiles = !dataset.items.empty() && !pictureName(dataset.items.front().image);
    if (dataset.items.size() < kLeastItems || !hasFiles)
        return;
    const fs::path folder = fs::path(dataset.root) / ".masque";
    std::error_code ignored;
    fs::create_directories(folder, ignored);
    const std::string path = (folder / "index.sqlite").string();
    m_isUsed = open(path) && load();
    if (m_isUsed)
        return;
    const int code = sqlite3_errcode(m_database);
    if (code != SQLITE_CORRUPT && code != SQLITE_NOTADB)
        return; // held by somebody, or not to be written
    sqlite3_close(m_database);
    m_database = nullptr;
    for (const char *ending : {"", "-wal", "-shm"})
        fs::remove(path + ending, ignored);
    m_isUsed = open(path) && load();
}

IndexCache::~IndexCache()
{
    sqlite3_close(m_database);
}

bool IndexCache::execute(const char *sql)
{
    return sqlite3_exec(m_database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

bool IndexCache::open(const std::string &path)
{
    if (sqlite3_open_v2(path.c_str(), &m_database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK)
        return false;
    sqlite3_busy_timeout(m_database, kBusyMs);
    return execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE IF NOT EXISTS " MASQUE_ITEMS
                   "(image BLOB PRIMARY KEY, stamp BLOB, scan BLOB) WITHOUT ROWID");
}

bool IndexCache::load()
{
    m_known.clear();
    const auto select = prepared(m_database, "SELECT image, stamp, scan FROM " MASQUE_ITEMS);
    if (!select)
        return false;
    m_known.reserve(m_dataset.items.size());
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(select.get())) == SQLITE_ROW)
        m_known.emplace(columnOf(select.get(), 0), std::pair(columnOf(select.get(), 1), columnOf(select.get(), 2)));
    return code == SQLITE_DONE;
}

std::string IndexCache::stampOf(const Item &item) const
{
    ByteWriter stamp;
    stamp.text(item.label);
    stamp.byte(item.hasClass());
    stamp.text(item.foreign);
    stamp.text(item.mask);
    addStamp(stamp, m_dataset.absolute(item.image));
    addStamp(stamp, item.json.empty() ? std::string() : m_dataset.absolute(item.json));
    addStamp(stamp, item.mask.empty() ? std::string() : m_dataset.absolute(item.mask));
    if (m_dataset.source && !item.foreign.empty())
        for (const auto &file : m_dataset.source->files(item))
            addStamp(stamp, m_dataset.absolute(file));
    return stamp.bytes();
}

std::optional<ItemScan> IndexCache::find(const Item &item, const std::string &stamp) const
{
    const auto known = m_known.find(item.image);
    return item.corrected || known == m_known.end() || known->second.first != stamp ? std::nullopt
                                                                                    : scanFrom(known->second.second);
}

void IndexCache::store(const std::vector<Row> &rows)
{
    if (!m_isUsed || (rows.empty() && m_known.size() <= m_dataset.items.size()))
        return;
    if (!execute("BEGIN IMMEDIATE"))
        return;
    bool isFine = true;
    if (const auto insert = prepared(m_database, "INSERT OR REPLACE INTO " MASQUE_ITEMS " VALUES(?1, ?2, ?3)")) {
        for (const Row &row : rows) {
            const std::string bytes = bytesOf(*row.scan);
            bindBytes(insert.get(), 1, row.image);
            bindBytes(insert.get(), 2, row.stamp);
            bindBytes(insert.get(), 3, bytes);
            isFine = isFine && sqlite3_step(insert.get()) == SQLITE_DONE;
            sqlite3_reset(insert.get());
        }
    }
    std::set<std::string_view> there;
    for (const Item &item : m_dataset.items)
        there.insert(item.image);
    if (const auto remove = prepared(m_database, "DELETE FROM " MASQUE_ITEMS " WHERE image = ?1"))
        for (const auto &[image, ignored] : m_known)
            if (!there.contains(image)) {
                bindBytes(remove.get(), 1, image);
                isFine = isFine && sqlite3_step(remove.get()) == SQLITE_DONE;
                sqlite3_reset(remove.get());
            }
    if (!isFine || !execute("COMMIT"))
        execute("ROLLBACK");
}

} // namespace masque
