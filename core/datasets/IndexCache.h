// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/ItemScan.h"

#include <string>
#include <unordered_map>
#include <vector>

struct sqlite3;

namespace masque {

/// What indexing found in each image's files, in a table of ROOT/.masque/index.sqlite, so that a large dataset opens
/// without being read again. Nothing but a cache: a row counts as long as the files' sizes and times are the same; one
/// that is damaged, deleted or of another version is made anew, one that cannot be written is done without. Several
/// processes may use it at once (WAL). One thread an object. Private to core/datasets.
class IndexCache {
public:
    /// Reads what is known; nothing for datasets so small that reading them takes no time.
    explicit IndexCache(const Dataset &);
    ~IndexCache();
    IndexCache(const IndexCache &) = delete;
    IndexCache &operator=(const IndexCache &) = delete;

    bool isUsed() const { return m_isUsed; }
    /// Says what an item's files are now. Thread-safe.
    std::string stampOf(const Item &) const;
    /// Nothing if the item is not known, or its files have changed. Thread-safe.
    std::optional<ItemScan> find(const Item &, const std::string &stamp) const;

    struct Row {
        std::string image, stamp;
        const ItemScan *scan = nullptr;
    };
    /// Adds what was found now, and forgets images that are gone.
    void store(const std::vector<Row> &);

private:
    bool open(const std::string &path);
    bool load();
    bool execute(const char *sql);

    const Dataset &m_dataset;
    sqlite3 *m_database = nullptr;
    bool m_isUsed = false;
    std::unordered_map<std::string, std::pair<std::string, std::string>> m_known; ///< by image: stamp, bytes
};

} // namespace masque
