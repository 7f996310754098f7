// SPDX-License-Identifier: GPL-3.0-or-later
// CocoFormat's writing.
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/base/files.h"
#include "plugins/formats/CocoFormat.h"
#include "plugins/formats/CocoSource.h"
#include "plugins/formats/coco_rle.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace masque {

namespace {

constexpr double kSameArea = 0.01, kSamePx = 1; ///< so near, a file's own figures stay

std::string subsetOf(Split split)
{
    return split == Split::None ? std::string("default") : std::string(splitName(split));
}

std::string fileOf(Split split)
{
    return "annotations/instances_" + subsetOf(split) + ".json";
}

double areaOf(const std::vector<Point> &points)
{
    double twice = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const Point &a = points[i], &b = points[(i + 1) % points.size()];
        twice += a.x * b.y - b.x * a.y;
    }
    return std::abs(twice) / 2;
}

/// Whole numbers without a fraction, as the files have them.
Json number(double value)
{
    return std::floor(value) == value && std::abs(value) < 1e15 ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

struct Extent {
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY, area = 0;

    void add(const Point &point)
    {
        left = std::min(left, point.x);
        top = std::min(top, point.y);
        right = std::max(right, point.x);
        bottom = std::max(bottom, point.y);
    }
    Json box() const
    {
        return Json(Json::Array{number(left), number(top), number(right - left), number(bottom - top)});
    }
};

bool isNear(const Json &a, const Json &b)
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!(std::abs(a[i].toDouble(NAN) - b[i].toDouble(NAN)) <= kSamePx))
            return false;
    return true;
}

/// An object's `segmentation` and how far it reaches.
std::pair<Json, Extent> segmentationOf(const std::vector<const Shape *> &object, Size size, bool isCrowd)
{
    Extent extent;
    Json polygons = Json::array();
    const auto isPolygon = [](const Shape *shape) {
        return shape->type == ShapeType::Polygon && shape->points.size() >= 3;
    };
    if (!isCrowd && std::ranges::all_of(object, isPolygon)) {
        for (const Shape *shape : object) {
            Json polygon = Json::array();
            for (const Point &point : shape->points) {
                polygon.push_back(number(point.x));
                polygon.push_back(number(point.y));
                extent.add(point);
            }
            extent.area += areaOf(shape->points);
            polygons.push_back(std::move(polygon));
        }
        return {std::move(polygons), extent};
    }
    const Shape &first = *object.front();
    if (!isCrowd && object.size() == 1 && first.type == ShapeType::Rectangle && first.points.size() == 2) {
        for (const Point &point : first.points)
            extent.add(point);
        extent.area = (extent.right - extent.left) * (extent.bottom - extent.top);
        return {std::move(polygons), extent}; // the box says it all
    }
    const Mask mask = maskOf(object, size);
    cv::Mat1b whole(size.height, size.width, std::uint8_t{0});
    if (!mask.box.isEmpty()) {
        mask.bits.copyTo(whole(toCv(mask.box)));
        const Rect content = contentBox(whole);
        extent.add({double(content.x), double(content.y)});
        extent.add({double(content.x + content.width), double(content.y + content.height)});
        extent.area = cv::countNonZero(whole);
    }
    return {rleFromMask(whole), extent};
}

/// One file of annotations while it grows: images come last in it, since they are few bytes.
class SubsetFile {
public:
    SubsetFile(std::string path, const Json &categories) : m_path(std::move(path)), m_file(m_path, std::ios::binary)
    {
        m_file << "{\"categories\": " << categories.dump() << ",\n\"annotations\": [";
    }
    ~SubsetFile()
    {
        if (m_isFinished)
            return;
        m_file.close();
        std::error_code ignored;
        std::filesystem::remove(m_path, ignored); // half a document helps nobody
    }
    SubsetFile(const SubsetFile &) = delete;
    SubsetFile &operator=(const SubsetFile &) = delete;

