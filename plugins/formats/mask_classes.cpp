// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/mask_classes.h"

#include "core/base/text.h"
#include "core/datasets/class_list.h"
#include "core/datasets/id_mask.h"
#include "plugins/formats/CityscapesFormat.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>

namespace masque {

namespace {

constexpr std::size_t kSampledMasks = 8;
constexpr std::size_t kMaxClasses = 255;
/// A matte has more values between black and white than sets of so few pixels there have classes.
constexpr std::size_t kMatteValues = 32;
constexpr double kMatteEdge = 0.25; // of the pixels, at most

struct Samples {
    std::set<std::uint32_t> values;
    bool colored = false;
    std::int64_t pixels = 0, between = 0; ///< of grey masks; neither 0 nor 255
};

/// Masks from all over the dataset; broken ones are reported when it is indexed.
Samples sampleMasks(const Dataset &dataset)
{
    std::vector<std::string> masks;
    for (const auto &item : dataset.items)
        if (!item.mask.empty())
            masks.push_back(item.mask);
    Samples samples;
    std::set<std::uint32_t> greys;
    const auto count = std::min(masks.size(), kSampledMasks);
    for (std::size_t i = 0; i < count; ++i) {
        const auto mask = readMaskValues(dataset.absolute(masks[i * masks.size() / count]));
        if (!mask)
            continue;
        const auto values = distinctMaskValues(*mask);
        if (values.size() > 256)
            continue;
        samples.colored = samples.colored || mask->channels() == 3;
        if (mask->type() == CV_8UC1) {
            samples.pixels += static_cast<std::int64_t>(mask->total());
            samples.between += cv::countNonZero((*mask > 0) & (*mask < 255));
        }
        (mask->channels() == 3 ? samples.values : greys).insert(values.begin(), values.end());
    }
    for (const auto grey : greys)
        samples.values.insert(samples.colored && grey <= 255 ? grey * 0x010101 : grey);
    return samples;
}

/// A file's lines, none if it is not there; one that cannot be read is a problem.
std::vector<std::string> linesOf(Dataset &dataset, const std::string &name)
{
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(dataset.absolute(name), ignored))
        return {};
    auto lines = readLabelsTxt(dataset.absolute(name));
    if (!lines)
        dataset.problems.push_back({name, lines.error().message});
    return lines.value_or(std::vector<std::string>());
}

/// ADE20K's table of the SceneParsing classes: "Idx Ratio Train Val Name", of a name the first synonym. 0 is none of
/// them.
std::vector<ClassLine> readObjectInfo(Dataset &dataset)
{
    std::vector<ClassLine> lines{{.name = "void", .id = 0}};
    for (const auto &line : linesOf(dataset, "objectInfo150.txt")) {
        const auto fields = splitText(line, '\t');
        const int id = fields.size() == 5 ? std::atoi(fields[0].c_str()) : 0;
        if (id > 0 && id < kIgnoreId)
            lines.push_back({.name = trimmed(splitText(fields[4], ',').front()), .id = static_cast<std::uint32_t>(id)});
    }
    return lines.size() > 1 ? lines : std::vector<ClassLine>();
}

/// VOC's own classes, in its own folder (VOC2012) or where the XML files name no other; others who lay out their masks
/// so have classes of their own.
std::vector<ClassLine> vocClasses(const Dataset &dataset, const Samples &samples)
{
    const bool isDevkit = std::filesystem::path(dataset.root).filename().string().starts_with("VOC20");
    const bool isPlace =
        (isDevkit || dataset.format == "voc") && std::ranges::any_of(dataset.items, [](const Item &item) {
            return item.mask.find("SegmentationClass/") != std::string::npos;
        });
    const auto &names = vocNames();
    const auto valueOf = [&](std::size_t id) {
        const Color &color = vocPalette()[id];
        return samples.colored ? static_cast<std::uint32_t>(color[0] << 16 | color[1] << 8 | color[2])
                               : static_cast<std::uint32_t>(id);
    };
    std::vector<ClassLine> lines;
    std::set<std::uint32_t> known{valueOf(kIgnoreId)};
    for (std::size_t id = 0; id < names.size(); ++id) {
        lines.push_back({.name = names[id]});
        known.insert(valueOf(id));
        if (samples.colored)
            lines.back().color = valueOf(id);
    }
    if (samples.colored)
        lines.push_back({.name = "void", .color = valueOf(kIgnoreId)});
    const bool fits = std::ranges::all_of(samples.values, [&](auto value) { return known.contains(value); });
    return isPlace && fits ? lines : std::vector<ClassLine>();
}

/// The table that CVAT and Datumaro write beside VOC's folders: "name:r,g,b:parts:actions". Where the masks have ids
/// they count the lines.
std::vector<ClassLine> readLabelMap(Dataset &dataset, bool isColored)
{
    std::vector<ClassLine> lines;
    for (const auto &line : linesOf(dataset, "labelmap.txt")) {
        const auto fields = splitText(line, ':');
        const auto parts = fields.size() > 1 ? splitText(fields[1], ',') : std::vector<std::string>();
        if (line.starts_with('#') || (isColored && parts.size() != 3))
            continue;
        ClassLine one{.name = fields[0]};
        if (isColored)
            one.color = static_cast<std::uint32_t>((std::atoi(parts[0].c_str()) & 255) << 16
                                                   | (std::atoi(parts[1].c_str()) & 255) << 8
                                                   | (std::atoi(parts[2].c_str()) & 255));
        if (isColored || !isVoidName(one.name))
            lines.push_back(std::move(one));
    }
    return lines;
}

/// The table of Cityscapes (Cordts et al. 2016, cityscapesScripts' labels.py) by what its masks' names end with: 34
/// labelIds, whose first seven are void, or the 19 trainIds.
std::vector<ClassLine> cityscapesClasses(const Dataset &dataset)
{
    const auto allEndWith = [&](std::string_view ending) {
        return std::ranges::all_of(dataset.items,
                                   [&](const Item &item) { return item.mask.empty() || item.mask.ends_with(ending); });
    };
    const bool isTrained = allEndWith("_gtFine_labelTrainIds.png");
    std::vector<ClassLine> lines;
    if (!isTrained && !allEndWith("_gtFine_labelIds.png"))
        return lines;
    std::uint32_t id = 0;
    for (const CityscapesClass &one : cityscapesTable())
        if (!isTrained || one.trainId != kIgnoreId)
            lines.push_back({.name = one.isVoid ? std::string("void") : std::string(one.name), .id = id++});
    return lines;
}

std::vector<ClassLine> findClassList(Dataset &dataset)
{
    for (const auto *name : {"classes.txt", "labels.txt", "class_names.txt", "label_names.txt", "label_colors.txt",
                             "class_dict.csv", "classes.csv"}) {
        const auto path = dataset.absolute(name);
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(path, ignored))
            continue;
        auto lines = readClassList(path);
        if (lines && !lines->empty() && lines->size() <= kMaxClasses + 1)
            return *lines;
        dataset.problems.push_back({name, lines ? "lists no class or more than 255" : lines.error().message});
    }
    return {};
}

