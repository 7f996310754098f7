// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/DatasetFormat.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/datasets/listing.h"
#include "core/datasets/settings.h"

#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

Result<std::string> rootOf(const std::string &path)
{
    std::error_code error;
    auto root = fs::absolute(path, error).lexically_normal();
    const auto status = fs::status(root, error);
    if (!fs::exists(status))
        return Error{ErrorCode::Io, path + ": no such folder or file", path};
    if (!fs::is_directory(status))
        root = root.parent_path();
    if (!root.has_filename() && root.has_relative_path())
        root = root.parent_path(); // "a/b/" is "a/b"
    fs::directory_iterator(root, error);
    if (error)
        return Error{ErrorCode::Io, root.string() + ": this folder cannot be read: " + error.message(), root.string()};
    return root.string();
}

Result<std::shared_ptr<const DatasetFormat>> chooseFormat(const std::string &root, const FormatList &formats,
                                                          const std::string &id)
{
    std::vector<std::string> known;
    std::shared_ptr<const DatasetFormat> best;
    int bestScore = 0;
    for (const auto &format : formats) {
        known.push_back(format->id());
        if (format->id() == id)
            return format;
        const int score = id.empty() ? format->probe(root) : 0;
        if (score > bestScore) {
            best = format;
            bestScore = score;
        }
    }
    if (!id.empty()) {
        const auto near = nearestWord(id, known);
        return Error{ErrorCode::Option,
                     "'" + id + "' is no dataset format" + (near.empty() ? "" : ", did you mean '" + near + "'?")
                         + "; known are " + joinText(known, ", "),
                     id};
    }
    if (!best)
        return Error{ErrorCode::Data,
                     root + ": no images found in this folder or below it (JPEG, PNG, TIFF, BMP, WebP were looked for)",
                     root};
    return best;
}

/// Annotations that were saved elsewhere, since the dataset could not be written, take the place of its own.
void useFallbackFiles(Dataset &dataset)
{
    const fs::path folder = fallbackFolder(dataset.root);
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        return;
    for (auto &item : dataset.items)
        if (const auto file = folder / item.json; fs::exists(file, ignored))
            item.json = file.string();
}

} // namespace

Result<void> DatasetFormat::write(const Dataset &, const std::string &folder, std::stop_token, const Progress &) const
{
    return Error{ErrorCode::Unsupported, folder + ": the format '" + id() + "' can be read but not written", folder};
}

Result<Dataset> openDataset(const std::string &path, const FormatList &formats, const std::string &formatId)
{
    try {
        const auto root = rootOf(path);
        if (!root)
            return root.error();
        const ListingMemory listings;
        const auto settings = readDatasetSettings(*root);
        const auto named = formatId.empty() && settings ? (*settings)["format"].toString() : formatId;
        const auto format = chooseFormat(*root, formats, named);
        if (!format)
            return format.error();
        auto dataset = (*format)->read(*root);
        if (!dataset)
            return dataset;
        if (dataset->items.empty())
            return Error{ErrorCode::Data,
                         *root + ": no images found that the format '" + (*format)->id() + "' can use"
                             + (dataset->problems.empty()
                                    ? std::string()
                                    : "; " + dataset->problems[0].file + ": " + dataset->problems[0].message),
                         *root};
        if (settings)
            applyDatasetSettings(*settings, *dataset);
        else
            dataset->problems.push_back({"masque.json", settings.error().message});
        useFallbackFiles(*dataset);
        return dataset;
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::Memory, path + ": not enough memory to list this folder", path};
    } catch (const std::exception &e) {
        return Error{ErrorCode::Io, path + ": " + e.what(), path};
    }
}

} // namespace masque
