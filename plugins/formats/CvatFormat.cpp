// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/CvatFormat.h"

#include "core/base/text.h"
#include "core/datasets/listing.h"
#include "core/datasets/split.h"
#include "plugins/formats/ImageFinder.h"
#include "plugins/formats/cvat_shapes.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace masque {

namespace {

constexpr std::size_t kListedProblems = 100;
constexpr std::size_t kHead = 4096; ///< bytes of a file that tell its kind

/// XML files of the folder itself or in annotations/ whose root is CVAT's.
std::vector<std::string> cvatFiles(const std::string &root, const std::vector<std::string> &files)
{
    std::vector<std::string> found;
    for (const auto &file : files) {
        const auto folders = foldersOf(file);
        if (!toLowerAscii(file).ends_with(".xml") || folders.size() > 1
            || (folders.size() == 1 && folders.front() != "annotations"))
            continue;
        std::ifstream in(root + "/" + file, std::ios::binary);
        std::string head(kHead, '\0');
        in.read(head.data(), static_cast<std::streamsize>(head.size()));
        if (head.find("<annotations") != std::string::npos)
            found.push_back(file);
    }
    return found;
}

class CvatSource : public AnnotationSource {
public:
    std::map<std::string, std::pair<std::string, std::string>> images; ///< by image: its file, its <image>

    Result<Annotation> read(const Dataset &dataset, const Item &item) const override
    {
        const auto found = images.find(item.image);
        if (found == images.end())
            return Error{ErrorCode::Internal, item.image + ": is no image of this dataset", item.image};
        const std::string path = dataset.absolute(found->second.first);
        const auto xml = parseXml(found->second.second, path);
        if (!xml)
            return xml.error();
        auto annotation = annotationFromCvat((*xml)->child("image"));
        if (!annotation)
            return Error{annotation.error().code, path + ": " + item.image + ": " + annotation.error().message,
                         found->second.first};
        return annotation;
    }
};

/// Classes as the file's meta data lists them, with their colours.
void addLabels(const pugi::xml_node &meta, LabelSet &labels)
{
    for (const auto &holder : meta.children())
        for (const auto &label : holder.child("labels").children("label")) {
            const std::string name = label.child("name").text().as_string();
            if (name.empty() || labels.idOf(name))
                continue;
            const auto id = labels.add(name);
            const std::string color = label.child("color").text().as_string();
            if (id == kIgnoreId || color.size() != 7 || color.front() != '#')
                continue;
            const auto value = std::strtoul(color.c_str() + 1, nullptr, 16);
            labels.setColor(id, {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8 & 255),
                                 static_cast<std::uint8_t>(value & 255)});
        }
}

std::string subsetOf(Split split)
{
    return split == Split::Train ? "Train" : split == Split::Val ? "Validation" : split == Split::Test ? "Test" : "";
}

} // namespace

int CvatFormat::probe(const std::string &path) const
{
    const auto listed = listedFiles(path);
    const auto &files = *listed;
    const bool hasImage = std::ranges::any_of(files, hasImageExtension);
    return hasImage && !cvatFiles(path, files).empty() ? 90 : 0;
}

