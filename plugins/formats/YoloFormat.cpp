// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/YoloFormat.h"

#include "core/base/files.h"
#include "core/base/text.h"
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
    const std::set<std::string> known(files.begin(), files.end());
    std::map<std::string, std::string> texts;
    for (const auto &file : files) {
        if (!hasImageExtension(file))
            continue;
        auto parts = splitText(withoutExtension(file), '/');
        std::vector<std::string> candidates{joinText(parts, "/") + ".txt"};
        for (std::size_t i = parts.size() - 1; i-- > 0;)
            if (toLowerAscii(parts[i]) == "images") { // the last folder of that name
                parts[i] = parts[i] == "images" ? "labels" : "Labels";
                candidates.push_back(joinText(parts, "/") + ".txt");
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

/// `names` of a YAML file: a list, or a map from numbers.
std::vector<std::string> yamlNames(const std::string &path)
{
    std::vector<std::string> names;
    try {
        const YAML::Node node = YAML::Load(readFile(path, kMostBytes).value_or(std::string()))["names"];
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
        names.clear(); // no such file
    }
    return names;
}

std::vector<std::string> namesIn(const std::string &root, const std::vector<std::string> &files)
{
    for (const auto &file : files)
        if (foldersOf(file).empty() && (file.ends_with(".yaml") || file.ends_with(".yml")))
            if (auto names = yamlNames(root + "/" + file); !names.empty())
                return names;
    for (const char *file : {"obj.names", "classes.txt", "labels/classes.txt", "names.txt"})
        if (std::ranges::find(files, file) != files.end())
            if (auto names = readLabelsTxt(root + "/" + file); names && !names->empty())
                return *names;
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
    const auto files = listFolder(path).files;
    const auto texts = textsOf(files);
    constexpr int kLooked = 8;
    int looked = 0;
    for (const auto &[image, text] : texts) {
        if (isYolo(path + "/" + text))
            return namesIn(path, files).empty() ? 75 : 87;
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
    source->names = namesIn(path, listing.files);
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

} // namespace masque
