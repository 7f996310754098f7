// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/CityscapesFormat.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/datasets/id_mask.h"
#include "core/datasets/listing.h"

#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr std::string_view kImage = "_leftImg8bit";
constexpr std::string_view kInstances = "_gtFine_instanceIds.png", kLabels = "_gtFine_labelIds.png",
                           kTrain = "_gtFine_labelTrainIds.png", kPolygons = "_gtFine_polygons.json";
constexpr int kPerClass = 1000; ///< an instance's value is its class times this, and its number
constexpr double kMostPx = 1e6;
constexpr int kMostSide = 1 << 20;
constexpr const char *kGroup = "group", *kOwnName = "cityscapes";

std::string cityPath(const std::string &file)
{
    const auto parts = splitText(file, '/');
    return parts.size() < 2 ? file : joinText({parts.begin() + 1, parts.end()}, "/");
}

/// What an image and its annotation share of their paths: "train/aachen/aachen_000000_000019".
std::map<std::string, std::string> imagesOf(const std::vector<std::string> &files)
{
    std::map<std::string, std::string> images;
    for (const auto &file : files) {
        const std::string stem = withoutExtension(file);
        if (hasImageExtension(file) && stem.ends_with(kImage) && file.starts_with("leftImg8bit/"))
            images[cityPath(stem.substr(0, stem.size() - kImage.size()))] = file;
    }
    return images;
}

std::optional<std::size_t> classIdOf(std::string_view name)
{
    const auto &table = cityscapesTable();
    const auto found = std::ranges::find(table, name, &CityscapesClass::name);
    return found == table.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - table.begin()));
}

/// A shape of a class, of a group of such things, or of what is void, whose own name stays in the key `cityscapes`.
Shape shapeNamed(const std::string &name, ShapeType type)
{
    auto id = classIdOf(name);
    const bool isGroup = !id && name.ends_with(kGroup);
    const std::string single = isGroup ? name.substr(0, name.size() - std::string_view(kGroup).size()) : name;
    if (isGroup)
        id = classIdOf(single);
    Shape shape{.label = single, .type = type};
    if (isGroup)
        shape.flags = {{kGroup, true}};
    if (id && !cityscapesTable()[*id].isVoid)
        return shape;
    Json source = Json::object();
    source.set(kOwnName, name);
    return {.label = std::string(kIgnoreName), .type = type, .source = std::make_shared<const Json>(std::move(source))};
}

/// The id under which a shape is written; nothing if the table does not have its class.
std::optional<std::size_t> idFor(const Shape &shape)
{
    if (shape.label != kIgnoreName)
        return classIdOf(shape.label);
    const auto own = shape.source ? classIdOf((*shape.source)[kOwnName].toString()) : std::nullopt;
    return own && cityscapesTable()[*own].isVoid ? own : 0;
}

/// One mask shape an instance, and one a class where instances are not told apart.
Result<Annotation> fromIds(const Dataset &dataset, const std::string &file)
{
    const auto values = readMaskValues(dataset.absolute(file));
    if (!values)
        return values.error();
    if (values->channels() != 1)
        return Error{ErrorCode::Data, file + ": grey values of classes were expected, this is a colour image", file};
    cv::Mat1w ids;
    values->convertTo(ids, CV_16U);
    Annotation out;
    out.imageSize = Size{ids.cols, ids.rows};
    for (const std::uint32_t value : distinctMaskValues(*values, 1 << 16)) {
        const std::size_t id = value < kPerClass ? value : value / kPerClass;
        if (id >= cityscapesTable().size())
            return Error{ErrorCode::Data, file + ": the value " + std::to_string(value) + " stands for no class", file};
        const CityscapesClass &one = cityscapesTable()[id];
        Shape shape = shapeNamed(std::string(one.name), ShapeType::Mask);
        shape.mask =
            std::make_shared<const Mask>(cropped({{0, 0, ids.cols, ids.rows}, cv::Mat1b((ids == value) / 255)}));
        if (one.hasInstances && value < kPerClass)
            shape.flags = {{kGroup, true}}; // not told apart
        out.shapes.push_back(std::move(shape));
    }
    return out;
}

