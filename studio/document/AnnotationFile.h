// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Journal.h"
#include "core/annotations/dialects.h"
#include "core/base/Result.h"

#include <cstdint>
#include <mutex>
#include <string>

namespace masque {

/// How a file stood when it was last looked at: enough to notice that another program wrote it.
struct FileStamp {
    bool exists = false;
    std::int64_t modified = 0; ///< the file system's own unit
    std::uint64_t size = 0;
    friend bool operator==(const FileStamp &, const FileStamp &) = default;
};
FileStamp fileStamp(const std::string &path);

/// Where in the image's journal an annotation stands, and how it is written.
struct SaveOptions {
    std::shared_ptr<Journal> journal = {};
    JournalNode node = 0;
    LabelMeVariant variant = LabelMeVariant::Full;
    std::optional<Size> imageSize = {}; ///< where it is known
};

/// Where one image's annotation is stored. Shared by the GUI thread and saving jobs; every function is thread-safe. It
/// never overwrites what another program wrote unless told to, and an older revision never overwrites a newer one.
class AnnotationFile {
public:
    enum class Overwrite { Never, Always };

    /// path is the file beside the image, fallback a place to use where its folder cannot be written. A fallback that
    /// exists is the file. The stamp is taken now, so make this before reading. All paths are absolute.
    AnnotationFile(std::string path, std::string fallback, std::string image);

    const std::string &image() const { return m_image; }
    std::string path() const; ///< where it is read from and was last written to
    bool isFallback() const;
    bool isChangedOnDisk() const;
    /// Makes the next save a conflict: the file is another program's, and what is here is not from it.
    void expectConflict();
    /// Before reading the file again: how it stands. accept() takes that for what was read.
    void look();
    void accept();

    /// Revisions count up from 1 with each edit of the annotation. An Error with context "changed" means a conflict.
    /// A new file gets its imagePath. Returns what the variant could not say.
    Result<VariantLoss> save(Annotation annotation, std::uint64_t revision, Overwrite overwrite,
                             const SaveOptions &options = {});

private:
    mutable std::mutex m_mutex;
    std::string m_path;
    const std::string m_fallback;
    const std::string m_image;
    FileStamp m_stamp, m_seen;
    std::uint64_t m_written = 0;
};

/// True if this user may not make files in the folder, or its file system takes none. A full disk is no reason: then
/// saving fails and is tried again.
bool isReadOnlyFolder(const std::string &folder);

} // namespace masque
