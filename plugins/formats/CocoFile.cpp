// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/CocoFile.h"

#include "core/annotations/LabelSet.h"
#include "core/annotations/mask_ops.h"
#include "plugins/formats/coco_rle.h"

#include <rapidjson/filereadstream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

namespace masque {

namespace {

constexpr double kMostPx = 1e6;
constexpr int kMostSide = 1 << 20;
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag
                            | rapidjson::kParseNanAndInfFlag | rapidjson::kParseValidateEncodingFlag;

struct CloseFile {
    void operator()(std::FILE *file) const { std::fclose(file); }
};
using FilePointer = std::unique_ptr<std::FILE, CloseFile>;

/// Behind a byte order mark, if there is one; where it stands comes back.
std::pair<FilePointer, std::uint64_t> openFile(const std::string &path)
{
    FilePointer file(std::fopen(path.c_str(), "rb"));
    char mark[3] = {};
    if (file && (std::fread(mark, 1, 3, file.get()) != 3 || std::string_view(mark, 3) != "\xef\xbb\xbf")) {
        std::rewind(file.get());
        return {std::move(file), 0};
    }
    return {std::move(file), 3};
}

std::optional<std::int64_t> wholeNumber(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc())
        return std::nullopt;
    const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    return rest.find_first_not_of(".0") == std::string_view::npos ? std::optional(value) : std::nullopt;
}

/// Stops at the first key that tells whether the document is one of COCO's.
class FirstKeys : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, FirstKeys> {
public:
    bool isCoco = false;

    bool Default() { return m_depth > 0; }
    bool StartObject()
    {
        ++m_depth;
        return true;
    }
    bool EndObject(rapidjson::SizeType) { return --m_depth > 0; }
    bool StartArray()
    {
        if (m_depth == 1 && (m_key == "images" || m_key == "categories")) {
            isCoco = true;
            return false;
        }
        if (m_depth == 0 || (m_depth == 1 && m_key == "shapes")) // a list, or LabelMe
            return false;
        ++m_depth;
        return true;
    }
    bool EndArray(rapidjson::SizeType) { return --m_depth > 0; }
    bool Key(const char *text, rapidjson::SizeType length, bool)
    {
        if (m_depth == 1)
            m_key.assign(text, length);
        return true;
    }

private:
    int m_depth = 0;
    std::string m_key;
};

Error wrong(const Json &annotation, const std::string &what)
{
    return {ErrorCode::Format, "annotation " + annotation["id"].dump() + ": " + what, "annotations"};
}

/// [x, y, x, y, ...]
Result<std::vector<Point>> pointsFrom(const Json &numbers)
{
    std::vector<Point> points;
    if (!numbers.isArray() || numbers.size() < 6 || numbers.size() % 2 != 0)
        return Error{ErrorCode::Format,
                     "segmentation: a polygon of at least three points was expected, found "
                         + std::to_string(numbers.size()) + " numbers",
                     "segmentation"};
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
        const Point point{numbers[i].toDouble(NAN), numbers[i + 1].toDouble(NAN)};
        if (!(std::abs(point.x) < kMostPx && std::abs(point.y) < kMostPx))
            return Error{ErrorCode::Format,
                         "segmentation: a point at " + numbers[i].dump() + ", " + numbers[i + 1].dump(),
                         "segmentation"};
        points.push_back(point);
    }
    return points;
}

} // namespace

/// Fills a CocoFile while the file streams by.
class CocoHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, CocoHandler> {
public:
    CocoHandler(CocoFile &out, const rapidjson::FileReadStream &stream, std::uint64_t start)
        : m_out(out), m_stream(stream), m_start(start)
    {
    }

    bool Default() { return true; }
    bool RawNumber(const char *text, rapidjson::SizeType length, bool)
    {
        if (m_depth == 3)
            if (const auto value = wholeNumber({text, length}))
                m_numbers[m_key] = *value;
        return true;
    }
    bool String(const char *text, rapidjson::SizeType length, bool)
    {
        if (m_depth == 3)
            m_texts[m_key].assign(text, length);
        return true;
    }
    bool Key(const char *text, rapidjson::SizeType length, bool)
    {
        if (m_depth == 1)
            m_list.assign(text, length);
        else if (m_depth == 3)
            m_key.assign(text, length);
        return true;
    }
    bool StartObject()
    {
        if (++m_depth == 3) {
            m_numbers.clear();
            m_texts.clear();
            m_offset = m_start + m_stream.Tell(); // the iterative parser stands on the brace
        }
        return true;
    }
    bool EndObject(rapidjson::SizeType)
    {
        if (m_depth-- == 3)
            take(m_start + m_stream.Tell() + 1 - m_offset);
        return true;
    }
    bool StartArray()
    {
        ++m_depth;
        return true;
    }
    bool EndArray(rapidjson::SizeType)
    {
        --m_depth;
        return true;
    }