Result<Dataset> CvatFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    const ImageFinder finder(listing.files);
    const auto source = std::make_shared<CvatSource>();
    std::map<std::string, Split> splits;
    std::size_t missing = 0;
    dataset.labels.add(kBackgroundName);
    for (const auto &file : cvatFiles(path, listing.files)) {
        const auto xml = readXml(dataset.absolute(file));
        if (!xml) {
            dataset.problems.push_back({file, xml.error().message});
            continue;
        }
        const auto root = (*xml)->child("annotations");
        if (root.child("track")) {
            dataset.problems.push_back({file, "holds tracks of a video; export it from CVAT as 'CVAT for images'"});
            if (!root.child("image"))
                continue;
        }
        addLabels(root.child("meta"), dataset.labels);
        for (const auto &image : root.children("image")) {
            const std::string subset = image.attribute("subset").as_string(),
                              name = image.attribute("name").as_string();
            const std::string found =
                finder.find(name, {"images/" + (subset.empty() ? subset : subset + "/"), "images/", "",
                                   subset.empty() ? subset : subset + "/", "images/" + toLowerAscii(subset) + "/"});
            if (found.empty()) {
                if (missing++ < kListedProblems)
                    dataset.problems.push_back({file, name + ": there is no such image"});
                continue;
            }
            std::ostringstream text;
            image.print(text, "", pugi::format_raw);
            const auto split = splitFromName(subset);
            splits[found] = split != Split::None ? split : splitFromName(withoutExtension(file));
            source->images.emplace(found, std::pair(file, text.str()));
        }
    }
    if (missing > kListedProblems)
        dataset.problems.push_back({path, std::to_string(missing - kListedProblems) + " images more are not there"});
    if (source->images.empty())
        return Error{ErrorCode::Data,
                     path + ": no image of a CVAT file is there"
                         + (dataset.problems.empty()
                                ? std::string()
                                : "; " + dataset.problems.back().file + ": " + dataset.problems.back().message),
                     path};
    for (const auto &image : finder.images()) {
        Item item = itemFor(image);
        item.split = splitOfPath(image);
        if (source->images.contains(image)) {
            item.foreign = source->images.at(image).first;
            if (splits[image] != Split::None)
                item.split = splits[image];
        }
        dataset.items.push_back(std::move(item));
    }
    std::ranges::sort(dataset.items, naturalLess, &Item::image);
    dataset.labelsFixed = dataset.labels.size() > 1;
    dataset.source = source;
    return dataset;
}

Holds CvatFormat::holds() const
{
    Holds all{.outlines = true, .rectangles = true, .otherShapes = true, .pixels = true, .objects = true};
    all.groups = all.shapeFlags = all.imageFlags = all.imageClasses = all.ignored = true;
    return all;
}

Result<bool> CvatFormat::place(const Dataset &, Output &output) const
{
    const std::string subset = subsetOf(output.item->split);
    output.image = "images/" + (subset.empty() ? subset : subset + "/") + output.stem + output.extension;
    return true;
}

std::vector<std::string> CvatFormat::commonFiles(const Dataset &, const std::vector<Output> &) const
{
    return {"annotations.xml"};
}

std::unique_ptr<WritingFormat::Writer> CvatFormat::makeWriter(const Dataset &dataset, const std::string &folder) const
{
    class CvatWriter : public Writer {
    public:
        CvatWriter(const Dataset &dataset, const std::string &folder)
            : m_dataset(dataset), m_path(folder + "/annotations.xml"), m_file(m_path, std::ios::binary)
        {
            pugi::xml_document meta;
            auto root = meta.append_child("meta");
            auto task = root.append_child("task");
            auto labels = task.append_child("labels");
            for (const auto &one : dataset.labels.classes()) {
                if (one.name == kBackgroundName)
                    continue;
                char color[8];
                std::snprintf(color, sizeof color, "#%02x%02x%02x", one.color[0], one.color[1], one.color[2]);
                auto label = labels.append_child("label");
                setText(label, "name", one.name);
                setText(label, "color", color);
            }
            m_file << "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n";
            root.print(m_file, "  ", pugi::format_default, pugi::encoding_utf8, 1);
        }
        Result<void> add(const Output &output, const Annotation *annotation) override
        {
            if (!annotation)
                return {};
            const auto size = sizeOf(m_dataset, *output.item, annotation);
            if (!size)
                return size.error();
            pugi::xml_document xml;
            auto image = xml.append_child("image");
            image.append_attribute("id").set_value(m_count++);
            image.append_attribute("name").set_value((output.stem + output.extension).c_str());
            if (const auto subset = subsetOf(output.item->split); !subset.empty())
                image.append_attribute("subset").set_value(subset.c_str());
            image.append_attribute("width").set_value(size->width);
            image.append_attribute("height").set_value(size->height);
            Annotation whole = *annotation;
            if (!output.item->label.empty() && whole.flags.empty())
                whole.flags = {{output.item->label, true}};
            addToCvat(image, whole);
            image.print(m_file, "  ", pugi::format_default, pugi::encoding_utf8, 1);
            return {};
        }
        Result<void> finish() override
        {
            m_file << "</annotations>\n";
            m_file.close();
            return m_file ? Result<void>() : Error{ErrorCode::Io, m_path + ": cannot be written", m_path};
        }

    private:
        const Dataset &m_dataset;
        const std::string m_path;
        std::ofstream m_file;
        int m_count = 0;
    };
    return std::make_unique<CvatWriter>(dataset, folder);
}

} // namespace masque