Result<Annotation> fromPolygons(const Dataset &dataset, const std::string &file)
{
    const auto json = readJsonFile(dataset.absolute(file));
    if (!json)
        return json.error();
    Annotation out;
    const auto width = (*json)["imgWidth"].toInt(), height = (*json)["imgHeight"].toInt();
    if (width > 0 && height > 0 && width < kMostSide && height < kMostSide)
        out.imageSize = Size{static_cast<int>(width), static_cast<int>(height)};
    const auto &objects = (*json)["objects"].items();
    for (std::size_t i = 0; i < objects.size(); ++i) {
        if (objects[i]["deleted"].toInt() == 1)
            continue;
        Shape shape = shapeNamed(objects[i]["label"].toString(), ShapeType::Polygon);
        for (const Json &pair : objects[i]["polygon"].items()) {
            const Point point{pair[0].toDouble(NAN), pair[1].toDouble(NAN)};
            if (!(std::abs(point.x) < kMostPx && std::abs(point.y) < kMostPx))
                return Error{ErrorCode::Format,
                             file + ": objects[" + std::to_string(i) + "].polygon: a point at " + pair.dump(), file};
            shape.points.push_back(point);
        }
        if (shape.points.size() < 3)
            return Error{ErrorCode::Format,
                         file + ": objects[" + std::to_string(i) + "].polygon: at least three points were expected",
                         file};
        out.shapes.push_back(std::move(shape));
    }
    return out;
}

class CityscapesSource : public AnnotationSource {
public:
    Result<Annotation> read(const Dataset &dataset, const Item &item) const override
    {
        auto out =
            item.foreign.ends_with(".json") ? fromPolygons(dataset, item.foreign) : fromIds(dataset, item.foreign);
        if (out)
            out->imagePath = item.image.substr(item.image.find_last_of('/') + 1);
        return out;
    }
};

bool hasFlag(const Shape &shape, std::string_view name)
{
    return std::ranges::any_of(shape.flags, [&](const auto &flag) { return flag.second && flag.first == name; });
}

Json polygonsJson(const Annotation &annotation, Size size)
{
    Json objects = Json::array();
    const auto add = [&](const Shape &shape, const std::vector<Point> &points) {
        Json polygon = Json::array();
        for (const Point &point : points)
            polygon.push_back(Json(Json::Array{Json(point.x), Json(point.y)}));
        Json object = Json::object();
        object.set("label",
                   std::string(cityscapesTable()[*idFor(shape)].name) + (hasFlag(shape, kGroup) ? kGroup : ""));
        object.set("polygon", std::move(polygon));
        objects.push_back(std::move(object));
    };
    for (const Shape &shape : annotation.shapes) {
        if (!idFor(shape))
            continue;
        if (shape.type == ShapeType::Polygon) {
            add(shape, shape.points);
            continue;
        }
        const Mask mask = shape.mask ? *shape.mask : shapeMask(shape, size);
        for (const auto &region : traceMask(mask.bits, {double(mask.box.x), double(mask.box.y)}))
            if (region.outer.size() >= 3)
                add(shape, region.outer);
    }
    Json json = Json::object();
    json.set("imgHeight", size.height);
    json.set("imgWidth", size.width);
    json.set("objects", std::move(objects));
    return json;
}

Result<void> writePng(const std::string &path, const cv::Mat &values)
{
    std::vector<std::uint8_t> bytes;
    if (!cv::imencode(".png", values, bytes))
        return Error{ErrorCode::Internal, path + ": cannot be encoded", path};
    return writeNew(path, {reinterpret_cast<const char *>(bytes.data()), bytes.size()});
}

