// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/WritingFormat.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/datasets/image_class.h"
#include "core/datasets/listing.h"
#include "core/image/picture_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr std::string_view kEndings[] = {"_leftImg8bit"}; ///< of names, which formats add themselves

/// The image's name without folders and what a format adds.
std::string plainStem(const Item &item)
{
    const auto picture = pictureName(item.image);
    std::string stem = withoutExtension(picture ? picture->first : item.image);
    stem.erase(0, stem.find_last_of('/') + 1);
    if (picture)
        stem += "_" + std::to_string(picture->second);
    for (const auto ending : kEndings)
        if (stem.ends_with(ending) && stem.size() > ending.size())
            stem.resize(stem.size() - ending.size());
    return stem;
}

/// Names that differ also where case does not count.
class Names {
public:
    std::string take(const Item &item)
    {
        const std::string plain = plainStem(item);
        if (isNew(plain))
            return plain;
        std::vector<std::string> parts = foldersOf(item.image);
        parts.push_back(plain);
        const std::string whole = joinText(parts, "_");
        std::string name = whole;
        for (int k = 2; !isNew(name); ++k)
            name = whole + "_" + std::to_string(k);
        return name;
    }

private:
    bool isNew(const std::string &name) { return m_taken.insert(toLowerAscii(name)).second; }
    std::set<std::string> m_taken;
};

Result<void> makeFolderOf(const std::string &file)
{
    return makeFolder(fs::path(file).parent_path().string());
}

/// Byte for byte; a picture of a file of many becomes a PNG.
Result<void> writeImageOf(const Dataset &dataset, const Output &output, const std::string &folder)
{
    const auto from = dataset.absolute(output.item->image), to = folder + "/" + output.image;
    if (auto made = makeFolderOf(to); !made)
        return made;
    if (pictureName(output.item->image)) {
        const auto image = readImage(from);
        return image ? writeImage(to, *image) : image.error();
    }
    std::error_code error;
    fs::copy_file(from, to, error); // fails where a file is there
    if (error)
        return Error{ErrorCode::Io, to + ": cannot be written: " + error.message(), to};
    return {};
}

} // namespace

std::string splitFolder(Split split)
{
    return split == Split::None ? std::string() : std::string(splitName(split)) + "/";
}

bool isUntouched(const Dataset &dataset, const Item &item)
{
    std::error_code ignored;
    return !item.corrected && !fs::exists(dataset.absolute(item.json), ignored);
}

bool isMaskAlone(const Dataset &dataset, const Item &item)
{
    return !item.mask.empty() && item.foreign.empty() && isUntouched(dataset, item);
}

VoteCounts votesFor(const Item &item, const Annotation *annotation)
{
    return annotation && !annotation->votes.empty() ? VoteCounts::of(annotation->votes) : item.votes;
}

Result<Size> sizeOf(const Dataset &dataset, const Item &item, const Annotation *annotation)
{
    if (annotation && annotation->imageSize)
        return *annotation->imageSize;
    const auto info = readImageInfo(dataset.absolute(item.image));
    return info ? Result<Size>(info->size) : info.error();
}

