// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/YoloFormat.h"

#include "core/annotations/dialects.h"
#include "core/annotations/rasterise.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/datasets/class_list.h"
#include "core/datasets/listing.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace masque {

namespace {

constexpr std::uint64_t kMostBytes = 64 << 20; ///< of a text file
constexpr int kMostClasses = 255;
constexpr double kMostShare = 1000; ///< of the image's size; further out is no place

/// A line's numbers; nothing if it holds anything else.
std::vector<double> numbersOf(std::string_view line)
{
    std::vector<double> numbers;
    const char *at = line.data();
    const char *const end = at + line.size();
    while (at != end) {
        if (*at == ' ' || *at == '\t' || *at == '\r') {
            ++at;
            continue;
        }
        double value = 0;
        const auto [next, problem] = std::from_chars(at, end, value);
        if (problem != std::errc() || (next != end && *next != ' ' && *next != '\t' && *next != '\r'))
            return {};
        numbers.push_back(value);
        at = next;
    }
    return numbers;
}

bool isObject(const std::vector<double> &numbers)
{
    const auto isCoordinate = [](double value) { return std::abs(value) < kMostShare; }; // not NaN either
    return numbers.size() >= 5 && numbers[0] >= 0 && numbers[0] < kMostClasses && std::floor(numbers[0]) == numbers[0]
           && std::ranges::all_of(numbers, isCoordinate)
           && (numbers.size() <= 6 || numbers.size() % 2 == 1); // a box (and its score), or points
}

/// The text file of each image that has one.
std::map<std::string, std::string> textsOf(const std::vector<std::string> &files)
{
    std::set<std::string> known;
    for (const auto &file : files)
        if (file.ends_with(".txt"))
            known.insert(file);
    if (known.empty())
        return {};
    std::map<std::string, std::string> texts;
    for (const auto &file : files) {
        if (!hasImageExtension(file))
            continue;
        auto parts = splitText(withoutExtension(file), '/');
        std::vector<std::string> candidates{joinText(parts, "/") + ".txt"};
        for (std::size_t i = parts.size() - 1; i-- > 0;)
            if (toLowerAscii(parts[i]) == "images") { // the last folder of that name
                const bool isLower = parts[i] == "images";
                for (const char *folder : {isLower ? "labels" : "Labels", isLower ? "annotations" : "Annotations"}) {
                    parts[i] = folder;
                    candidates.push_back(joinText(parts, "/") + ".txt");
                }
                break;
            }
        for (const auto &candidate : candidates)
            if (known.contains(candidate))
                texts[file] = candidate;
    }
    return texts;
}

bool isYolo(const std::string &path)
{
    const auto text = readFile(path, kMostBytes);
    if (!text)
        return false;
    for (const auto &line : splitText(*text, '\n'))
        if (!trimmed(line).empty())
            return isObject(numbersOf(line));
    return false;
}

/// `names` of a YAML file: a list, or a map from numbers. None if it is no such file.
Result<std::vector<std::string>> yamlNames(const std::string &path)
{
    const auto text = readText(path, kMostBytes);
    if (!text)
        return text.error();
    std::vector<std::string> names;
    try {
        const YAML::Node node = YAML::Load(*text)["names"];
        if (node.IsSequence())
            for (const auto &name : node)
                names.push_back(name.as<std::string>());
        if (node.IsMap())
            for (const auto &entry : node) {
                const auto id = entry.first.as<std::size_t>();
                if (id < static_cast<std::size_t>(kMostClasses)) {
                    names.resize(std::max(names.size(), id + 1));
                    names[id] = entry.second.as<std::string>();
                }
            }
    } catch (const YAML::Exception &) {
        names.clear();
    }
    return names;
}

/// The classes by the first file that lists them; those that cannot be read are problems.
std::vector<std::string> namesIn(const std::string &root, const std::vector<std::string> &files,
                                 std::vector<Problem> &problems)
{
    const auto found = [&](const std::string &file, Result<std::vector<std::string>> names) {
        if (!names)
            problems.push_back({file, names.error().message});
        return names.value_or(std::vector<std::string>());
    };
    for (const auto &file : files)
        if (foldersOf(file).empty() && (file.ends_with(".yaml") || file.ends_with(".yml")))
            if (auto names = found(file, yamlNames(root + "/" + file)); !names.empty())
                return names;
    for (const char *file : {"obj.names", "classes.txt", "labels/classes.txt", "names.txt"})
        if (std::ranges::find(files, file) != files.end())
            if (auto names = found(file, readLabelsTxt(root + "/" + file)); !names.empty())
                return names;
    return {};
}

class YoloSource : public AnnotationSource {
public:
    std::vector<std::string> names;

