// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/settings.h"

#include "core/base/files.h"
#include "core/datasets/DatasetFormat.h"
#include "core/datasets/id_mask.h"
#include "core/datasets/listing.h"
#include "core/image/color_text.h"

#include <filesystem>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace masque {

namespace {

constexpr std::string_view kFileName = "masque.json";
constexpr std::pair<std::string_view, Split> kSplitKeys[] = {
    {"train", Split::Train}, {"val", Split::Val}, {"test", Split::Test}, {"none", Split::None}};

/// A mask's value as it is written: 17 or "#ff0011".
std::optional<std::uint32_t> maskValueOf(const Json &json)
{
    if (json.isString()) {
        const auto color = parseColor(json.toString());
        return color ? std::optional(static_cast<std::uint32_t>((*color)[0] << 16 | (*color)[1] << 8 | (*color)[2]))
                     : std::nullopt;
    }
    const auto value = json.toInt(-1);
    return json.isNumber() && json.toDouble() == double(value) && value >= 0 && value <= 0xffff
               ? std::optional(static_cast<std::uint32_t>(value))
               : std::nullopt;
}

Json maskValuesOf(const Dataset &dataset, std::uint8_t id)
{
    Json values = Json::array();
    for (const auto &[value, itsId] : dataset.maskIds)
        if (itsId == id && hasColorIds(dataset))
            values.push_back(maskValueText(dataset, value));
        else if (itsId == id)
            values.push_back(std::uint64_t{value});
    return values;
}

Result<void> check(const Json &settings, const std::string &path)
{
    const auto wrong = [&](const std::string &why) { return Error{ErrorCode::Format, path + ": " + why, path}; };
    if (!settings.isObject())
        return wrong("a JSON object was expected");
    for (const auto &item : settings["classes"].items())
        if (!item["name"].isString() || item["name"].toString().empty())
            return wrong("every class needs a name");
    if (settings["classes"].size() > 255)
        return wrong("more than 255 classes are listed");
    std::set<std::uint32_t> values;
    const auto checkValues = [&](const std::string &field, const Json &list) -> Result<void> {
        for (const auto &item : list.items()) {
            const auto value = maskValueOf(item);
            if (!value)
                return wrong(field + ": " + item.dump() + " is no value of a mask (a number up to 65535 or a colour "
                             + "such as \"#ff0011\")");
            if (!values.insert(*value).second)
                return wrong(field + ": " + item.dump() + " belongs to another class too");
        }
        return {};
    };
    for (const auto &item : settings["classes"].items())
        if (const auto valid = checkValues("classes." + item["name"].toString() + ".ids", item["ids"]); !valid)
            return valid;
    if (const auto valid = checkValues("ignore_ids", settings["ignore_ids"]); !valid)
        return valid;
    const auto areTexts = [](const Json &list) {
        return std::ranges::all_of(list.items(), [](const Json &item) { return item.isString(); });
    };
    if (!areTexts(settings["flags"]))
        return wrong("flags: a list of names was expected");
    for (const auto &[pattern, flags] : settings["label_flags"].members())
        if (!flags.isArray() || !areTexts(flags))
            return wrong("label_flags." + pattern + ": a list of names was expected");
    for (const auto &[key, files] : settings["splits"].members())
        for (const auto &file : files.items())
            if (!file.isString())
                return wrong("splits." + key + ": a list of image paths was expected");
    return {};
}

/// The classes of the file. In mask folders a class's place is its id, so those that the file does not list stay behind
/// it; LabelMe's names are found by name, and background comes first.
LabelSet mergedLabels(const Json &classes, const Dataset &dataset)
{
    std::vector<std::string> names;
    for (const auto &item : classes.items())
        names.push_back(item["name"].toString());
    const bool hasMasks = hasIdMasks(dataset);
    if (dataset.task == Task::Segmentation && !hasMasks && (names.empty() || names[0] != kBackgroundName)) {
        std::erase(names, std::string(kBackgroundName));
        names.insert(names.begin(), std::string(kBackgroundName));
    }
    LabelSet labels(names);
    const bool areListed = std::ranges::any_of(classes.items(), [](const Json &item) { return item["ids"].isArray(); });
    for (int id = hasMasks ? labels.size() : 0; id < dataset.labels.size() && !(hasMasks && areListed); ++id)
        labels.add(dataset.labels[id].name);
    for (const auto &item : classes.items()) {
        const auto id = labels.idOf(item["name"].toString());
        if (!id || *id == kIgnoreId)
            continue;
        const LabelClass read = classFromJson(item);
        if (item["color"].isString())
            labels.setColor(*id, read.color);
        labels.setKey(*id, read.key);
    }
    return labels;
}

/// The values that the file lists for its classes; values that only the format knows keep the class that it gives.
void useMaskValues(const Json &settings, const LabelSet &formatLabels, Dataset &dataset)
{
    std::map<std::uint32_t, std::uint8_t> listed;
    for (const auto &item : settings["classes"].items())
        for (const auto &value : item["ids"].items())
            if (const auto id = dataset.labels.idOf(item["name"].toString()))
                listed[*maskValueOf(value)] = *id;
    if (listed.empty() || !hasIdMasks(dataset))
        return;
    for (const auto &value : settings["ignore_ids"].items())
        listed[*maskValueOf(value)] = kIgnoreId;
    if (dataset.maskIds.empty())
        for (int id = 0; id < formatLabels.size(); ++id)
            dataset.maskIds[static_cast<std::uint32_t>(id)] = static_cast<std::uint8_t>(id);
    for (const auto &[value, id] : dataset.maskIds)
        if (!listed.contains(value))
            listed[value] = id == kIgnoreId ? kIgnoreId : dataset.labels.add(formatLabels[id].name);
    listed.emplace(kIgnoreId, kIgnoreId);
    dataset.maskIds = std::move(listed);
    dataset.maskIdsFixed = true;
}

} // namespace

