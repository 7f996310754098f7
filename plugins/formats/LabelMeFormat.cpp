// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/LabelMeFormat.h"

#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/datasets/class_list.h"
#include "core/datasets/listing.h"
#include "core/image/picture_file.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace fs = std::filesystem;

namespace masque {

namespace {

/// Folders that labelme's own exports made below this one: their pictures are copies, not images to label.
std::set<std::string> exportFolders(const std::vector<std::string> &files)
{
    std::set<std::string> exports;
    for (const auto &file : files) {
        const auto path = fs::path(file);
        const auto parent = path.parent_path();
        if (const auto name = path.filename(); name == "class_names.txt" || name == "label_names.txt")
            exports.insert(parent.string());
        if (parent.filename() == "JPEGImages")
            exports.insert(parent.parent_path().string());
    }
    exports.erase("");
    return exports;
}

bool isBelow(const std::string &file, const std::set<std::string> &folders)
{
    for (auto folder = fs::path(file).parent_path(); !folder.empty(); folder = folder.parent_path())
        if (folders.contains(folder.string()))
            return true;
    return false;
}

/// LabelMe files without an image beside them; few are opened, since any program's JSON may lie there.
void reportOrphans(const std::vector<std::string> &orphans, Dataset &dataset)
{
    constexpr std::size_t kLooked = 20;
    for (std::size_t i = 0; i < std::min(orphans.size(), kLooked); ++i) {
        const auto document = readJsonFile(dataset.absolute(orphans[i]));
        if (!document || !isLabelMe(*document))
            continue;
        const auto image = (*document)["imagePath"].toString();
        dataset.problems.push_back(
            {orphans[i], "no image of this name is beside it"
                             + (image.empty() ? std::string() : " (it was made for " + image + ")")
                             + "; it is left alone"});
    }
}

void readClasses(Dataset &dataset)
{
    const auto root = fs::path(dataset.root);
    std::vector<std::string> names = {std::string(kBackgroundName)};
    for (const auto &file : {root / "labels.txt", root.parent_path() / "labels.txt"}) {
        std::error_code ignored;
        if (!fs::is_regular_file(file, ignored))
            continue;
        const auto lines = readLabelsTxt(file.string());
        if (!lines) {
            dataset.problems.push_back({"labels.txt", lines.error().message});
            continue;
        }
        names.insert(names.end(), lines->begin(), lines->end());
        if (names.size() > 256) {
            dataset.problems.push_back({"labels.txt", "more than 255 classes are listed; the rest is left out"});
            names.resize(256);
        }
        dataset.labelsFixed = true;
        break;
    }
    dataset.labels = LabelSet(names);
}

/// The image's name in what is written; pictures of one file become files of their own.
std::string imageFor(const Item &item)
{
    const auto picture = pictureName(item.image);
    return picture ? withoutExtension(picture->first) + "/" + std::to_string(picture->second) + ".png" : item.image;
}

std::string jsonFor(const Item &item)
{
    return withoutExtension(imageFor(item)) + ".json";
}

std::string labelsText(const Dataset &dataset)
{
    std::string text = std::string(kIgnoreName) + "\n";
    if (!dataset.labels.hasBackground())
        text += std::string(kBackgroundName) + "\n";
    for (const auto &name : dataset.labels.names())
        text += name + "\n";
    return text;
}

bool needsSettings(const Dataset &dataset)
{
    return std::ranges::any_of(dataset.items,
                               [](const Item &item) { return item.split != splitOfPath(imageFor(item)); });
}

} // namespace

int LabelMeFormat::probe(const std::string &path) const
{
    const auto listed = listedFiles(path);
    const auto &files = *listed;
    std::set<std::string> documents;
    for (const auto &file : files)
        if (file.ends_with(".json"))
            documents.insert(withoutExtension(file));
    int score = 0;
    for (const auto &file : files)
        if (hasImageExtension(file)) {
            if (documents.contains(withoutExtension(file)))
                return 60;
            score = 10;
        }
    return score;
}

Result<Dataset> LabelMeFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    const auto exports = exportFolders(listing.files);
    std::set<std::string> stems;
    std::vector<std::string> orphans;
    for (const auto &file : listing.files) {
        if (!hasImageExtension(file) || isBelow(file, exports))
            continue;
        if (stems.insert(withoutExtension(file)).second)
            dataset.items.push_back(itemFor(file));
        else
            dataset.problems.push_back({file,
                                        "another image has the same name but for its extension, and LabelMe would "
                                        "keep both annotations in one file; rename this one to use it"});
    }
    for (const auto &file : listing.files)
        if (file.ends_with(".json") && !stems.contains(withoutExtension(file)) && !isBelow(file, exports))
            orphans.push_back(file);
    reportOrphans(orphans, dataset);
    readClasses(dataset);
    return dataset;
}