bool isBackgroundName(const std::string &name)
{
    const auto lower = toLowerAscii(name);
    return lower == kBackgroundName || lower == "background" || lower == "__background__" || lower == "bg";
}

bool isBinary(const Samples &samples)
{
    return samples.values.contains(255)
           && std::ranges::all_of(samples.values, [](auto value) { return value == 0 || value == 255; });
}

/// Mattes: how much of each pixel is foreground, by its grey.
bool isMatte(const Samples &samples)
{
    const auto between = [&](std::uint32_t from, std::uint32_t to) {
        return std::ranges::count_if(samples.values, [&](auto value) { return value >= from && value < to; });
    };
    return !samples.colored && samples.values.contains(0) && samples.values.contains(255)
           && static_cast<std::size_t>(between(1, 128)) >= kMatteValues / 2
           && static_cast<std::size_t>(between(128, 255)) >= kMatteValues / 2
           && static_cast<double>(samples.between) <= kMatteEdge * static_cast<double>(samples.pixels);
}

/// The classes as a file lists them; ids or colours that it does not list have no class.
void useList(Dataset &dataset, std::vector<ClassLine> lines, const Samples &samples)
{
    const bool colors = std::ranges::all_of(lines, [](const auto &line) { return line.color.has_value(); });
    const bool numbered = lines.front().id.has_value();
    const auto greatest = std::ranges::max_element(samples.values, {},
                                                   [](std::uint32_t value) { return value == kIgnoreId ? 0 : value; });
    const bool objectsAlone =
        (isBinary(samples) && lines.size() == 1) || (greatest != samples.values.end() && *greatest == lines.size());
    if (!colors && !numbered && objectsAlone && !isBackgroundName(lines.front().name))
        lines.insert(lines.begin(), {std::string(kBackgroundName)});
    bool plain = !colors;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto value = colors ? *lines[i].color : lines[i].id.value_or(static_cast<std::uint32_t>(i));
        std::uint8_t id = kIgnoreId;
        if (!isVoidName(lines[i].name)) {
            const bool first = dataset.labels.isEmpty() && isBackgroundName(lines[i].name);
            id = dataset.labels.add(first ? kBackgroundName : std::string_view(lines[i].name));
            if (colors)
                dataset.labels.setColor(id, {static_cast<std::uint8_t>(value >> 16),
                                             static_cast<std::uint8_t>(value >> 8 & 0xff),
                                             static_cast<std::uint8_t>(value & 0xff)});
        }
        plain = plain && id == value;
        dataset.maskIds[value] = id;
    }
    if (!colors && !numbered && isBinary(samples) && dataset.labels.size() == 2)
        dataset.maskIds = {{0, 0}, {255, 1}};
    else if (plain)
        dataset.maskIds.clear();
    else if (!colors)
        dataset.maskIds.emplace(kIgnoreId, kIgnoreId);
    dataset.labelsFixed = true;
}