    /// The id that is wished, or a new one where it is taken.
    std::int64_t imageId(std::optional<std::int64_t> wished) { return take(m_imageIds, m_nextImage, wished); }
    std::int64_t annotationId(std::optional<std::int64_t> wished) { return take(m_ids, m_nextId, wished); }
    void addImage(const Json &image) { m_images += (m_images.empty() ? "\n" : ",\n") + image.dump(); }
    void addAnnotation(const Json &annotation)
    {
        m_file << (m_isFirst ? "\n" : ",\n") << annotation.dump();
        m_isFirst = false;
    }
    Result<void> finish()
    {
        m_file << "\n],\n\"images\": [" << m_images << "\n]}\n";
        m_file.close();
        m_isFinished = static_cast<bool>(m_file);
        return m_isFinished ? Result<void>() : Error{ErrorCode::Io, m_path + ": cannot be written", m_path};
    }

private:
    static std::int64_t take(std::set<std::int64_t> &taken, std::int64_t &next, std::optional<std::int64_t> wished)
    {
        if (wished && *wished >= 0 && taken.insert(*wished).second)
            return *wished;
        while (!taken.insert(next).second)
            ++next;
        return next;
    }

    const std::string m_path;
    std::ofstream m_file;
    std::string m_images;
    std::set<std::int64_t> m_imageIds, m_ids;
    std::int64_t m_nextImage = 1, m_nextId = 1;
    bool m_isFirst = true, m_isFinished = false;
};

} // namespace

Holds CocoFormat::holds() const
{
    Holds all{.outlines = true, .rectangles = true, .pixels = true, .objects = true, .groups = true};
    all.ignored = true;
    all.unlabelled = false;
    return all;
}

Result<bool> CocoFormat::place(const Dataset &, Output &output) const
{
    output.image = "images/" + subsetOf(output.item->split) + "/" + output.stem + output.extension;
    return true;
}

std::vector<std::string> CocoFormat::commonFiles(const Dataset &, const std::vector<Output> &outputs) const
{
    std::set<std::string> files;
    for (const Output &output : outputs)
        files.insert(fileOf(output.item->split));
    return {files.begin(), files.end()};
}

std::vector<std::string> CocoFormat::ownLosses(const Dataset &dataset) const
{
    if (dataset.task == Task::Segmentation && !dataset.labels.hasBackground())
        return {"Pixels without a label, which are ignored here, count as background."};
    return {};
}