Result<void> writeNew(const std::string &path, std::string_view bytes)
{
    if (auto made = makeFolderOf(path); !made)
        return made;
    std::ofstream file(path, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    return file ? Result<void>() : Error{ErrorCode::Io, path + ": cannot be written", path};
}

Result<void> writeLines(const std::string &path, const std::vector<std::string> &lines)
{
    std::string text;
    for (const auto &line : lines)
        text += line + "\n";
    return writeNew(path, text);
}

std::vector<std::vector<const Shape *>> objectsOf(const Annotation &annotation)
{
    std::vector<std::vector<const Shape *>> objects;
    std::map<std::pair<std::int64_t, std::string>, std::size_t> byGroup;
    for (const Shape &shape : annotation.shapes) {
        if (!shape.groupId) {
            objects.push_back({&shape});
            continue;
        }
        const auto [known, isNew] = byGroup.emplace(std::pair(*shape.groupId, shape.label), objects.size());
        if (isNew)
            objects.emplace_back();
        objects[known->second].push_back(&shape);
    }
    return objects;
}

Mask maskOf(const std::vector<const Shape *> &object, Size size)
{
    Mask all;
    for (const Shape *shape : object)
        all = all.box.isEmpty() ? shapeMask(*shape, size) : united(all, shapeMask(*shape, size));
    return all;
}

Result<cv::Mat1b> labelMapFor(const Dataset &dataset, const Item &item, const Annotation &annotation)
{
    if (!item.mask.empty())
        return readLabelMap(dataset, item);
    const auto size = sizeOf(dataset, item, &annotation);
    return size ? Result<cv::Mat1b>(labelMapOf(annotation, dataset.labels, *size)) : size.error();
}

Result<std::vector<Output>> WritingFormat::outputs(const Dataset &dataset) const
{
    std::vector<Output> all;
    Names names;
    const LabelSet classes = imageClasses(dataset);
    const bool needsClass = !holds().shapes(); // which only the annotation may say
    for (const Item &item : dataset.items) {
        Output output{.item = &item, .isAnnotated = hasAnnotation(dataset, item), .stem = names.take(item)};
        output.extension =
            pictureName(item.image) ? std::string(".png") : item.image.substr(withoutExtension(item.image).size());
        output.imageClass = item.label;
        if (needsClass && output.isAnnotated)
            if (const auto annotation = readAnnotation(dataset, item))
                output.imageClass = imageClassOf(item, summarise(*annotation), classes);
        const auto isPlaced = place(dataset, output);
        if (!isPlaced)
            return isPlaced.error();
        if (*isPlaced)
            all.push_back(std::move(output));
    }
    return all;
}

std::vector<std::string> WritingFormat::outputFiles(const Dataset &dataset) const
{
    const auto all = outputs(dataset);
    if (!all)
        return {};
    std::vector<std::string> files = commonFiles(dataset, *all);
    for (const Output &output : *all) {
        if (!output.image.empty())
            files.push_back(output.image);
        files.insert(files.end(), output.files.begin(), output.files.end());
    }
    return files;
}

std::vector<std::string> WritingFormat::losses(const Dataset &dataset, std::stop_token stop,
                                               const Progress &progress) const
{
    auto all = lossesOf(dataset, holds(), stop, progress);
    auto own = ownLosses(dataset);
    all.insert(all.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
    return all;
}

Result<void> WritingFormat::write(const Dataset &dataset, const std::string &folder, std::stop_token stop,
                                  const Progress &progress) const
{
    try {
        const auto all = outputs(dataset);
        if (!all)
            return all.error();
        if (all->empty())
            return Error{ErrorCode::Data, "none of the images has what the format '" + id() + "' can hold", folder};
        auto files = commonFiles(dataset, *all);
        for (const Output &output : *all) {
            files.insert(files.end(), output.files.begin(), output.files.end());
            if (!output.image.empty())
                files.push_back(output.image);
        }
        for (const auto &file : files)
            if (std::error_code ignored; fs::exists(fs::path(folder) / file, ignored))
                return Error{ErrorCode::Io,
                             folder + "/" + file + ": is there already and is not written over. Name a new folder",
                             folder};
        if (auto made = makeFolder(folder); !made)
            return made;
        const auto writer = makeWriter(dataset, folder);
        for (std::size_t i = 0; i < all->size() && !stop.stop_requested(); ++i) {
            const Output &output = (*all)[i];
            std::optional<Annotation> annotation;
            if (output.isAnnotated) {
                auto read = readAnnotation(dataset, *output.item);
                if (!read)
                    return read.error();
                annotation = std::move(*read);
            }
            if (!output.image.empty())
                if (auto written = writeImageOf(dataset, output, folder); !written)
                    return written;
            for (const auto &file : output.files)
                if (auto made = makeFolderOf(folder + "/" + file); !made)
                    return made;
            if (auto written = writer->add(output, annotation ? &*annotation : nullptr); !written)
                return written;
            if (progress)
                progress(i + 1, all->size());
        }
        return stop.stop_requested() ? Result<void>() : writer->finish();
    } catch (const std::exception &e) {
        return Error{ErrorCode::Io, folder + ": " + e.what(), folder};
    }
}

} // namespace masque
