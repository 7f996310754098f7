// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/relabel.h"

#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/datasets/id_mask.h"
#include "core/datasets/settings.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace masque {

namespace {

Result<void> note(const std::string &journal, const RelabelEntry &entry)
{
    Json line = Json::object(), shapes = Json::array();
    for (const std::size_t k : entry.shapes)
        shapes.push_back(static_cast<std::uint64_t>(k));
    line.set("file", entry.file);
    line.set("shapes", std::move(shapes));
    return appendLine(journal, line.dump());
}

/// Sets the labels of the chosen shapes in one file. choose says which, of the annotation as it is; before is called
/// with them before the file is written. Returns how many were changed.
template <typename Choose, typename Before>
Result<int> relabelFile(const std::string &file, const std::string &to, Choose choose, Before before)
{
    const auto bytes = readFile(file);
    if (!bytes)
        return bytes.error();
    auto json = Json::parse(*bytes);
    if (!json)
        return Error{json.error().code, file + ": " + json.error().message, file};
    auto annotation = labelMeFromJson(std::move(*json), file);
    if (!annotation)
        return annotation.error();
    const Result<std::vector<std::size_t>> chosen = choose(*annotation);
    if (!chosen)
        return chosen.error();
    if (chosen->empty())
        return 0;
    for (const std::size_t i : *chosen)
        annotation->shapes[i].label = to;
    if (const auto noted = before(*chosen); !noted)
        return noted.error();
    const auto now = readFile(file);
    if (!now || *now != *bytes)
        return Error{ErrorCode::Io, file + ": another program changed this file meanwhile; it was left alone", file};
    if (const auto written = writeLabelMe(file, *annotation); !written)
        return written.error();
    return static_cast<int>(chosen->size());
}

void count(RelabelOutcome &outcome, const std::string &file, const Result<int> &changed)
{
    if (!changed) {
        outcome.skipped.push_back({file, changed.error().message});
    } else if (*changed > 0) {
        ++outcome.files;
        outcome.shapes += *changed;
    }
}

Json toJson(const MergedClass &merged)
{
    Json json = classToJson(merged.label), values = Json::array();
    for (const std::uint32_t value : merged.maskValues)
        values.push_back(std::uint64_t{value});
    json.set("id", merged.id);
    json.set("mask_values", std::move(values));
    return json;
}

std::optional<MergedClass> mergedFromJson(const Json &json)
{
    if (!json["name"].isString())
        return {};
    MergedClass merged{classFromJson(json), static_cast<int>(std::clamp<std::int64_t>(json["id"].toInt(), 0, 254)), {}};
    for (const auto &value : json["mask_values"].items())
        merged.maskValues.push_back(static_cast<std::uint32_t>(value.toInt()));
    return merged;
}

} // namespace

MergedClass mergeClass(Dataset &dataset, std::string_view from, std::string_view to)
{
    const std::uint8_t old = *dataset.labels.idOf(from), target = *dataset.labels.idOf(to);
    MergedClass merged{dataset.labels[old], old, {}};
    if (hasIdMasks(dataset)) {
        if (dataset.maskIds.empty()) {
            for (int id = 0; id < dataset.labels.size(); ++id)
                dataset.maskIds[static_cast<std::uint32_t>(id)] = static_cast<std::uint8_t>(id);
            dataset.maskIds[kIgnoreId] = kIgnoreId;
        }
        dataset.maskIdsFixed = true;
    }
    for (auto &[value, id] : dataset.maskIds) {
        if (id == old) {
            merged.maskValues.push_back(value);
            id = target;
        }
        if (id != kIgnoreId && id > old)
            --id;
    }
    dataset.labels.remove(old);
    return merged;
}

bool splitClass(Dataset &dataset, const MergedClass &merged)
{
    if (dataset.labels.size() >= kIgnoreId || dataset.labels.idOf(merged.label.name))
        return false;
    const auto place = static_cast<std::uint8_t>(std::min(merged.id, dataset.labels.size()));
    dataset.labels.insert(place, merged.label);
    for (auto &[value, id] : dataset.maskIds)
        if (id != kIgnoreId && id >= place)
            ++id;
    for (const std::uint32_t value : merged.maskValues)
        if (const auto found = dataset.maskIds.find(value); found != dataset.maskIds.end())
            found->second = place;
    return true;
}