    /// Once all is known: images may come after annotations.
    void finish()
    {
        std::unordered_map<std::int64_t, std::uint32_t> byId;
        for (std::size_t i = 0; i < m_out.m_images.size(); ++i)
            byId.emplace(m_out.m_images[i].id, static_cast<std::uint32_t>(i));
        for (const auto &[id, offset, length] : m_annotations)
            if (const auto found = byId.find(id); found != byId.end())
                m_out.m_places.push_back({found->second, length, offset});
        std::ranges::stable_sort(m_out.m_places, {}, &CocoFile::Place::image);
    }

private:
    struct Found {
        std::int64_t image;
        std::uint64_t offset;
        std::uint32_t length;
    };
    std::optional<std::int64_t> number(const char *key) const
    {
        const auto found = m_numbers.find(key);
        return found == m_numbers.end() ? std::nullopt : std::optional(found->second);
    }
    void take(std::uint64_t length)
    {
        if (m_list == "annotations") {
            if (const auto image = number("image_id"); image && length <= UINT32_MAX)
                m_annotations.push_back({*image, m_offset, static_cast<std::uint32_t>(length)});
            return;
        }
        const auto id = number("id");
        if (!id)
            return;
        if (length > UINT32_MAX)
            return;
        if (m_list == "categories" && !m_texts["name"].empty()) {
            m_out.m_categories.emplace(*id, m_texts["name"]);
            m_out.m_categoryPlaces.emplace(*id, CocoFile::Place{0, static_cast<std::uint32_t>(length), m_offset});
        }
        if (m_list != "images" || m_texts["file_name"].empty())
            return;
        const auto side = [&](const char *key) {
            return static_cast<int>(std::clamp<std::int64_t>(number(key).value_or(0), 0, kMostSide));
        };
        m_out.m_images.push_back({.id = *id,
                                  .fileName = m_texts["file_name"],
                                  .size = {side("width"), side("height")},
                                  .offset = m_offset,
                                  .length = static_cast<std::uint32_t>(length)});
    }

    CocoFile &m_out;
    const rapidjson::FileReadStream &m_stream;
    const std::uint64_t m_start;
    std::uint64_t m_offset = 0; ///< where the object of a list begins
    int m_depth = 0;
    std::string m_list, m_key;
    std::map<std::string, std::int64_t> m_numbers;
    std::map<std::string, std::string> m_texts;
    std::vector<Found> m_annotations;
};

bool CocoFile::isCoco(const std::string &path)
{
    const auto [file, start] = openFile(path);
    if (!file)
        return false;
    char buffer[4096];
    rapidjson::FileReadStream stream(file.get(), buffer, sizeof buffer);
    FirstKeys handler;
    rapidjson::Reader().Parse<kFlags>(stream, handler);
    return handler.isCoco;
}

Result<CocoFile> CocoFile::open(const std::string &path)
{
    const auto [file, start] = openFile(path);
    if (!file)
        return Error{ErrorCode::Io, path + ": cannot be read", path};
    CocoFile out;
    out.m_path = path;
    std::vector<char> buffer(std::size_t{1} << 16);
    rapidjson::FileReadStream stream(file.get(), buffer.data(), buffer.size());
    CocoHandler handler(out, stream, start);
    if (const auto parsed = rapidjson::Reader().Parse<kFlags>(stream, handler); parsed.IsError())
        return Error{ErrorCode::Format,
                     path + ": is no JSON in UTF-8 from byte " + std::to_string(start + parsed.Offset()) + " on", path};
    handler.finish();
    return out;
}