void useColors(Dataset &dataset, const Samples &samples)
{
    for (const auto value : samples.values) { // black, the least, comes first
        const auto id = value == 0 ? dataset.labels.add(kBackgroundName) : [&] {
            char name[16];
            std::snprintf(name, sizeof name, "#%06x", static_cast<unsigned>(value));
            return dataset.labels.add(name);
        }();
        if (id == kIgnoreId)
            return;
        dataset.labels.setColor(id,
                                {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8 & 0xff),
                                 static_cast<std::uint8_t>(value & 0xff)});
        dataset.maskIds[value] = id;
    }
}

} // namespace

const std::vector<std::string> &vocNames()
{
    static const std::vector<std::string> kNames = {std::string(kBackgroundName),
                                                    "aeroplane",
                                                    "bicycle",
                                                    "bird",
                                                    "boat",
                                                    "bottle",
                                                    "bus",
                                                    "car",
                                                    "cat",
                                                    "chair",
                                                    "cow",
                                                    "diningtable",
                                                    "dog",
                                                    "horse",
                                                    "motorbike",
                                                    "person",
                                                    "pottedplant",
                                                    "sheep",
                                                    "sofa",
                                                    "train",
                                                    "tvmonitor"};
    return kNames;
}

const std::vector<Color> &vocPalette()
{
    static const std::vector<Color> kColors = [] {
        std::vector<Color> colors(256);
        for (std::size_t id = 0; id < 256; ++id)
            for (std::size_t bits = id, shift = 7; bits; bits >>= 3, --shift) // three bits in turn, to the top
                for (std::size_t channel = 0; channel < 3; ++channel)
                    colors[id][channel] =
                        static_cast<std::uint8_t>(colors[id][channel] | (bits >> channel & 1) << shift);
        return colors;
    }();
    return kColors;
}

void decideMaskClasses(Dataset &dataset)
{
    const auto samples = sampleMasks(dataset);
    auto lines = findClassList(dataset);
    if (lines.empty())
        lines = readObjectInfo(dataset);
    if (lines.empty())
        lines = readLabelMap(dataset, samples.colored);
    if (lines.empty())
        lines = cityscapesClasses(dataset);
    if (lines.empty())
        lines = vocClasses(dataset, samples);
    const bool colorList = !lines.empty() && lines.front().color.has_value();
    if (!lines.empty() && colorList == samples.colored)
        return useList(dataset, std::move(lines), samples);
    if (samples.colored)
        return useColors(dataset, samples);
    dataset.labels.add(kBackgroundName);
    if (isBinary(samples)) {
        dataset.labels.add("foreground");
        dataset.maskIds = {{0, 0}, {255, 1}};
    } else if (isMatte(samples)) {
        dataset.labels.add("foreground");
        for (std::uint32_t value = 0; value < 256; ++value)
            dataset.maskIds[value] = value >= 128 ? 1 : 0;
        dataset.problems.push_back({"", "the masks have soft edges: what is at least half white is foreground"});
    } else if (samples.values.contains(1) && *samples.values.rbegin() == 1) {
        dataset.labels.add("foreground");
    } else {
        for (const auto value : samples.values)
            while (value < kIgnoreId && static_cast<std::uint32_t>(dataset.labels.size()) <= value)
                dataset.labels.add("class_" + std::to_string(dataset.labels.size()));
    }
}

} // namespace masque
