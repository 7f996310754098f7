// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/weights/zip_archive.h"

namespace masque {

Result<ZipArchive> ZipArchive::open(std::string_view)
{
    return Error{ErrorCode::Unsupported, "is a zip archive, and this program was built without libzip"};
}

Result<std::string> ZipArchive::read(const std::string &, std::uint64_t) const
{
    return Error{ErrorCode::Unsupported, "this program was built without libzip"};
}

} // namespace masque
