// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/journal_files.h"

#include "core/annotations/Journal.h"
#include "core/annotations/byte_stream.h"
#include "core/base/files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace masque {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxFiles = 8; ///< of one image

std::uint64_t fnv(std::string_view bytes)
{
    std::uint64_t hash = 14695981039346656037ull;
    for (const char c : bytes)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    return hash;
}

fs::file_time_type timeOf(const std::string &path)
{
    std::error_code ignored;
    return fs::last_write_time(path, ignored);
}

/// The image that a journal says it is of; empty if it is none.
std::string imageOf(const std::string &path)
{
    std::string head(4096, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(file.gcount()));
    constexpr std::size_t kFirst = sizeof journal::kMagic - 1 + 12; // the frame's length
    if (head.size() <= kFirst || !head.starts_with(journal::kMagic))
        return {};
    ByteReader in(std::string_view(head).substr(kFirst));
    const bool isImage = in.byte() == journal::kImage;
    const std::string image(in.text());
    return isImage && in.isGood() ? image : std::string();
}

std::vector<std::string> journalsIn(const std::string &folder)
{
    std::vector<std::string> paths;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
        if (entry->path().extension() == journal::kExtension)
            paths.push_back(entry->path().string());
    return paths;
}

} // namespace

namespace journal {

std::string pathOf(const std::string &folder, const std::string &image, int n)
{
    char hash[20];
    std::snprintf(hash, sizeof hash, "-%08x", static_cast<unsigned>(fnv(image) >> 32));
    std::string name = fs::path(image).filename().string();
    if (name.size() > 100) // what a file system takes for a name
        name.resize(100);
    return folder + "/" + name + hash + (n > 1 ? "-" + std::to_string(n) : std::string()) + kExtension;
}

std::vector<std::string> filesOf(const std::string &folder, const std::string &image)
{
    std::vector<std::string> paths;
    std::error_code ignored;
    for (int n = 1; n <= kMaxFiles; ++n)
        if (const std::string path = pathOf(folder, image, n); fs::exists(path, ignored))
            paths.push_back(path);
    if (paths.size() > 1)
        std::stable_sort(paths.begin(), paths.end(), [](const std::string &a, const std::string &b) {
            const bool cleanA = isClean(a), cleanB = isClean(b);
            return cleanA != cleanB ? cleanB : timeOf(a) > timeOf(b);
        });
    return paths;
}

std::string freePath(const std::string &folder, const std::string &image)
{
    std::error_code ignored;
    int n = 1;
    while (n < kMaxFiles && fs::exists(pathOf(folder, image, n), ignored))
        ++n;
    return pathOf(folder, image, n);
}

bool isClean(const std::string &path)
{
    const std::string record = lastRecord(path, kSavedBytes);
    ByteReader in(record);
    const bool isSaved = in.byte() == kSaved;
    in.fixed64();
    in.fixed32();
    return isSaved && in.byte() != 0 && in.isGood();
}

void keepCopy(const std::string &path)
{
    std::error_code ignored;
    fs::copy_file(path, path + ".damaged", fs::copy_options::overwrite_existing, ignored);
}

} // namespace journal

std::uint64_t contentHash(std::string_view bytes)
{
    return std::max<std::uint64_t>(fnv(bytes), 1);
}

std::string journalFolder(const std::string &root)
{
    const bool isRefused = ::faccessat(AT_FDCWD, root.c_str(), W_OK, AT_EACCESS) != 0 && errno != ENOENT;
    return isRefused ? fallbackFolder(root) + "/journal" : root + "/.masque/journal";
}

std::vector<std::string> unsavedJournals(const std::string &folder)
{
    std::set<std::string> images;
    for (const std::string &path : journalsIn(folder))
        if (!journal::isClean(path))
            if (const std::string image = imageOf(path); !image.empty())
                images.insert(image);
    return {images.begin(), images.end()};
}

std::uint64_t limitJournals(const std::string &folder, std::uint64_t maxBytes)
{
    auto paths = journalsIn(folder);
    std::error_code ignored;
    for (const auto &entry : fs::directory_iterator(folder, ignored))
        if (entry.path().extension() == ".damaged")
            paths.push_back(entry.path().string());
    std::uint64_t total = 0;
    const auto sizeOf = [&](const std::string &path) {
        const auto size = fs::file_size(path, ignored);
        return ignored ? 0 : static_cast<std::uint64_t>(size);
    };
    for (const std::string &path : paths)
        total += sizeOf(path);
    std::sort(paths.begin(), paths.end(),
              [](const std::string &a, const std::string &b) { return timeOf(a) < timeOf(b); });
    for (const std::string &path : paths) {
        if (total <= maxBytes)
            break;
        const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (fd < 0)
            continue;
        const bool isKept = fs::path(path).extension() == journal::kExtension && !journal::isClean(path);
        if (!isKept && ::flock(fd, LOCK_EX | LOCK_NB) == 0) {
            const std::uint64_t bytes = sizeOf(path);
            if (::unlink(path.c_str()) == 0)
                total -= bytes;
        }
        ::close(fd);
    }
    return total;
}

} // namespace masque
