// SPDX-License-Identifier: GPL-3.0-or-later
// VocFormat's writing.
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "plugins/formats/VocFormat.h"
#include "plugins/formats/mask_classes.h"
#include "plugins/formats/voc_fields.h"

#include <algorithm>

namespace masque {

namespace {

constexpr int kMostObjects = 254; ///< of a mask of one byte

bool hasOtherFlag(const Shape &shape)
{
    return std::ranges::any_of(shape.flags, [](const auto &flag) {
        return flag.second && std::ranges::find(kVocFlags, flag.first) == std::end(kVocFlags);
    });
}

bool hasOnlyBoxes(const Annotation &annotation)
{
    return std::ranges::all_of(annotation.shapes,
                               [](const Shape &shape) { return shape.type == ShapeType::Rectangle; });
}

} // namespace

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
    const bool isMasksAlone = isMaskAlone(dataset, *output.item);
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
            covered += size && !size->isEmpty() && hasCovered(*annotation, *size);
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
            const Json &kept = shape.source ? (*shape.source)[kVocKept] : Json();
            setText(object, "pose", kept["pose"].toString("Unspecified"));
            for (const auto flag : kVocFlags)
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
