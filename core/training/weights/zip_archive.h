// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace masque {

/// A zip archive in memory; bytes must outlive it. Errors do not name the file.
class ZipArchive {
public:
    /// Unsupported where the program was built without libzip.
    static Result<ZipArchive> open(std::string_view bytes);

    const std::vector<std::string> &names() const { return m_names; }
    /// Checked against its CRC. Refuses an entry that is missing or larger than limit.
    Result<std::string> read(const std::string &name, std::uint64_t limit) const;

private:
    std::shared_ptr<void> m_archive;
    std::vector<std::string> m_names;
};

} // namespace masque