std::unique_ptr<WritingFormat::Writer> CocoFormat::makeWriter(const Dataset &dataset, const std::string &folder) const
{
    class CocoWriter : public Writer {
    public:
        CocoWriter(const Dataset &dataset, const std::string &folder)
            : m_dataset(dataset), m_folder(folder + "/"),
              m_source(std::dynamic_pointer_cast<const CocoSource>(dataset.source))
        {
            std::set<std::int64_t> taken;
            std::map<std::string, Json> known;
            if (m_source)
                for (const auto &[path, file] : m_source->lists)
                    for (const auto &[id, name] : file.categories()) {
                        known.emplace(name, file.categoryJson(id));
                        taken.insert(id);
                    }
            std::int64_t next = 1;
            for (const auto &name :
                 dataset.task == Task::Segmentation ? dataset.labels.names() : std::vector<std::string>()) {
                if (name == kBackgroundName)
                    continue;
                Json category = Json::object();
                if (const auto own = known.find(name); own != known.end() && own->second["id"].isInteger()) {
                    category = own->second;
                } else {
                    while (!taken.insert(next).second)
                        ++next;
                    category.set("id", next);
                    category.set("name", name);
                    category.set("supercategory", "");
                }
                m_ids[name] = category["id"].toInt();
                m_categories.push_back(std::move(category));
            }
        }
        Result<void> add(const Output &output, const Annotation *annotation) override
        {
            const auto size = sizeOf(m_dataset, *output.item, annotation);
            if (!size)
                return size.error();
            SubsetFile &file = fileFor(output.item->split);
            Json image = imageFor(output.item->foreign);
            const auto id = file.imageId(image["id"].isInteger() ? std::optional(image["id"].toInt()) : std::nullopt);
            image.set("id", id);
            image.set("file_name", output.stem + output.extension);
            image.set("width", size->width);
            image.set("height", size->height);
            file.addImage(image);
            if (addUntouched(file, *output.item, id) || !annotation)
                return {};
            for (const auto &object : objectsOf(*annotation))
                addObject(file, object, id, *size);
            return {};
        }
        Result<void> finish() override
        {
            for (auto &[split, file] : m_files)
                if (auto written = file->finish(); !written)
                    return written;
            return {};
        }

    private:
        SubsetFile &fileFor(Split split)
        {
            auto &file = m_files[split];
            if (!file) {
                const std::string path = m_folder + fileOf(split);
                std::error_code ignored; // the file says that it cannot be written
                std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
                file = std::make_unique<SubsetFile>(path, m_categories);
            }
            return *file;
        }
        Json imageFor(const std::string &foreign) const
        {
            const auto [file, image] = m_source ? m_source->place(foreign) : std::pair(nullptr, std::size_t{0});
            Json json = file ? file->imageJson(image) : Json();
            return json.isObject() ? json : Json::object();
        }
        /// What nobody corrected is written as COCO's file has it.
        bool addUntouched(SubsetFile &file, const Item &item, std::int64_t image) const
        {
            const auto [source, at] = m_source ? m_source->place(item.foreign) : std::pair(nullptr, std::size_t{0});
            if (!source || !isUntouched(m_dataset, item))
                return false;
            for (Json json : source->annotationsJson(at)) {
                json.set("id",
                         file.annotationId(json["id"].isInteger() ? std::optional(json["id"].toInt()) : std::nullopt));
                json.set("image_id", image);
                file.addAnnotation(json);
            }
            return true;
        }
        void addObject(SubsetFile &file, const std::vector<const Shape *> &object, std::int64_t image, Size size) const
        {
            const Shape &first = *object.front();
            const bool isCrowd = first.label == kIgnoreName;
            const Json &own = first.source ? (*first.source)["coco"] : m_nothing;
            const auto category = m_ids.find(first.label);
            const std::int64_t kept = own["category_id"].toInt(-1);
            const bool isKnown = std::ranges::any_of(m_ids, [&](const auto &pair) { return pair.second == kept; });
            if (m_ids.empty() || (!isCrowd && category == m_ids.end()) || first.type == ShapeType::Other)
                return;
            auto [segmentation, extent] = segmentationOf(object, size, isCrowd);
            if (!(extent.right >= extent.left))
                return; // nothing of it lies in the image
            Json json = Json::object();
            json.set("id", file.annotationId(own["id"].isInteger() ? std::optional(own["id"].toInt()) : std::nullopt));
            json.set("image_id", image);
            json.set("category_id", isCrowd ? (isKnown ? kept : m_ids.begin()->second) : category->second);
            json.set("segmentation", std::move(segmentation));
            const bool isSameArea = std::abs(own["area"].toDouble(NAN) - extent.area) <= kSameArea * extent.area;
            json.set("area", isSameArea ? own["area"] : number(extent.area));
            json.set("bbox", isNear(own["bbox"], extent.box()) ? own["bbox"] : extent.box());
            json.set("iscrowd", isCrowd ? 1 : 0);
            for (const auto &[key, value] : own.members()) // keypoints and the like
                if (!json.contains(key))
                    json.set(key, value);
            file.addAnnotation(json);
        }

        const Dataset &m_dataset;
        const std::string m_folder;
        const std::shared_ptr<const CocoSource> m_source;
        const Json m_nothing;
        Json m_categories = Json::array();
        std::map<std::string, std::int64_t> m_ids;
        std::map<Split, std::unique_ptr<SubsetFile>> m_files;
    };
    return std::make_unique<CocoWriter>(dataset, folder);
}

} // namespace masque
