// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/VocFormat.h"

#include "core/annotations/mask_ops.h"
#include "core/base/text.h"
#include "core/datasets/id_mask.h"
#include "core/datasets/listing.h"
#include "plugins/formats/mask_classes.h"
#include "plugins/formats/split_lists.h"
#include "plugins/formats/voc_fields.h"
#include "plugins/formats/xml.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <ranges>

namespace masque {

namespace {

constexpr double kSameObject = 0.5; ///< IoU of a mask's box with one of the XML's
constexpr std::size_t kLookedFiles = 50;

std::string stemOf(const std::string &file)
{
    return withoutExtension(file.substr(file.find_last_of('/') + 1));
}

/// In any case, of ASCII; no text is made, since every file of a folder is asked.
bool isSameWord(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b,
                              [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view innermostFolder(std::string_view file)
{
    const auto slash = file.find_last_of('/');
    if (slash == std::string_view::npos)
        return {};
    file = file.substr(0, slash);
    return file.substr(file.find_last_of('/') + 1); // npos + 1 is 0
}

bool hasExtension(std::string_view file, std::string_view extension)
{
    return file.size() >= extension.size() && isSameWord(file.substr(file.size() - extension.size()), extension);
}

/// Files of a folder of this name, whatever is above it, by their name without extension.
std::map<std::string, std::string> byStem(const std::vector<std::string> &files, std::string_view folder,
                                          std::string_view extension)
{
    std::map<std::string, std::string> found;
    for (const auto &file : files)
        if (hasExtension(file, extension) && isSameWord(innermostFolder(file), folder))
            found.emplace(stemOf(file), file);
    return found;
}

/// The XML file of each image: beside it, or in a folder Annotations.
std::map<std::string, std::string> xmlFiles(const std::vector<std::string> &files)
{
    std::set<std::string> all;
    for (const auto &file : files)
        if (hasExtension(file, ".xml"))
            all.insert(file);
    if (all.empty())
        return {};
    const auto elsewhere = byStem(files, "annotations", ".xml");
    std::map<std::string, std::string> found;
    for (const auto &file : files) {
        if (!hasImageExtension(file))
            continue;
        const std::string beside = withoutExtension(file) + ".xml";
        if (all.contains(beside))
            found[file] = beside;
        else if (const auto other = elsewhere.find(stemOf(file)); other != elsewhere.end())
            found[file] = other->second;
    }
    return found;
}

bool isVocXml(const std::string &path)
{
    const auto xml = readXml(path);
    const auto root = xml ? (*xml)->child("annotation") : pugi::xml_node();
    const auto object = root.child("object");
    return root && (root.child("size") || object.child("bndbox")) && !object.child("polygon");
}

double numberIn(const pugi::xml_node &box, const char *key)
{
    return pxFromXml(box.child(key).text().as_string()).value_or(NAN);
}

/// Pixels counted from 1, both ends included.
Result<std::vector<Point>> cornersOf(const pugi::xml_node &object)
{
    const auto box = object.child("bndbox");
    const Point from{numberIn(box, "xmin") - 1, numberIn(box, "ymin") - 1};
    const Point end{numberIn(box, "xmax"), numberIn(box, "ymax")};
    for (const double value : {from.x, from.y, end.x, end.y})
        if (std::isnan(value))
            return Error{ErrorCode::Format, "object.bndbox: four numbers of pixels were expected", "bndbox"};
    return std::vector<Point>{from, end};
}

/// pose, parts and actions, which no field of a shape says.
Json keptOf(const pugi::xml_node &object)
{
    Json kept = Json::object();
    if (const auto pose = object.child("pose"); pose && std::string_view(pose.text().as_string()) != "Unspecified")
        kept.set("pose", pose.text().as_string());
    for (const auto &part : object.children("part")) {
        Json one = Json::object();
        one.set("name", part.child("name").text().as_string());
        for (const char *key : {"xmin", "ymin", "xmax", "ymax"})
            one.set(key, part.child("bndbox").child(key).text().as_double());
        Json parts = kept["parts"];
        parts.push_back(std::move(one));
        kept.set("parts", std::move(parts));
    }
    if (const auto actions = object.child("actions")) {
        Json all = Json::object();
        for (const auto &action : actions.children())
            if (action.type() == pugi::node_element)
                all.set(action.name(), action.text().as_int());
        kept.set("actions", std::move(all));
    }
    return kept;
}

void takeFields(const pugi::xml_node &object, Shape &shape)
{
    for (const auto flag : kVocFlags)
        if (const auto node = object.child(std::string(flag).c_str()))
            shape.flags.emplace_back(std::string(flag), node.text().as_int() != 0);
    if (Json kept = keptOf(object); kept.size() > 0) {
        Json source = Json::object();
        source.set(kVocKept, std::move(kept));
        shape.source = std::make_shared<const Json>(std::move(source));
    }
}

Result<std::vector<Shape>> shapesOfXml(const pugi::xml_document &xml)
{
    std::vector<Shape> shapes;
    for (const auto &object : xml.child("annotation").children("object")) {
        Shape shape{.label = trimmed(object.child("name").text().as_string()), .type = ShapeType::Rectangle};
        if (shape.label.empty())
            return Error{ErrorCode::Format, "object.name: a class was expected", "name"};
        auto corners = cornersOf(object);
        if (!corners)
            return corners.error();
        shape.points = std::move(*corners);
        takeFields(object, shape);
        shapes.push_back(std::move(shape));
    }
    return shapes;
}

/// What VOC says of one image, in up to three files.
struct Files {
    std::string xml, classes, objects;
};

class VocSource : public AnnotationSource {
public:
    std::map<std::string, Files> byImage;

    std::vector<std::string> files(const Item &item) const override
    {
        const auto found = byImage.find(item.image);
        return found == byImage.end() ? std::vector<std::string>()
                                      : std::vector{found->second.xml, found->second.classes, found->second.objects};
    }
    Result<Annotation> read(const Dataset &dataset, const Item &item) const override
    {
        const auto found = byImage.find(item.image);
        if (found == byImage.end())
            return Error{ErrorCode::Internal, item.image + ": is no image of this dataset", item.image};
        Annotation out;
        out.imagePath = item.image.substr(item.image.find_last_of('/') + 1);
        std::vector<Shape> boxes;
        if (!found->second.xml.empty()) {
            const std::string path = dataset.absolute(found->second.xml);
            const auto xml = readXml(path);
            if (!xml)
                return xml.error();
            auto shapes = shapesOfXml(**xml);
            if (!shapes)
                return Error{shapes.error().code, path + ": " + shapes.error().message, found->second.xml};
            boxes = std::move(*shapes);
        }
        if (found->second.classes.empty()) {
            out.shapes = std::move(boxes);
            return out;
        }
        auto masks = readMasks(dataset, found->second);
        if (!masks)
            return masks.error();
        for (Shape &mask : *masks) {
            const auto same = [&](const Shape &box) {
                return box.label == mask.label ? boxIou(boxOf(box), boxOf(mask)) : 0.0;
            };
            const auto best = std::ranges::max_element(boxes, {}, same);
            if (best == boxes.end() || same(*best) < kSameObject)
                continue;
            mask.flags = best->flags;
            mask.source = best->source;
            boxes.erase(best);
        }
        out.shapes = std::move(*masks);
        return out;
    }

private:
    /// A mask shape an object, or a class where there is no mask of objects.
    static Result<std::vector<Shape>> readMasks(const Dataset &dataset, const Files &files)
    {
        const auto values = readMaskValues(dataset.absolute(files.classes));
        if (!values)
            return values.error();
        const auto ids = classIdsOf(dataset, *values);
        if (!ids)
            return Error{ids.error().code, dataset.absolute(files.classes) + ": " + ids.error().message, files.classes};
        cv::Mat objects = *ids;
        std::uint32_t none = 0;
        if (!files.objects.empty()) {
            const auto read = readMaskValues(dataset.absolute(files.objects));
            if (!read)
                return read.error();
            if (read->size() != ids->size())
                return Error{ErrorCode::Data,
                             dataset.absolute(files.objects) + ": has another size than the mask of classes",
                             files.objects};
            objects = *read;
        } else if (!dataset.labels.hasBackground()) {
            none = kIgnoreId + 1u;
        }
        std::vector<Shape> shapes;
        for (const std::uint32_t value : distinctMaskValues(objects, 4096)) {
            if (value == none)
                continue;
            const cv::Mat1b where = whereValue(objects, value);
            std::array<int, 256> votes{};
            for (int y = 0; y < where.rows; ++y)
                for (int x = 0; x < where.cols; ++x)
                    if (where(y, x))
                        ++votes[(*ids)(y, x)];
            // Void pixels of an object's rim do not decide, but an object of them alone is void.
            auto best = std::max_element(votes.begin(), votes.end() - 1);
            const auto id = *best > 0 ? best - votes.begin() : kIgnoreId;
            if (id == 0 && dataset.labels.hasBackground())
                continue;
            shapes.push_back(maskShape(dataset, where, static_cast<int>(id)));
        }
        if (files.objects.empty())
            return shapes;
        // What no object covers keeps its class: void rims, and classes that have no objects.
        const std::uint8_t covered = dataset.labels.hasBackground() ? 0 : kIgnoreId - 1;
        cv::Mat1b left = ids->clone();
        for (const Shape &shape : shapes)
            left(toCv(shape.mask->box)).setTo(covered, shape.mask->bits);
        std::erase_if(shapes, [](const Shape &shape) { return shape.label == kIgnoreName; });
        left.setTo(kIgnoreId, *ids == kIgnoreId);
        for (const std::uint32_t id : distinctMaskValues(left, 256))
            if (id != covered)
                shapes.push_back(maskShape(dataset, whereValue(left, id), static_cast<int>(id)));
        return shapes;
    }
    static cv::Mat1b whereValue(const cv::Mat &values, std::uint32_t value)
    {
        cv::Mat1b where;
        if (values.channels() == 3) {
            const cv::Scalar color(value >> 16, value >> 8 & 0xff, value & 0xff);
            cv::inRange(values, color, color, where);
        } else {
            cv::compare(values, static_cast<double>(value), where, cv::CMP_EQ);
        }
        return where;
    }
    static Shape maskShape(const Dataset &dataset, const cv::Mat1b &where, int id)
    {
        Shape shape{.label = id < dataset.labels.size() ? dataset.labels[id].name : std::string(kIgnoreName),
                    .type = ShapeType::Mask};
        shape.mask = std::make_shared<const Mask>(cropped({{0, 0, where.cols, where.rows}, cv::Mat1b(where / 255)}));
        return shape;
    }
};

/// A few XML files from all over.
bool namesVocClasses(const Dataset &dataset, const std::map<std::string, std::string> &files)
{
    std::vector<std::string> names;
    std::size_t at = 0;
    const std::size_t step = std::max<std::size_t>(1, files.size() / kLookedFiles);
    for (const auto &[stem, file] : files)
        if (at++ % step == 0)
            if (const auto xml = readXml(dataset.absolute(file)))
                for (const auto &object : (*xml)->child("annotation").children("object"))
                    names.push_back(trimmed(object.child("name").text().as_string()));
    return !names.empty() && areVocNames(names);
}

} // namespace

int VocFormat::probe(const std::string &path) const
{
    const auto listed = listedFiles(path);
    const auto &files = *listed;
    // Folders deep below may be another tool's exports: LabelMe files nearer to the root are surer.
    const auto sureness = [](const std::string &file) {
        return foldersOf(file).size() <= 1 || splitOfPath(file) != Split::None ? 91 : 55;
    };
    const auto annotations = xmlFiles(files);
    if (!annotations.empty()) {
        constexpr std::size_t kLooked = 4; // one may be broken
        for (const auto &[stem, file] : annotations | std::views::take(kLooked))
            if (isVocXml(path + "/" + file))
                return sureness(file);
        return 0;
    }
    const auto objects = byStem(files, "segmentationobject", ".png");
    const bool hasImages = !byStem(files, "jpegimages", {}).empty();
    return hasImages && !objects.empty() ? sureness(objects.begin()->second) : 0;
}

Result<Dataset> VocFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    const auto annotations = xmlFiles(listing.files);
    const auto classes = byStem(listing.files, "segmentationclass", ".png");
    const auto objects = byStem(listing.files, "segmentationobject", ".png");
    const bool isDevkit = !byStem(listing.files, "jpegimages", {}).empty();
    const auto source = std::make_shared<VocSource>();
    const auto in = [](const auto &known, const std::string &key) {
        const auto found = known.find(key);
        return found == known.end() ? std::string() : found->second;
    };
    std::set<std::string> seen;
    for (const auto &file : listing.files) {
        if (!hasImageExtension(file) || (isDevkit && !isSameWord(innermostFolder(file), "jpegimages")))
            continue;
        Item item = itemFor(file);
        item.split = splitOfPath(file);
        const std::string stem = stemOf(file);
        seen.insert(stem);
        const Files own{in(annotations, file), in(classes, stem), in(objects, stem)};
        item.mask = own.classes;
        item.foreign = own.xml.empty() ? own.objects : own.xml;
        source->byImage.emplace(file, own);
        dataset.items.push_back(std::move(item));
    }
    for (const auto &known : {byStem(listing.files, "annotations", ".xml"), classes})
        for (const auto &[stem, file] : known)
            if (!seen.contains(stem))
                dataset.problems.push_back({file, "there is no image for it"});
    readSplitLists(listing.files, dataset);
    const bool isVocs = namesVocClasses(dataset, annotations);
    dataset.format = isVocs ? id() : std::string(); // whose classes are the folder's own
    if (!classes.empty())
        decideMaskClasses(dataset);
    else
        dataset.labels = isVocs ? LabelSet(vocNames()) : LabelSet({std::string(kBackgroundName)});
    dataset.labelsFixed = dataset.labelsFixed || isVocs;
    dataset.format = id();
    for (Item &item : dataset.items)
        if (!item.foreign.empty())
            item.mask.clear(); // the source reads it
    dataset.source = source;
    return dataset;
}

} // namespace masque
