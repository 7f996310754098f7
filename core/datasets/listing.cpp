// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/listing.h"

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/datasets/split.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <filesystem>
#include <memory>
#include <set>
#include <sys/stat.h>
#include <system_error>

namespace fs = std::filesystem;

namespace masque {

namespace {

thread_local ListingMemory *memory = nullptr;

/// Walks folders; remembers each by device and inode, so that no loop of links is walked twice.
class Walker {
public:
    explicit Walker(const std::string &root) : m_root(root)
    {
        for (auto folder = fs::path(root);; folder = folder.parent_path()) {
            enter(folder.string()); // a link to the root or above it leads back here
            if (folder == folder.parent_path())
                break;
        }
        walk({});
        for (std::size_t i = 0; i < m_links.size(); ++i) // after all real folders, which have the first right
            if (enter(m_root + "/" + m_links[i]))
                walk(m_links[i] + "/");
        std::ranges::sort(m_listing.files, naturalLess);
    }
    FolderListing take() { return std::move(m_listing); }

private:
    bool enter(const std::string &folder)
    {
        struct stat info {};
        return ::stat(folder.c_str(), &info) == 0 && m_seen.insert({info.st_dev, info.st_ino}).second;
    }
    void walk(const std::string &prefix)
    {
        std::vector<std::string> folders;
        const std::string path = m_root + "/" + prefix;
        const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
        errno = folder ? 0 : errno;
        while (const dirent *entry =
                   folder ? ::readdir(folder.get()) : nullptr) { // std::filesystem takes thrice as long
            if (entry->d_name[0] == '.')
                continue;
            if (const std::string_view name = entry->d_name; utf8End(name) != name.size()) {
                m_listing.problems.push_back({asUtf8(prefix + entry->d_name), "its name is not in UTF-8; rename it"});
                continue;
            }
            const bool isLink = entry->d_type == DT_LNK;
            const auto type = isLink || entry->d_type == DT_UNKNOWN ? typeOf(path + entry->d_name) : entry->d_type;
            if (type == DT_DIR)
                (isLink ? m_links : folders).push_back(prefix + entry->d_name);
            else if (type == DT_REG)
                m_listing.files.push_back(prefix + entry->d_name);
            errno = 0;
        }
        if (errno != 0)
            m_listing.problems.push_back(
                {prefix, "this folder cannot be read: " + std::generic_category().message(errno)});
        for (const auto &below : folders)
            if (enter(m_root + "/" + below))
                walk(below + "/");
    }
    /// What is at the end of links.
    static unsigned char typeOf(const std::string &path)
    {
        struct stat info {};
        if (::stat(path.c_str(), &info) != 0)
            return DT_UNKNOWN;
        return S_ISDIR(info.st_mode) ? DT_DIR : S_ISREG(info.st_mode) ? DT_REG : DT_UNKNOWN;
    }
    struct CloseFolder {
        void operator()(DIR *folder) const { ::closedir(folder); }
    };

    std::string m_root;
    FolderListing m_listing;
    std::vector<std::string> m_links;
    std::set<std::pair<dev_t, ino_t>> m_seen;
};

} // namespace

FolderListing listFolder(const std::string &root)
{
    return memory ? *memory->of(root) : Walker(root).take();
}

std::shared_ptr<const std::vector<std::string>> listedFiles(const std::string &root)
{
    const auto listing = memory ? memory->of(root) : std::make_shared<const FolderListing>(Walker(root).take());
    return {listing, &listing->files};
}

const std::shared_ptr<const FolderListing> &ListingMemory::of(const std::string &root)
{
    auto &known = m_known[root];
    if (!known)
        known = std::make_shared<const FolderListing>(Walker(root).take());
    return known;
}

ListingMemory::ListingMemory()
{
    memory = this;
}

ListingMemory::~ListingMemory()
{
    memory = nullptr;
}

std::string withoutExtension(const std::string &path)
{
    const auto dot = path.find_last_of("./");
    return dot == std::string::npos || path[dot] == '/' ? path : path.substr(0, dot);
}

std::vector<std::string> foldersOf(const std::string &path)
{
    auto parts = splitText(path, '/');
    parts.pop_back();
    return parts;
}

Split splitOfPath(const std::string &path)
{
    for (auto folders = foldersOf(path); !folders.empty(); folders.pop_back())
        if (const auto split = splitFromName(folders.back()); split != Split::None)
            return split;
    return Split::None;
}

Item itemFor(const std::string &image)
{
    return {.image = image, .json = withoutExtension(image) + ".json", .split = splitOfPath(image)};
}

} // namespace masque
