// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <string>
#include <string_view>

/// Files as the program handles them: paths are UTF-8 std::string, errors name the file and the system's reason.
namespace masque {

/// The whole file. Refuses files over maxBytes.
Result<std::string> readFile(const std::string &path, std::uint64_t maxBytes = std::uint64_t{1} << 32);

/// Writes to a temporary file in the same folder, flushes it to disk, renames it over path and flushes the folder:
/// after a crash at any moment path is either the old or the new file, whole. Keeps the mode of an existing file and
/// writes through symbolic links. On failure the old file is untouched and the temporary one is gone.
Result<void> writeFileAtomically(const std::string &path, std::string_view bytes);

/// Removes what writeFileAtomically left in a folder when its process was killed: temporary files of processes that
/// are gone.
void removeAbandonedTemporaries(const std::string &folder);

/// Appends with a single write; makes the file if there is none.
Result<void> appendBytes(const std::string &path, std::string_view bytes);
/// Appends one line (a '\n' is added) with a single write.
Result<void> appendLine(const std::string &path, std::string_view line);

/// Makes the folder and its parents.
Result<void> makeFolder(const std::string &path);

/// True if a file can be made in this folder (tried, since permissions alone do not tell on network or read-only
/// mounts).
bool isWritableFolder(const std::string &path);

/// $XDG_DATA_HOME/masque/<name>-<hash>: where the files of a folder go that cannot be written itself.
std::string fallbackFolder(const std::string &folder);

} // namespace masque