/// labelIds and instanceIds in paint order.
std::pair<cv::Mat1b, cv::Mat1w> paint(const Annotation &annotation, Size size)
{
    cv::Mat1b labels(size.height, size.width, std::uint8_t{0});
    cv::Mat1w instances(size.height, size.width, std::uint16_t{0});
    std::map<std::size_t, int> counts;
    for (const Shape &shape : annotation.shapes) {
        const auto id = idFor(shape);
        const Mask mask = id ? shapeMask(shape, size) : Mask();
        if (mask.box.isEmpty())
            continue;
        const bool isOne = cityscapesTable()[*id].hasInstances && !hasFlag(shape, kGroup);
        const auto value = isOne ? *id * kPerClass + static_cast<std::size_t>(counts[*id]++) : *id;
        labels(toCv(mask.box)).setTo(static_cast<double>(*id), mask.bits);
        instances(toCv(mask.box)).setTo(static_cast<double>(value), mask.bits);
    }
    return {labels, instances};
}

} // namespace

const std::vector<CityscapesClass> &cityscapesTable()
{
    static const std::vector<CityscapesClass> kTable = {{"unlabeled", 255, true},
                                                        {"ego vehicle", 255, true},
                                                        {"rectification border", 255, true},
                                                        {"out of roi", 255, true},
                                                        {"static", 255, true},
                                                        {"dynamic", 255, true},
                                                        {"ground", 255, true},
                                                        {"road", 0},
                                                        {"sidewalk", 1},
                                                        {"parking"},
                                                        {"rail track"},
                                                        {"building", 2},
                                                        {"wall", 3},
                                                        {"fence", 4},
                                                        {"guard rail"},
                                                        {"bridge"},
                                                        {"tunnel"},
                                                        {"pole", 5},
                                                        {"polegroup"},
                                                        {"traffic light", 6},
                                                        {"traffic sign", 7},
                                                        {"vegetation", 8},
                                                        {"terrain", 9},
                                                        {"sky", 10},
                                                        {"person", 11, false, true},
                                                        {"rider", 12, false, true},
                                                        {"car", 13, false, true},
                                                        {"truck", 14, false, true},
                                                        {"bus", 15, false, true},
                                                        {"caravan", 255, false, true},
                                                        {"trailer", 255, false, true},
                                                        {"train", 16, false, true},
                                                        {"motorcycle", 17, false, true},
                                                        {"bicycle", 18, false, true}};
    return kTable;
}

int CityscapesFormat::probe(const std::string &path) const
{
    const auto listed = listedFiles(path);
    const auto &files = *listed;
    if (imagesOf(files).empty())
        return 0;
    return std::ranges::any_of(files,
                               [](const auto &file) {
                                   return file.starts_with("gtFine/")
                                          && (file.ends_with(kInstances) || file.ends_with(kLabels)
                                              || file.ends_with(kPolygons));
                               })
               ? 92
               : 0; // trainIds alone are masks as others
}

Result<Dataset> CityscapesFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    std::map<std::string, std::pair<int, std::string>> annotations; // rank, file
    for (const auto &file : listing.files)
        for (int rank = 0; const auto ending : {kInstances, kLabels, kPolygons}) {
            if (file.starts_with("gtFine/") && file.ends_with(ending)) {
                auto &known = annotations[cityPath(file.substr(0, file.size() - ending.size()))];
                if (known.second.empty() || rank < known.first)
                    known = {rank, file};
            }
            ++rank;
        }
    for (const auto &[key, file] : imagesOf(listing.files)) {
        Item item = itemFor(file);
        item.split = splitOfPath(file);
        if (const auto found = annotations.find(key); found != annotations.end()) {
            item.foreign = found->second.second;
            annotations.erase(found);
        }
        dataset.items.push_back(std::move(item));
    }
    for (const auto &[key, file] : annotations)
        dataset.problems.push_back({file.second, "there is no image for it"});
    std::ranges::sort(dataset.items, naturalLess, &Item::image);
    for (const CityscapesClass &one : cityscapesTable())
        if (!one.isVoid)
            dataset.labels.add(one.name);
    dataset.labelsFixed = true;
    dataset.source = std::make_shared<CityscapesSource>();
    return dataset;
}