Result<RelabelOutcome> relabelDataset(const Dataset &dataset, const Relabelling &wanted,
                                      const std::vector<RelabelEntry> &open, std::stop_token stop,
                                      const Progress &progress)
{
    if (const auto made = makeFolder(std::filesystem::path(wanted.journal).parent_path().string()); !made)
        return made.error();
    Json heading = Json::object();
    heading.set("from", wanted.from);
    heading.set("to", wanted.to);
    if (wanted.merged)
        heading.set("merged", toJson(*wanted.merged));
    if (const auto begun = writeFileAtomically(wanted.journal, heading.dump() + "\n"); !begun)
        return begun.error();

    RelabelOutcome outcome;
    std::set<std::string> done; // two images may share one file
    for (const RelabelEntry &entry : open) {
        done.insert(entry.file);
        if (entry.shapes.empty())
            continue;
        if (const auto noted = note(wanted.journal, entry); !noted)
            return noted.error();
    }
    std::error_code ignored;
    for (std::size_t i = 0; i < dataset.items.size(); ++i) {
        if (stop.stop_requested()) {
            outcome.isCanceled = true;
            break;
        }
        if (progress)
            progress(i, dataset.items.size());
        if (dataset.items[i].json.empty())
            continue;
        const std::string file = dataset.absolute(dataset.items[i].json);
        if (!std::filesystem::exists(file, ignored) || !done.insert(file).second)
            continue;
        const auto choose = [&](const Annotation &annotation) -> Result<std::vector<std::size_t>> {
            std::vector<std::size_t> chosen;
            for (std::size_t k = 0; k < annotation.shapes.size(); ++k)
                if (annotation.shapes[k].label == wanted.from)
                    chosen.push_back(k);
            return chosen;
        };
        const auto before = [&](const std::vector<std::size_t> &chosen) {
            return note(wanted.journal, {file, chosen});
        };
        count(outcome, file, relabelFile(file, wanted.to, choose, before));
    }
    return outcome;
}

Result<Relabelling> readRelabelling(const std::string &journal)
{
    const auto text = readFile(journal);
    if (!text)
        return text.error();
    const auto heading = Json::parse(text->substr(0, text->find('\n')));
    if (!heading || !(*heading)["from"].isString() || !(*heading)["to"].isString())
        return Error{ErrorCode::Format, journal + ": is no journal of a renamed class", journal};
    return Relabelling{(*heading)["from"].toString(), (*heading)["to"].toString(),
                       mergedFromJson((*heading)["merged"]), journal};
}

Result<std::vector<RelabelEntry>> readRelabelEntries(const std::string &journal)
{
    const auto text = readFile(journal);
    if (!text)
        return text.error();
    std::vector<RelabelEntry> entries;
    for (const std::string &line : splitText(*text, '\n')) {
        const auto json = Json::parse(line); // a line that a crash cut off names a file that was not written
        if (!json || !(*json)["file"].isString())
            continue;
        RelabelEntry entry{(*json)["file"].toString(), {}};
        for (const auto &index : (*json)["shapes"].items())
            entry.shapes.push_back(static_cast<std::size_t>(std::max<std::int64_t>(index.toInt(), 0)));
        entries.push_back(std::move(entry));
    }
    return entries;
}

Result<RelabelOutcome> undoRelabelling(const std::string &journal, const std::vector<std::string> &open,
                                       std::stop_token stop, const Progress &progress)
{
    const auto what = readRelabelling(journal);
    if (!what)
        return what.error();
    const auto read = readRelabelEntries(journal);
    if (!read)
        return read.error();
    const std::vector<RelabelEntry> &entries = *read;
    RelabelOutcome outcome;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (stop.stop_requested()) {
            outcome.isCanceled = true;
            break;
        }
        if (progress)
            progress(i, entries.size());
        const RelabelEntry &entry = entries[i];
        if (std::find(open.begin(), open.end(), entry.file) != open.end())
            continue;
        const auto choose = [&](const Annotation &annotation) -> Result<std::vector<std::size_t>> {
            std::vector<std::size_t> chosen;
            for (const std::size_t k : entry.shapes) {
                if (k >= annotation.shapes.size())
                    return Error{ErrorCode::Data,
                                 entry.file + ": has fewer shapes than when its class was renamed; it was left alone",
                                 entry.file};
                if (annotation.shapes[k].label == what->to)
                    chosen.push_back(k);
            }
            return chosen;
        };
        count(outcome, entry.file,
              relabelFile(entry.file, what->from, choose, [](const auto &) { return Result<void>(); }));
    }
    return outcome;
}

} // namespace masque
