// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/weights/zip_archive.h"

#include <zip.h>

namespace masque {

Result<ZipArchive> ZipArchive::open(std::string_view bytes)
{
    zip_error_t problem;
    zip_error_init(&problem);
    const auto failed = [&] {
        const std::string why = zip_error_strerror(&problem);
        zip_error_fini(&problem);
        return Error{ErrorCode::Format, "is no whole zip archive: " + why};
    };
    auto *source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &problem);
    if (!source)
        return failed();
    auto *archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &problem);
    if (!archive) {
        zip_source_free(source);
        return failed();
    }
    ZipArchive out;
    out.m_archive = std::shared_ptr<void>(archive, [](void *opened) { zip_discard(static_cast<zip_t *>(opened)); });
    const auto count = zip_get_num_entries(archive, 0);
    for (zip_int64_t i = 0; i < count; ++i)
        if (const char *name = zip_get_name(archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW))
            out.m_names.emplace_back(name);
    return out;
}

Result<std::string> ZipArchive::read(const std::string &name, std::uint64_t limit) const
{
    auto *archive = static_cast<zip_t *>(m_archive.get());
    const auto refused = [&](const std::string &why) {
        return Error{ErrorCode::Format, "its entry \"" + name + "\" " + why};
    };
    zip_stat_t info;
    zip_stat_init(&info);
    if (zip_stat(archive, name.c_str(), ZIP_FL_ENC_RAW, &info) != 0 || !(info.valid & ZIP_STAT_SIZE))
        return refused("is missing");
    if (info.size > limit)
        return refused("is larger than it can be");
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t *)> file(zip_fopen_index(archive, info.index, 0), zip_fclose);
    if (!file)
        return refused(std::string("cannot be read: ") + zip_strerror(archive));
    std::string bytes(info.size, '\0');
    std::uint64_t done = 0;
    while (done < info.size) {
        const auto read = zip_fread(file.get(), bytes.data() + done, info.size - done);
        if (read <= 0)
            return refused("is damaged");
        done += static_cast<std::uint64_t>(read);
    }
    char more = 0;
    if (zip_fread(file.get(), &more, 1) != 0) // also what checks the CRC
        return refused("is damaged");
    return bytes;
}

} // namespace masque