Json classToJson(const LabelClass &label)
{
    Json entry = Json::object();
    entry.set("name", label.name);
    entry.set("color", colorText(label.color));
    if (label.key)
        entry.set("key", *label.key);
    return entry;
}

LabelClass classFromJson(const Json &json)
{
    LabelClass label{json["name"].toString(), parseColor(json["color"].toString()).value_or(Color{})};
    if (const auto key = json["key"].toInt(); key >= 1 && key <= 9)
        label.key = static_cast<int>(key);
    return label;
}

Result<Json> readDatasetSettings(const std::string &root)
{
    const auto path = (std::filesystem::path(root) / kFileName).string();
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
        return Json();
    auto settings = readJsonFile(path);
    if (!settings)
        return settings;
    if (auto valid = check(*settings, path); !valid)
        return valid.error();
    return settings;
}

void applyDatasetSettings(const Json &settings, Dataset &dataset)
{
    if (settings["classes"].size() > 0) {
        const LabelSet formatLabels = std::exchange(dataset.labels, mergedLabels(settings["classes"], dataset));
        useMaskValues(settings, formatLabels, dataset);
        dataset.labelsFixed = true;
    }
    const auto texts = [](const Json &list) {
        std::vector<std::string> out;
        for (const auto &item : list.items())
            out.push_back(item.toString());
        return out;
    };
    dataset.imageFlags = texts(settings["flags"]);
    for (const auto &[pattern, flags] : settings["label_flags"].members())
        dataset.labelFlags.emplace_back(pattern, texts(flags));
    std::unordered_map<std::string, Split> splits;
    for (const auto &[key, split] : kSplitKeys)
        for (const auto &file : settings["splits"][key].items())
            splits[file.toString()] = split;
    if (!splits.empty())
        for (auto &item : dataset.items)
            if (const auto found = splits.find(item.image); found != splits.end())
                item.split = found->second;
}

Result<void> writeDatasetSettings(const Dataset &dataset)
{
    const auto path = dataset.absolute(std::string(kFileName));
    auto read = readDatasetSettings(dataset.root); // a file that is broken is not written over
    if (!read)
        return read.error();
    Json settings = read->isNull() ? Json::object() : std::move(*read);

    Json classes = Json::array();
    const auto old = settings["classes"];
    for (const auto &label : dataset.labels.classes()) {
        Json entry = Json::object();
        for (const auto &known : old.items())
            if (known["name"].toString() == label.name)
                entry = known;
        entry.remove("key");
        const Json written = classToJson(label);
        for (const auto &[key, value] : written.members())
            entry.set(key, value);
        if (dataset.maskIdsFixed)
            entry.set("ids", maskValuesOf(dataset, static_cast<std::uint8_t>(classes.size())));
        else
            entry.remove("ids");
        classes.push_back(std::move(entry));
    }
    settings.set("classes", std::move(classes));
    settings.remove("ignore_ids");
    if (dataset.maskIdsFixed)
        settings.set("ignore_ids", maskValuesOf(dataset, kIgnoreId));

    Json splits = Json::object();
    for (const auto &[key, split] : kSplitKeys) {
        Json files = Json::array();
        for (const auto &item : dataset.items)
            if (item.split == split && splitOfPath(item.image) != split)
                files.push_back(item.image);
        if (files.size() > 0)
            splits.set(key, std::move(files));
    }
    if (splits.size() > 0)
        settings.set("splits", std::move(splits));
    else
        settings.remove("splits");
    return writeFileAtomically(path, settings.dump(2) + "\n");
}

} // namespace masque
