// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/picture_file.h"

#include "core/base/text.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <list>
#include <mutex>

namespace masque {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;
constexpr std::size_t kRemembered = 4; ///< files

/// Reads plain and gzip files alike.
class GzReader {
public:
    explicit GzReader(const std::string &path) : m_file(gzopen(path.c_str(), "rb")) {}
    ~GzReader()
    {
        if (m_file)
            gzclose(m_file);
    }
    GzReader(const GzReader &) = delete;
    GzReader &operator=(const GzReader &) = delete;
    bool isOpen() const { return m_file != nullptr; }
    /// As many bytes as there are, at most so many.
    std::size_t read(void *to, std::size_t bytes)
    {
        std::size_t done = 0;
        while (done < bytes) {
            const auto step = static_cast<unsigned>(std::min<std::size_t>(bytes - done, 1 << 20));
            const int got = gzread(m_file, static_cast<char *>(to) + done, step);
            if (got <= 0)
                break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }
    /// Without its end; false at the file's end.
    bool line(std::string &out)
    {
        out.clear();
        std::array<char, 4096> part{};
        while (gzgets(m_file, part.data(), static_cast<int>(part.size()))) {
            out += part.data();
            if (out.ends_with('\n') || out.size() > kMostBytes / 1024)
                break;
        }
        const bool isThere = !out.empty();
        while (out.ends_with('\n') || out.ends_with('\r'))
            out.pop_back();
        return isThere;
    }

private:
    gzFile m_file;
};

Error broken(const std::string &path, const std::string &what)
{
    return {ErrorCode::Format, path + ": " + what, path};
}

/// Sizes of an idx file of bytes (LeCun, "The MNIST database"): as many as its header says.
Result<std::vector<std::size_t>> readIdxHeader(GzReader &file, const std::string &path, int dimensions)
{
    std::array<std::uint8_t, 4> magic{};
    if (!file.isOpen() || file.read(magic.data(), magic.size()) != magic.size())
        return Error{ErrorCode::Io, path + ": cannot be read", path};
    if (magic[0] != 0 || magic[1] != 0 || magic[2] != 8 || magic[3] != dimensions)
        return broken(path, "is no idx file of bytes with " + std::to_string(dimensions) + " dimensions");
    std::vector<std::size_t> sizes;
    std::size_t bytes = 1;
    for (int k = 0; k < dimensions; ++k) {
        std::array<std::uint8_t, 4> size{};
        if (file.read(size.data(), size.size()) != size.size())
            return broken(path, "ends within its header");
        sizes.push_back(std::size_t{size[0]} << 24 | std::size_t{size[1]} << 16 | std::size_t{size[2]} << 8 | size[3]);
        if (sizes.back() == 0 || bytes > kMostBytes / sizes.back())
            return broken(path, "says that it holds nothing, or more than a gigabyte");
        bytes *= sizes.back();
    }
    return sizes;
}

Result<PictureFile> readIdx(const std::string &path)
{
    GzReader file(path);
    const auto sizes = readIdxHeader(file, path, 3);
    if (!sizes)
        return sizes.error();
    const auto [count, rows, columns] = std::array{(*sizes)[0], (*sizes)[1], (*sizes)[2]};
    constexpr std::size_t kMostSide = 4096;
    if (rows > kMostSide || columns > kMostSide)
        return broken(path, "has pictures with sides beyond " + std::to_string(kMostSide));
    PictureFile out;
    out.size = {static_cast<int>(columns), static_cast<int>(rows)};
    for (std::size_t k = 0; k < count; ++k) {
        cv::Mat1b picture(out.size.height, out.size.width);
        if (file.read(picture.data, picture.total()) != picture.total())
            return broken(path, "ends after " + std::to_string(k) + " of the " + std::to_string(count)
                                    + " pictures that it says it holds");
        out.pictures.push_back(std::move(picture));
    }
    return out;
}

/// Where a table has its columns; -1: it has none such.
struct Columns {
    int emotion = -1, pixels = -1, use = -1;
};

std::vector<std::string> cellsOf(const std::string &line)
{
    auto cells = splitText(line, ',');
    for (auto &cell : cells) {
        cell = trimmed(cell);
        if (cell.size() > 1 && cell.front() == '"' && cell.back() == '"')
            cell = cell.substr(1, cell.size() - 2);
    }
    return cells;
}

Columns columnsOf(const std::string &line)
{
    Columns out;
    const auto cells = cellsOf(line.starts_with("\xEF\xBB\xBF") ? line.substr(3) : line);
    for (int k = 0; k < static_cast<int>(cells.size()); ++k) {
        const auto name = toLowerAscii(cells[static_cast<std::size_t>(k)]);
        if (name == "emotion")
            out.emotion = k;
        else if (name == "pixels")
            out.pixels = k;
        else if (name == "usage")
            out.use = k;
    }
    return out;
}

/// Numbers 0..255 with blanks between them; empty if something else is there.
std::vector<std::uint8_t> numbersOf(const std::string &text)
{
    std::vector<std::uint8_t> numbers;
    const char *at = text.data(), *end = at + text.size();
    while (at < end) {
        if (*at == ' ') {
            ++at;
            continue;
        }
        int value = 0;
        const auto [after, error] = std::from_chars(at, end, value);
        if (error != std::errc() || value < 0 || value > 255)
            return {};
        numbers.push_back(static_cast<std::uint8_t>(value));
        at = after;
    }
    return numbers;
}

Result<PictureFile> readTable(const std::string &path)
{
    GzReader file(path);
    std::string line;
    if (!file.isOpen() || !file.line(line))
        return Error{ErrorCode::Io, path + ": cannot be read", path};
    const auto columns = columnsOf(line);
    if (columns.pixels < 0)
        return broken(path, "has no column 'pixels' in its first line");
    PictureFile out;
    std::size_t bytes = 0;
    while (file.line(line)) {
        if (trimmed(line).empty())
            continue;
        const auto cells = cellsOf(line);
        const auto cell = [&](int column) {
            return column >= 0 && column < static_cast<int>(cells.size()) ? cells[static_cast<std::size_t>(column)]
                                                                          : std::string();
        };
        const auto numbers = numbersOf(cell(columns.pixels));
        const int side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(numbers.size()))));
        const bool isSquare =
            side > 0 && static_cast<std::size_t>(side) * static_cast<std::size_t>(side) == numbers.size();
        if (out.size.isEmpty() && isSquare)
            out.size = {side, side};
        const auto number = out.pictures.size();
        if (isSquare && side == out.size.width)
            out.pictures.push_back(cv::Mat1b(side, side, const_cast<std::uint8_t *>(numbers.data())).clone());
        else
            out.pictures.emplace_back();
        if (out.pictures.back().empty())
            out.problems.emplace_back(number, "its pixels are not the numbers 0 to 255 of a square picture as large as "
                                              "the others");
        const auto emotion = cell(columns.emotion);
        int value = -1;
        const auto parsed = std::from_chars(emotion.data(), emotion.data() + emotion.size(), value);
        out.classes.push_back(parsed.ec == std::errc() && parsed.ptr == emotion.data() + emotion.size() ? value : -1);
        out.uses.push_back(cell(columns.use));
        bytes += numbers.size();
        if (bytes > kMostBytes)
            return broken(path, "holds more than a gigabyte of pixels");
    }
    return out;
}

