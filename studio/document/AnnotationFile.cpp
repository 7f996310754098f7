// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/AnnotationFile.h"

#include "core/annotations/labelme.h"
#include "core/base/files.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace masque {

namespace fs = std::filesystem;

FileStamp fileStamp(const std::string &path)
{
    std::error_code failed;
    const auto modified = fs::last_write_time(path, failed);
    if (failed)
        return {};
    const auto size = fs::file_size(path, failed);
    return {true, static_cast<std::int64_t>(modified.time_since_epoch().count()), failed ? 0 : size};
}

AnnotationFile::AnnotationFile(std::string path, std::string fallback, std::string image)
    : m_path(std::move(path)), m_fallback(std::move(fallback)), m_image(std::move(image))
{
    std::error_code ignored;
    if (fs::exists(m_fallback, ignored))
        m_path = m_fallback;
    m_stamp = fileStamp(m_path);
}

std::string AnnotationFile::path() const
{
    const std::lock_guard lock(m_mutex);
    return m_path;
}

bool AnnotationFile::isFallback() const
{
    const std::lock_guard lock(m_mutex);
    return m_path == m_fallback;
}

bool AnnotationFile::isChangedOnDisk() const
{
    const std::lock_guard lock(m_mutex);
    return fileStamp(m_path) != m_stamp;
}

void AnnotationFile::expectConflict()
{
    const std::lock_guard lock(m_mutex);
    m_stamp = {true, -1, 0};
}

void AnnotationFile::look()
{
    const std::lock_guard lock(m_mutex);
    m_seen = fileStamp(m_path);
}

void AnnotationFile::accept()
{
    const std::lock_guard lock(m_mutex);
    m_stamp = m_seen;
}

Result<VariantLoss> AnnotationFile::save(Annotation annotation, std::uint64_t revision, Overwrite overwrite,
                                         const SaveOptions &options)
{
    const std::lock_guard lock(m_mutex);
    if (revision <= m_written)
        return VariantLoss();
    std::string target = m_path;
    FileStamp expected = m_stamp;
    const auto folderOf = [](const std::string &path) { return fs::path(path).parent_path().string(); };
    if (target != m_fallback && isReadOnlyFolder(folderOf(target))) {
        if (const auto made = makeFolder(folderOf(m_fallback)); !made)
            return made.error();
        target = m_fallback;
        expected = {};
    }
    const FileStamp now = fileStamp(target);
    if (overwrite == Overwrite::Never && now.exists && now != expected)
        return Error{ErrorCode::Io,
                     target + ": another program changed this file since it was read; it was not overwritten",
                     "changed"};
    if (target == m_fallback) // far from the image, where a relative path would lead nowhere
        annotation.imagePath = m_image;
    else if (annotation.imagePath.empty() && !annotation.source)
        annotation.imagePath = fs::path(m_image).lexically_relative(folderOf(target)).generic_string();
    VariantLoss loss;
    const auto text = options.variant == LabelMeVariant::Full
                          ? labelMeText(annotation)
                          : labelMeText(acceptedByAll(annotation, loss, options.imageSize));
    if (!text)
        return Error{text.error().code, target + ": " + text.error().message, target};
    const std::uint64_t hash = contentHash(*text);
    if (options.journal) { // first, so that a crash in between finds a file that the journal knows
        options.journal->willSave(hash, options.node, annotation,
                                  loss.isChange() ? Journal::Saved::Lossy : Journal::Saved::Exactly);
        options.journal->sync();
    }
    if (const auto written = writeFileAtomically(target, *text); !written)
        return written.error();
    if (options.journal)
        options.journal->didSave(hash, options.node);
    m_path = target;
    m_stamp = fileStamp(target);
    m_written = revision;
    return loss;
}

bool isReadOnlyFolder(const std::string &folder)
{
    return ::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) != 0 && errno != ENOENT;
}

} // namespace masque