    Result<Annotation> read(const Dataset &dataset, const Item &item) const override
    {
        const std::string path = dataset.absolute(item.foreign);
        const auto text = readFile(path, kMostBytes);
        if (!text)
            return text.error();
        const auto info = readImageInfo(dataset.absolute(item.image));
        if (!info)
            return info.error();
        Annotation out;
        out.imagePath = item.image.substr(item.image.find_last_of('/') + 1);
        out.imageSize = info->size;
        const double width = info->size.width, height = info->size.height;
        std::size_t number = 0;
        for (const auto &line : splitText(*text, '\n')) {
            ++number;
            if (trimmed(line).empty())
                continue;
            const auto values = numbersOf(line);
            if (!isObject(values))
                return Error{ErrorCode::Format,
                             path + ": line " + std::to_string(number)
                                 + ": a class and a box or a polygon as shares of the image were expected",
                             item.foreign};
            const auto id = static_cast<std::size_t>(values[0]);
            Shape shape{.label = id < names.size() && !names[id].empty() ? names[id] : "class_" + std::to_string(id)};
            if (values.size() <= 6) {
                shape.type = ShapeType::Rectangle;
                const double x = values[1] * width, y = values[2] * height;
                const double halfWidth = values[3] * width / 2, halfHeight = values[4] * height / 2;
                shape.points = {{x - halfWidth, y - halfHeight}, {x + halfWidth, y + halfHeight}};
            } else {
                for (std::size_t i = 1; i + 1 < values.size(); i += 2)
                    shape.points.push_back({values[i] * width, values[i + 1] * height});
            }
            out.shapes.push_back(std::move(shape));
        }
        return out;
    }
};

} // namespace

int YoloFormat::probe(const std::string &path) const
{
    const auto listed = listedFiles(path);
    const auto &files = *listed;
    const auto texts = textsOf(files);
    constexpr int kLooked = 8;
    std::vector<Problem> ignored;
    int looked = 0;
    for (const auto &[image, text] : texts) {
        if (isYolo(path + "/" + text))
            return namesIn(path, files, ignored).empty() ? 75 : 87;
        if (++looked == kLooked) // of those without an object nothing can be told
            break;
    }
    return 0;
}

Result<Dataset> YoloFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    const auto source = std::make_shared<YoloSource>();
    source->names = namesIn(path, listing.files, dataset.problems);
    const auto texts = textsOf(listing.files);
    for (const auto &file : listing.files) {
        if (!hasImageExtension(file))
            continue;
        Item item = itemFor(file);
        if (const auto text = texts.find(file); text != texts.end())
            item.foreign = text->second;
        item.split = splitOfPath(file);
        dataset.items.push_back(std::move(item));
    }
    dataset.labels.add(kBackgroundName);
    for (std::size_t i = 0; i < std::min<std::size_t>(source->names.size(), kMostClasses - 1); ++i)
        dataset.labels.add(source->names[i].empty() ? "class_" + std::to_string(i) : source->names[i]);
    dataset.labelsFixed = !source->names.empty();
    dataset.source = source;
    return dataset;
}

Holds YoloFormat::holds() const
{
    return {.outlines = true, .rectangles = true, .objects = true};
}

Result<bool> YoloFormat::place(const Dataset &dataset, Output &output) const
{
    const std::string place = splitFolder(output.item->split) + output.stem;
    output.image = "images/" + place + output.extension;
    if (output.isAnnotated && dataset.task == Task::Segmentation)
        output.files = {"labels/" + place + ".txt"};
    return true;
}

