// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/PictureFileFormats.h"

#include "core/base/text.h"
#include "core/datasets/emotions.h"
#include "core/datasets/listing.h"
#include "core/image/picture_file.h"
#include "plugins/formats/csv.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace masque {

namespace {

constexpr std::string_view kImages = "-images-idx3-ubyte", kLabels = "-labels-idx1-ubyte";
constexpr std::string_view kVotes = "fer2013new.csv"; ///< FER+

/// Tables of pixels in the folder itself.
std::vector<std::string> tablesIn(const std::string &root)
{
    std::vector<std::string> tables;
    const auto listed = listedFiles(root);
    for (const auto &file : *listed)
        if (file.find('/') == std::string::npos && isPictureTable(root + "/" + file))
            tables.push_back(file);
    return tables;
}

/// Files of pictures in the folder, each with that of its classes.
std::vector<std::pair<std::string, std::string>> idxPairsIn(const std::string &root)
{
    const auto listed = listedFiles(root);
    const auto &files = *listed;
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto &file : files) {
        const auto at = file.find(kImages);
        if (at == std::string::npos || file.find('/') != std::string::npos)
            continue;
        for (const char *ending : {"", ".gz"}) {
            const auto labels = file.substr(0, at) + std::string(kLabels) + ending;
            if (std::ranges::find(files, labels) != files.end()) {
                pairs.emplace_back(file, labels);
                break;
            }
        }
    }
    return pairs;
}

Split splitOfUse(const std::string &use)
{
    const auto word = toLowerAscii(use);
    return word == "training"      ? Split::Train
           : word == "publictest"  ? Split::Val
           : word == "privatetest" ? Split::Test
                                   : Split::None;
}

/// What FER+'s row votes for: the seven, and what it calls otherwise ("contempt", "unknown", "NF").
VoteCounts votesOf(const CsvTable &table, const std::vector<std::string> &row)
{
    VoteCounts votes;
    for (std::size_t k = 0; k < std::min(row.size(), table.columns.size()); ++k)
        if (const int count = std::atoi(row[k].c_str());
            count > 0 && table.columns[k] != "usage" && table.columns[k] != "image name")
            votes.add(emotionOf(table.columns[k]), count);
    return votes;
}

/// FER+'s votes beside a table with as many pictures; an error where they do not fit.
Result<std::optional<CsvTable>> votesFor(const std::string &folder, std::size_t pictures)
{
    const std::string path = folder + "/" + std::string(kVotes);
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored))
        return std::optional<CsvTable>();
    auto table = readCsv(path);
    if (!table)
        return table.error();
    if (table->rows.size() != pictures)
        return Error{ErrorCode::Data,
                     path + ": holds votes for " + std::to_string(table->rows.size())
                         + " pictures, the table beside it " + std::to_string(pictures),
                     path};
    return std::optional(std::move(*table));
}

Dataset emptyDataset(const std::string &root, const DatasetFormat &format, LabelSet labels)
{
    Dataset dataset;
    dataset.root = root;
    dataset.format = format.id();
    dataset.task = Task::Classification;
    dataset.labels = std::move(labels);
    dataset.labelsFixed = true;
    return dataset;
}

Item pictureItem(const std::string &file, std::size_t number)
{
    Item item;
    item.image = file + "#" + std::to_string(number);
    item.json = item.image + ".json";
    return item;
}

} // namespace

int FerTableFormat::probe(const std::string &path) const
{
    return tablesIn(path).empty() ? 0 : 85;
}

Result<Dataset> FerTableFormat::read(const std::string &path) const
{
    auto dataset = emptyDataset(path, *this, LabelSet(std::vector<std::string>(kEmotions.begin(), kEmotions.end())));
    for (const auto &table : tablesIn(path)) {
        const auto file = readPictureFile(path + "/" + table);
        if (!file)
            return file.error();
        const auto &pictures = **file;
        const auto votes = votesFor(path, pictures.pictures.size());
        if (!votes)
            return votes.error();
        for (std::size_t k = 0; k < pictures.pictures.size(); ++k) {
            auto item = pictureItem(table, k);
            const int id = pictures.classes[k];
            if (*votes) {
                item.votes = votesOf(**votes, (*votes)->rows[k]);
                if (const auto winner = item.votes.winner(); isEmotion(winner))
                    item.label = winner;
            } else if (id >= 0 && id < static_cast<int>(kEmotions.size())) {
                item.label = kEmotions[static_cast<std::size_t>(id)];
            } else {
                dataset.problems.push_back({item.image, "its emotion is not one of the numbers 0 to 6"});
            }
            item.split = splitOfUse(pictures.uses[k]);
            dataset.items.push_back(std::move(item));
        }
        for (const auto &[number, message] : pictures.problems)
            dataset.problems.push_back({table + "#" + std::to_string(number), message});
    }
    return dataset;
}

int IdxFormat::probe(const std::string &path) const
{
    return idxPairsIn(path).empty() ? 0 : 95;
}

Result<Dataset> IdxFormat::read(const std::string &path) const
{
    auto dataset = emptyDataset(path, *this, {});
    int classes = 0;
    for (const auto &[images, labels] : idxPairsIn(path)) {
        const auto pictures = readPictureFile(path + "/" + images);
        if (!pictures)
            return pictures.error();
        const auto ids = readIdxClasses(path + "/" + labels);
        if (!ids)
            return ids.error();
        const auto count = (*pictures)->pictures.size();
        if (ids->size() != count)
            return Error{ErrorCode::Data,
                         path + "/" + labels + ": holds " + std::to_string(ids->size()) + " classes for "
                             + std::to_string(count) + " pictures",
                         labels};
        for (std::size_t k = 0; k < count; ++k) {
            auto item = pictureItem(images, k);
            item.label = std::to_string((*ids)[k]);
            item.split = images.starts_with("t10k") || images.starts_with("test") ? Split::Test : Split::Train;
            classes = std::max(classes, (*ids)[k] + 1);
            dataset.items.push_back(std::move(item));
        }
    }
    std::vector<std::string> names;
    for (int id = 0; id < classes; ++id)
        names.push_back(std::to_string(id));
    if (classes > 255)
        return Error{ErrorCode::Data, path + ": more than 255 classes", path};
    dataset.labels = LabelSet(names);
    return dataset;
}

} // namespace masque