Holds LabelMeFormat::holds() const
{
    Holds all{
        .outlines = true, .rectangles = true, .otherShapes = true, .pixels = labelMeVariant() == LabelMeVariant::Full};
    all.objects = all.groups = all.descriptions = all.shapeFlags = all.raters = true;
    all.imageFlags = all.imageClasses = all.imageVotes = all.ignored = all.reviewed = true;
    return all;
}

Result<bool> LabelMeFormat::place(const Dataset &, Output &output) const
{
    output.image = imageFor(*output.item);
    if (output.isAnnotated)
        output.files = {jsonFor(*output.item)};
    return true;
}

std::vector<std::string> LabelMeFormat::commonFiles(const Dataset &dataset, const std::vector<Output> &) const
{
    std::vector<std::string> files = {"labels.txt"};
    if (needsSettings(dataset))
        files.push_back("masque.json");
    return files;
}

std::vector<std::string> LabelMeFormat::ownLosses(const Dataset &dataset) const
{
    std::vector<std::string> all;
    const auto uses = [&](auto member) {
        return std::ranges::any_of(dataset.items, [&](const Item &item) { return !(item.*member).empty(); });
    };
    if (uses(&Item::mask) && labelMeVariant() == LabelMeVariant::Full)
        all.push_back("Masks become shapes of the type 'mask', which labelme shows from version 5.4 on.");
    if (dataset.task == Task::Segmentation && !dataset.labels.hasBackground())
        all.push_back("LabelMe has no pixels without label but background: ignored pixels become '_background_'.");
    return all;
}

std::unique_ptr<WritingFormat::Writer> LabelMeFormat::makeWriter(const Dataset &dataset,
                                                                 const std::string &folder) const
{
    class LabelMeWriter : public Writer {
    public:
        LabelMeWriter(const Dataset &dataset, const std::string &folder, LabelMeVariant variant)
            : m_dataset(dataset), m_folder(folder), m_variant(variant)
        {
        }
        Result<void> add(const Output &output, const Annotation *given) override
        {
            if (!given)
                return {};
            const Item &item = *output.item;
            Annotation annotation = *given;
            if (!item.label.empty() && annotation.flags.empty())
                annotation.flags = {{item.label, true}};
            if (annotation.votes.empty())
                for (const auto &[label, count] : item.votes.counts)
                    annotation.votes.push_back({.label = label, .count = count});
            if (annotation.imagePath.empty())
                annotation.imagePath = fs::path(output.image).filename().string();
            if (!annotation.source && !annotation.imageSize)
                if (const auto info = readImageInfo(m_dataset.absolute(item.image)))
                    annotation.imageSize = info->size;
            VariantLoss told; // by losses()
            const std::string path = m_folder + "/" + output.files.front();
            const auto text =
                labelMeText(m_variant == LabelMeVariant::Full ? annotation : acceptedByAll(annotation, told));
            return text ? writeNew(path, *text) : Error{text.error().code, path + ": " + text.error().message, path};
        }
        Result<void> finish() override
        {
            if (auto written = writeNew(m_folder + "/labels.txt", labelsText(m_dataset));
                !written || !needsSettings(m_dataset))
                return written;
            Dataset target = m_dataset;
            target.root = m_folder;
            for (auto &item : target.items)
                item.image = imageFor(item);
            return writeDatasetSettings(target);
        }

    private:
        const Dataset &m_dataset;
        const std::string m_folder;
        const LabelMeVariant m_variant;
    };
    return std::make_unique<LabelMeWriter>(dataset, folder, labelMeVariant());
}

} // namespace masque