std::vector<std::string> YoloFormat::commonFiles(const Dataset &, const std::vector<Output> &) const
{
    return {"data.yaml"};
}

std::unique_ptr<WritingFormat::Writer> YoloFormat::makeWriter(const Dataset &dataset, const std::string &folder) const
{
    class YoloWriter : public Writer {
    public:
        YoloWriter(const Dataset &dataset, const std::string &folder) : m_dataset(dataset), m_folder(folder + "/")
        {
            for (const auto &name : dataset.labels.names())
                if (name != kBackgroundName)
                    m_names.push_back(name);
        }
        Result<void> add(const Output &output, const Annotation *annotation) override
        {
            m_splits.insert(output.item->split);
            if (output.files.empty() || !annotation)
                return {};
            const auto size = sizeOf(m_dataset, *output.item, annotation);
            if (!size)
                return size.error();
            VariantLoss told;
            std::string text;
            for (const Shape &shape : masksAsPolygons(*annotation, told).shapes)
                text += linesOf(shape, *size);
            return writeNew(m_folder + output.files.front(), text);
        }
        Result<void> finish() override
        {
            YAML::Emitter yaml;
            yaml << YAML::BeginMap << YAML::Key << "path" << YAML::Value << ".";
            const bool hasTrain = m_splits.contains(Split::Train), hasVal = m_splits.contains(Split::Val);
            yaml << YAML::Key << "train" << YAML::Value << (hasTrain ? "images/train" : "images");
            yaml << YAML::Key << "val" << YAML::Value << (hasVal ? "images/val" : hasTrain ? "images/train" : "images");
            if (m_splits.contains(Split::Test))
                yaml << YAML::Key << "test" << YAML::Value << "images/test";
            yaml << YAML::Key << "names" << YAML::Value << YAML::BeginMap;
            for (std::size_t id = 0; id < m_names.size(); ++id)
                yaml << YAML::Key << id << YAML::Value << m_names[id];
            yaml << YAML::EndMap << YAML::EndMap;
            return writeNew(m_folder + "data.yaml", std::string(yaml.c_str()) + "\n");
        }

    private:
        static std::string shareText(double value)
        {
            char text[32];
            return {text, std::to_chars(text, text + sizeof text, value).ptr};
        }
        std::string linesOf(const Shape &shape, Size size) const
        {
            const auto name = std::ranges::find(m_names, shape.label);
            if (name == m_names.end() || shape.type == ShapeType::Other)
                return {};
            const std::string id = std::to_string(name - m_names.begin());
            const double width = size.width, height = size.height;
            if (shape.type == ShapeType::Rectangle && shape.points.size() == 2) {
                const Point &a = shape.points[0], &b = shape.points[1];
                std::string line = id;
                for (const double value : {(a.x + b.x) / 2 / width, (a.y + b.y) / 2 / height,
                                           std::abs(b.x - a.x) / width, std::abs(b.y - a.y) / height})
                    line += " " + shareText(value);
                return line + "\n";
            }
            const auto line = [&](const std::vector<Point> &points) {
                std::string text = id;
                for (const Point &point : points)
                    text += " " + shareText(point.x / width) + " " + shareText(point.y / height);
                return points.size() < 3 ? std::string() : text + "\n";
            };
            const bool isOutline = shape.type == ShapeType::Polygon || shape.type == ShapeType::Rectangle
                                   || shape.type == ShapeType::OrientedRectangle;
            if (isOutline)
                return line(shape.points);
            const Mask mask = shapeMask(shape, size);
            std::string text;
            for (const auto &region : traceMask(mask.bits, {double(mask.box.x), double(mask.box.y)}))
                text += line(region.outer);
            return text;
        }

        const Dataset &m_dataset;
        const std::string m_folder;
        std::vector<std::string> m_names;
        std::set<Split> m_splits;
    };
    return std::make_unique<YoloWriter>(dataset, folder);
}

} // namespace masque
