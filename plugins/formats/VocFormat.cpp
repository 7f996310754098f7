// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/VocFormat.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/base/text.h"
#include "core/datasets/id_mask.h"
#include "core/datasets/listing.h"
#include "plugins/formats/mask_classes.h"
#include "plugins/formats/split_lists.h"
#include "plugins/formats/xml.h"

#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>

namespace masque {

namespace {

constexpr std::string_view kFlags[] = {"difficult", "truncated", "occluded"};
constexpr const char *kKept = "voc"; ///< what labelme has no field for
constexpr double kSameObject = 0.5;  ///< IoU of a mask's box with one of the XML's
constexpr int kMostObjects = 254;    ///< of a mask of one byte
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
    for (const auto flag : kFlags)
        if (const auto node = object.child(std::string(flag).c_str()))
            shape.flags.emplace_back(std::string(flag), node.text().as_int() != 0);
    if (Json kept = keptOf(object); kept.size() > 0) {
        Json source = Json::object();
        source.set(kKept, std::move(kept));
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

cv::Rect2d boxOf(const Shape &shape)
{
    const Rect bounds = shape.mask ? shape.mask->box : Rect();
    return shape.mask ? cv::Rect2d(bounds.x, bounds.y, bounds.width, bounds.height)
                      : cv::Rect2d(cv::Point2d(shape.points[0].x, shape.points[0].y),
                                   cv::Point2d(shape.points[1].x, shape.points[1].y));
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

/// The dataset names no class that the devkit does not have; then its numbers hold.
bool areVocNames(const std::vector<std::string> &names)
{
    return std::ranges::all_of(names, [](const auto &name) {
        return name == kBackgroundName || std::ranges::find(vocNames(), name) != vocNames().end();
    });
}

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

/// What a shape that lies here would be as the dataset's own mask of classes alone: no objects are known.
bool isSemantic(const Dataset &dataset, const Item &item)
{
    std::error_code ignored;
    return !item.mask.empty() && item.foreign.empty() && !std::filesystem::exists(dataset.absolute(item.json), ignored);
}

bool hasOtherFlag(const Shape &shape)
{
    return std::ranges::any_of(shape.flags, [](const auto &flag) {
        return flag.second && std::ranges::find(kFlags, flag.first) == std::end(kFlags);
    });
}

bool hasOnlyBoxes(const Annotation &annotation)
{
    return std::ranges::all_of(annotation.shapes,
                               [](const Shape &shape) { return shape.type == ShapeType::Rectangle; });
}

} // namespace

int VocFormat::probe(const std::string &path) const
{
    const auto files = listFolder(path).files;
    // Folders deep below may be another tool's exports: LabelMe files nearer to the root are surer.
    const auto sureness = [](const std::string &file) {
        return foldersOf(file).size() <= 1 || splitOfPath(file) != Split::None ? 91 : 55;
    };
    const auto annotations = xmlFiles(files);
    if (!annotations.empty()) {
        const std::string &first = annotations.begin()->second;
        return isVocXml(path + "/" + first) ? sureness(first) : 0;
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

Holds VocFormat::holds() const
{
    Holds all{.rectangles = true, .pixels = true};
    all.ignored = true;
    all.objects = true;
    all.shapeFlags = true;
    return all;
}

Result<bool> VocFormat::place(const Dataset &dataset, Output &output) const
{
    output.image = "JPEGImages/" + output.stem + output.extension;
    if (!output.isAnnotated || dataset.task == Task::Classification)
        return true;
    const auto annotation = readAnnotation(dataset, *output.item);
    const bool isBoxes = annotation && hasOnlyBoxes(*annotation) && output.item->mask.empty();
    const bool isMasksAlone = isSemantic(dataset, *output.item);
    if (!isMasksAlone)
        output.files.push_back("Annotations/" + output.stem + ".xml");
    if (!isBoxes)
        output.files.push_back("SegmentationClass/" + output.stem + ".png");
    if (!isBoxes && !isMasksAlone)
        output.files.push_back("SegmentationObject/" + output.stem + ".png");
    return true;
}

std::vector<std::string> VocFormat::commonFiles(const Dataset &, const std::vector<Output> &outputs) const
{
    std::set<std::string> files{"class_names.txt"};
    for (const Output &output : outputs) {
        const std::string split(splitName(output.item->split));
        if (split.empty())
            continue;
        files.insert("ImageSets/Main/" + split + ".txt");
        if (output.files.size() != 1 || !output.files.front().starts_with("Annotations/"))
            files.insert("ImageSets/Segmentation/" + split + ".txt");
    }
    return {files.begin(), files.end()};
}

std::vector<std::string> VocFormat::ownLosses(const Dataset &dataset) const
{
    int mixed = 0, covered = 0, flagged = 0;
    for (const Item &item : dataset.items) {
        const auto annotation = readAnnotation(dataset, item);
        if (annotation)
            flagged += static_cast<int>(std::ranges::count_if(annotation->shapes, hasOtherFlag));
        if (annotation && !hasOnlyBoxes(*annotation)) {
            mixed += std::ranges::any_of(annotation->shapes,
                                         [](const Shape &shape) { return shape.type == ShapeType::Rectangle; });
            const auto size =
                annotation->shapes.size() > 1 ? sizeOf(dataset, item, &*annotation) : Result<Size>(Size());
            if (size && !size->isEmpty()) {
                Mask all;
                bool isCovered = false;
                for (const Shape &shape : annotation->shapes) {
                    const Mask own = shapeMask(shape, *size);
                    isCovered = isCovered || (!all.box.isEmpty() && !own.box.isEmpty() && overlap(all, own));
                    all = all.box.isEmpty() ? own : united(all, own);
                }
                covered += isCovered;
            }
        }
    }
    std::vector<std::string> all;
    if (flagged > 0)
        all.push_back(lossText("Shapes lose flags other than difficult, truncated and occluded", flagged));
    if (mixed > 0)
        all.push_back(lossText("Rectangles beside other shapes become pixels, in images", mixed));
    if (covered > 0)
        all.push_back(lossText("What another shape covers is lost, in images", covered));
    return all;
}

std::unique_ptr<WritingFormat::Writer> VocFormat::makeWriter(const Dataset &dataset, const std::string &folder) const
{
    class VocWriter : public Writer {
    public:
        VocWriter(const Dataset &dataset, const std::string &folder) : m_dataset(dataset), m_folder(folder + "/")
        {
            const auto names = dataset.labels.names();
            m_names = areVocNames(names) ? vocNames() : std::vector<std::string>{std::string(kBackgroundName)};
            for (const auto &name : names)
                if (std::ranges::find(m_names, name) == m_names.end() && m_names.size() < kIgnoreId)
                    m_names.push_back(name);
        }
        Result<void> add(const Output &output, const Annotation *annotation) override
        {
            const std::string split(splitName(output.item->split));
            bool hasMask = false;
            for (const auto &file : output.files) {
                const bool isXml = file.starts_with("Annotations/");
                hasMask = hasMask || !isXml;
                const Annotation &given = annotation ? *annotation : m_none;
                if (auto written = isXml ? writeXmlOf(output, given, file) : writeMask(output, given, file); !written)
                    return written;
            }
            if (!split.empty()) {
                m_lists["ImageSets/Main/" + split + ".txt"].push_back(output.stem);
                if (hasMask || output.files.empty())
                    m_lists["ImageSets/Segmentation/" + split + ".txt"].push_back(output.stem);
            }
            return {};
        }
        Result<void> finish() override
        {
            m_lists["class_names.txt"] = m_names;
            for (const auto &[file, lines] : m_lists)
                if (auto written = writeLines(m_folder + file, lines); !written)
                    return written;
            return {};
        }

    private:
        std::uint8_t idOf(const std::string &label) const
        {
            const auto found = std::ranges::find(m_names, label);
            return label == kIgnoreName || found == m_names.end() ? kIgnoreId
                                                                  : static_cast<std::uint8_t>(found - m_names.begin());
        }
        Result<void> writeXmlOf(const Output &output, const Annotation &annotation, const std::string &file) const
        {
            const auto size = sizeOf(m_dataset, *output.item, &annotation);
            if (!size)
                return size.error();
            const bool isSegmented = !hasOnlyBoxes(annotation);
            pugi::xml_document xml;
            auto root = xml.append_child("annotation");
            setText(root, "folder", "JPEGImages");
            setText(root, "filename", output.stem + output.extension);
            auto dimensions = root.append_child("size");
            setText(dimensions, "width", std::to_string(size->width));
            setText(dimensions, "height", std::to_string(size->height));
            setText(dimensions, "depth", "3");
            setText(root, "segmented", isSegmented ? "1" : "0");
            for (const auto &shapes : objectsOf(annotation)) {
                const Shape &first = *shapes.front();
                if (first.label == kIgnoreName)
                    continue;
                cv::Rect2d box;
                for (const Shape *shape : shapes) {
                    const Mask mask = shape->type == ShapeType::Rectangle && shape->points.size() == 2
                                          ? Mask()
                                          : shapeMask(*shape, *size);
                    const auto own = mask.box.isEmpty() && shape->points.size() == 2 && !shape->mask
                                         ? boxOf(*shape)
                                         : cv::Rect2d(mask.box.x, mask.box.y, mask.box.width, mask.box.height);
                    box = box.empty() ? own : (box | own);
                }
                if (box.empty())
                    continue;
                auto object = root.append_child("object");
                addObject(object, first, box);
            }
            return writeNew(m_folder + file, xmlText(xml));
        }
        static void addObject(pugi::xml_node &object, const Shape &shape, const cv::Rect2d &box)
        {
            setText(object, "name", shape.label);
            const Json &kept = shape.source ? (*shape.source)[kKept] : Json();
            setText(object, "pose", kept["pose"].toString("Unspecified"));
            for (const auto flag : kFlags)
                for (const auto &[name, isSet] : shape.flags)
                    if (name == flag)
                        setText(object, name.c_str(), isSet ? "1" : "0");
            addBox(object, box.x + 1, box.y + 1, box.x + box.width, box.y + box.height);
            for (const Json &part : kept["parts"].items()) {
                auto node = object.append_child("part");
                setText(node, "name", part["name"].toString());
                addBox(node, part["xmin"].toDouble(), part["ymin"].toDouble(), part["xmax"].toDouble(),
                       part["ymax"].toDouble());
            }
            if (kept["actions"].size() > 0) {
                auto node = object.append_child("actions");
                for (const auto &[name, value] : kept["actions"].members())
                    setText(node, name.c_str(), std::to_string(value.toInt()));
            }
        }
        static void addBox(pugi::xml_node &parent, double xmin, double ymin, double xmax, double ymax)
        {
            auto box = parent.append_child("bndbox");
            setText(box, "xmin", xmlNumber(xmin));
            setText(box, "ymin", xmlNumber(ymin));
            setText(box, "xmax", xmlNumber(xmax));
            setText(box, "ymax", xmlNumber(ymax));
        }
        Result<void> writeMask(const Output &output, const Annotation &annotation, const std::string &file) const
        {
            const auto size = sizeOf(m_dataset, *output.item, &annotation);
            if (!size)
                return size.error();
            cv::Mat1b ids(size->height, size->width, std::uint8_t{0});
            if (file.starts_with("SegmentationClass/")) {
                const auto own = labelMapFor(m_dataset, *output.item, annotation);
                if (!own)
                    return own.error();
                cv::Mat1b lookUp(1, 256, kIgnoreId);
                for (int id = 0; id < m_dataset.labels.size(); ++id)
                    lookUp(0, id) = idOf(m_dataset.labels[id].name);
                cv::LUT(*own, lookUp, ids);
            } else {
                int number = 0;
                for (const auto &shapes : objectsOf(annotation)) {
                    const Mask mask = maskOf(shapes, *size);
                    const bool isVoid = idOf(shapes.front()->label) == kIgnoreId;
                    if (!mask.box.isEmpty())
                        ids(toCv(mask.box)).setTo(isVoid ? kIgnoreId : std::min(++number, kMostObjects), mask.bits);
                }
            }
            const auto bytes = encodeIdPng(ids, vocPalette());
            return bytes ? writeNew(m_folder + file, *bytes) : bytes.error();
        }

        const Dataset &m_dataset;
        const std::string m_folder;
        const Annotation m_none;
        std::vector<std::string> m_names;
        std::map<std::string, std::vector<std::string>> m_lists;
    };
    return std::make_unique<VocWriter>(dataset, folder);
}

} // namespace masque