bool isTableName(const std::string &path)
{
    const auto name = toLowerAscii(path);
    return name.ends_with(".csv") || name.ends_with(".csv.gz");
}

bool isIdxName(const std::string &path)
{
    const auto name = toLowerAscii(path);
    return name.ends_with("-idx3-ubyte") || name.ends_with("-idx3-ubyte.gz");
}

} // namespace

std::optional<std::pair<std::string, std::size_t>> pictureName(const std::string &path)
{
    const auto mark = path.rfind('#');
    if (mark == std::string::npos || mark + 1 == path.size())
        return std::nullopt;
    std::size_t number = 0;
    const char *end = path.data() + path.size();
    const auto parsed = std::from_chars(path.data() + mark + 1, end, number);
    auto file = path.substr(0, mark);
    if (parsed.ec != std::errc() || parsed.ptr != end || !(isTableName(file) || isIdxName(file)))
        return std::nullopt;
    return std::pair(std::move(file), number);
}

bool isPictureTable(const std::string &path)
{
    if (!isTableName(path))
        return false;
    GzReader file(path);
    std::string line;
    if (!file.isOpen() || !file.line(line))
        return false;
    const auto columns = columnsOf(line);
    return columns.emotion >= 0 && columns.pixels >= 0;
}

Result<std::shared_ptr<const PictureFile>> readPictureFile(const std::string &path)
try {
    struct Known {
        std::string path;
        std::filesystem::file_time_type time;
        std::uintmax_t size;
        std::shared_ptr<const PictureFile> file;
    };
    static std::mutex mutex;
    static std::list<Known> remembered;
    std::error_code failed;
    const auto time = std::filesystem::last_write_time(path, failed);
    const auto size = failed ? 0 : std::filesystem::file_size(path, failed);
    if (failed)
        return Error{ErrorCode::Io, path + ": cannot be read: " + failed.message(), path};
    const std::lock_guard lock(mutex); // who waits wants what is being read
    const auto known = std::ranges::find_if(
        remembered, [&](const Known &k) { return k.path == path && k.time == time && k.size == size; });
    if (known != remembered.end())
        return known->file;
    auto read = isIdxName(path) ? readIdx(path) : readTable(path);
    if (!read)
        return read.error();
    remembered.push_front({path, time, size, std::make_shared<const PictureFile>(std::move(*read))});
    if (remembered.size() > kRemembered)
        remembered.pop_back();
    return remembered.front().file;
} catch (const std::bad_alloc &) {
    return Error{ErrorCode::Memory, path + ": not enough memory for its pictures", path};
}

Result<std::vector<std::uint8_t>> readIdxClasses(const std::string &path)
{
    GzReader file(path);
    const auto sizes = readIdxHeader(file, path, 1);
    if (!sizes)
        return sizes.error();
    constexpr std::size_t kStep = 1 << 20; // a header alone takes no memory
    std::vector<std::uint8_t> classes;
    while (classes.size() < sizes->front()) {
        const std::size_t known = classes.size(), step = std::min(kStep, sizes->front() - known);
        classes.resize(known + step);
        if (file.read(classes.data() + known, step) != step)
            return broken(path, "ends before its last class");
    }
    return classes;
}

} // namespace masque