Result<Annotation> CocoFile::read(std::size_t image) const
{
    Annotation out;
    const Image &info = m_images[image];
    const auto slash = info.fileName.find_last_of('/');
    out.imagePath = slash == std::string::npos ? info.fileName : info.fileName.substr(slash + 1);
    if (!info.size.isEmpty())
        out.imageSize = info.size;
    std::ifstream file(m_path, std::ios::binary);
    const auto range = std::ranges::equal_range(m_places, static_cast<std::uint32_t>(image), {}, &Place::image);
    for (const Place &place : range) {
        std::string text(place.length, '\0');
        if (!file.seekg(static_cast<std::streamoff>(place.offset)) || !file.read(text.data(), place.length))
            return Error{ErrorCode::Io, m_path + ": cannot be read; was it changed?", m_path};
        const auto annotation = Json::parse(text);
        if (!annotation)
            return Error{ErrorCode::Format, m_path + ": was changed since it was opened", m_path};
        if (auto added = addShapes(*annotation, out); !added)
            return Error{added.error().code, m_path + ": " + added.error().message, m_path};
    }
    return out;
}

Json CocoFile::objectAt(std::uint64_t offset, std::uint32_t length) const
{
    std::ifstream file(m_path, std::ios::binary);
    std::string text(length, '\0');
    if (!file.seekg(static_cast<std::streamoff>(offset)) || !file.read(text.data(), length))
        return {};
    return Json::parse(text).value_or(Json());
}

Json CocoFile::imageJson(std::size_t image) const
{
    return objectAt(m_images[image].offset, m_images[image].length);
}

std::vector<Json> CocoFile::annotationsJson(std::size_t image) const
{
    std::vector<Json> all;
    const auto range = std::ranges::equal_range(m_places, static_cast<std::uint32_t>(image), {}, &Place::image);
    for (const Place &place : range)
        all.push_back(objectAt(place.offset, place.length));
    return all;
}

Json CocoFile::categoryJson(std::int64_t id) const
{
    const auto place = m_categoryPlaces.find(id);
    return place == m_categoryPlaces.end() ? Json() : objectAt(place->second.offset, place->second.length);
}

Result<void> CocoFile::addShapes(const Json &annotation, Annotation &to) const
{
    const auto category = m_categories.find(annotation["category_id"].toInt(-1));
    if (category == m_categories.end())
        return wrong(annotation, "category_id: no category " + annotation["category_id"].dump());
    Json kept = annotation, source = Json::object();
    kept.remove("segmentation");
    source.set("coco", std::move(kept));
    Shape shape{.label = annotation["iscrowd"].toInt() == 1 ? std::string(kIgnoreName) : category->second};
    shape.source = std::make_shared<const Json>(std::move(source));
    const Json &segmentation = annotation["segmentation"];
    if (segmentation.isObject()) {
        if (!to.imageSize)
            return wrong(annotation, "segmentation: the file does not say the image's size");
        auto bits = maskFromRle(segmentation, *to.imageSize);
        if (!bits)
            return wrong(annotation, bits.error().message);
        Mask mask = cropped({{0, 0, to.imageSize->width, to.imageSize->height}, std::move(*bits)});
        if (mask.box.isEmpty())
            return {}; // nothing is there
        shape.type = ShapeType::Mask;
        shape.mask = std::make_shared<const Mask>(std::move(mask));
        to.shapes.push_back(std::move(shape));
        return {};
    }
    if (segmentation.size() > 0) {
        if (segmentation.size() > 1)
            shape.groupId = annotation["id"].toInt();
        for (const Json &polygon : segmentation.items()) {
            auto points = pointsFrom(polygon);
            if (!points)
                return wrong(annotation, points.error().message);
            shape.points = std::move(*points);
            shape.id = nextShapeId();
            to.shapes.push_back(shape);
        }
        return {};
    }
    const Json &box = annotation["bbox"];
    if (box.size() != 4)
        return {}; // a caption, or keypoints alone
    const Point from{box[0].toDouble(NAN), box[1].toDouble(NAN)};
    const Point end{from.x + box[2].toDouble(NAN), from.y + box[3].toDouble(NAN)};
    if (!(std::abs(from.x) < kMostPx && std::abs(from.y) < kMostPx && std::abs(end.x) < kMostPx
          && std::abs(end.y) < kMostPx))
        return wrong(annotation, "bbox: " + box.dump());
    shape.type = ShapeType::Rectangle;
    shape.points = {from, end};
    to.shapes.push_back(std::move(shape));
    return {};
}

} // namespace masque