Holds CityscapesFormat::holds() const
{
    Holds all{.outlines = true, .pixels = true};
    all.objects = all.ignored = true;
    return all;
}

Result<bool> CityscapesFormat::place(const Dataset &, Output &output) const
{
    // A name of theirs begins with its city; another's city is "default".
    const auto parts = splitText(output.stem, '_');
    const std::string city = parts.size() >= 3 ? parts.front() : std::string("default");
    const Split split = output.item->split;
    const std::string folder = std::string(split == Split::None ? "train" : splitName(split)) + "/" + city + "/";
    output.image = "leftImg8bit/" + folder + output.stem + std::string(kImage) + output.extension;
    if (output.isAnnotated)
        for (const auto ending : {kLabels, kTrain, kInstances, kPolygons})
            output.files.push_back("gtFine/" + folder + output.stem + std::string(ending));
    return true;
}

std::vector<std::string> CityscapesFormat::ownLosses(const Dataset &dataset) const
{
    std::vector<std::string> all;
    std::vector<std::string> foreign;
    for (const auto &name : dataset.labels.names())
        if (name != kBackgroundName && !classIdOf(name))
            foreign.push_back(name);
    if (!foreign.empty() && dataset.task == Task::Segmentation)
        all.push_back("Shapes of classes that Cityscapes does not have are left out: " + joinText(foreign, ", ") + ".");
    if (dataset.splitCounts()[0] > 0)
        all.push_back(lossText("Images without a split go into train", dataset.splitCounts()[0]));
    return all;
}

std::unique_ptr<WritingFormat::Writer> CityscapesFormat::makeWriter(const Dataset &dataset,
                                                                    const std::string &folder) const
{
    class CityscapesWriter : public Writer {
    public:
        CityscapesWriter(const Dataset &dataset, const std::string &folder) : m_dataset(dataset), m_folder(folder + "/")
        {
        }
        Result<void> add(const Output &output, const Annotation *annotation) override
        {
            if (!annotation)
                return {};
            if (copyUntouched(output))
                return {};
            const auto size = sizeOf(m_dataset, *output.item, annotation);
            if (!size)
                return size.error();
            const auto [labels, instances] = paint(*annotation, *size);
            cv::Mat1b lookUp(1, 256, std::uint8_t{255}), train;
            for (std::size_t id = 0; id < cityscapesTable().size(); ++id)
                lookUp(0, static_cast<int>(id)) = static_cast<std::uint8_t>(cityscapesTable()[id].trainId);
            cv::LUT(labels, lookUp, train);
            for (const auto &[file, values] : {std::pair<std::string, cv::Mat>(output.files[0], labels),
                                               {output.files[1], train},
                                               {output.files[2], instances}})
                if (auto written = writePng(m_folder + file, values); !written)
                    return written;
            return writeNew(m_folder + output.files[3], polygonsJson(*annotation, *size).dump(4));
        }

    private:
        /// All four files, where the dataset is Cityscapes' and nobody corrected the image.
        bool copyUntouched(const Output &output) const
        {
            const Item &item = *output.item;
            std::error_code error;
            if (m_dataset.format != CityscapesFormat().id() || item.foreign.empty() || !isUntouched(m_dataset, item))
                return false;
            const auto at = item.foreign.rfind("_gtFine_");
            std::size_t number = 0;
            for (const auto ending : {kLabels, kTrain, kInstances, kPolygons})
                if (!fs::copy_file(m_dataset.absolute(item.foreign.substr(0, at) + std::string(ending)),
                                   m_folder + output.files[number++], fs::copy_options::overwrite_existing, error))
                    return false; // what is not there is made of what is
            return true;
        }

        const Dataset &m_dataset;
        const std::string m_folder;
    };
    return std::make_unique<CityscapesWriter>(dataset, folder);
}

} // namespace masque
