// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/LegendFormat.h"

#include "core/base/text.h"
#include "core/datasets/emotions.h"
#include "core/datasets/listing.h"
#include "core/datasets/split.h"
#include "plugins/formats/csv.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace masque {

namespace {

const std::vector<std::string> kFileNames{"image", "file", "filename", "file_name", "path", "image name", "image_name"};
const std::vector<std::string> kClassNames{"emotion", "label", "class", "label_name"};
const std::vector<std::string> kSplitNames{"split", "usage"};
constexpr std::size_t kListedProblems = 100;
constexpr const char *kWritten = "legend.csv";
constexpr double kMostVotes = 1000; ///< of one class for one image, as rows

struct NaturalOrder {
    bool operator()(const std::string &a, const std::string &b) const { return naturalLess(a, b); }
};

bool isLegend(const std::string &path)
{
    const CsvTable header{.columns = csvColumns(path), .rows = {}};
    return header.column(kFileNames) >= 0 && header.column(kClassNames) >= 0
           && header.column({"pixels", "bbox", "x1", "xmin"}) < 0; // neither pictures nor boxes
}

/// Tables of the folder itself and of the folders in it.
std::vector<std::string> legendsIn(const std::string &root, const std::vector<std::string> &files)
{
    std::vector<std::string> legends;
    for (const auto &file : files)
        if (file.ends_with(".csv") && foldersOf(file).size() <= 1 && isLegend(root + "/" + file))
            legends.push_back(file);
    return legends;
}

/// What the rows say of one image.
struct Voted {
    VoteCounts votes;
    Split split = Split::None;
};

} // namespace

int LegendFormat::probe(const std::string &path) const
{
    const auto listed = listedFiles(path);
    const auto &files = *listed;
    return std::ranges::any_of(files, hasImageExtension) && !legendsIn(path, files).empty() ? 80 : 0;
}

Result<Dataset> LegendFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    dataset.task = Task::Classification;
    dataset.labelsFixed = true;
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    const std::set<std::string> files(listing.files.begin(), listing.files.end());
    std::map<std::string, Voted, NaturalOrder> images;
    std::size_t missing = 0;
    for (const auto &legend : legendsIn(path, listing.files)) {
        const auto table = readCsv(path + "/" + legend);
        if (!table)
            return table.error();
        const int file = table->column(kFileNames), name = table->column(kClassNames), use = table->column(kSplitNames);
        const auto slash = legend.find_last_of('/');
        const std::string folder = slash == std::string::npos ? std::string() : legend.substr(0, slash + 1);
        for (const auto &row : table->rows) {
            const std::string given = trimmed(table->field(row, file));
            const std::string label = emotionOf(trimmed(table->field(row, name)));
            const std::string *found = nullptr;
            for (const std::string &candidate : {folder + given, folder + "images/" + given, given, "images/" + given})
                if (const auto at = files.find(candidate); !found && at != files.end())
                    found = &*at;
            if (!found || label.empty()) {
                if (missing++ < kListedProblems)
                    dataset.problems.push_back(
                        {legend, given + (found ? ": has no class" : ": there is no such image")});
                continue;
            }
            Voted &voted = images[*found];
            voted.votes.add(label);
            voted.split = splitFromName(trimmed(table->field(row, use)));
        }
    }
    if (missing > kListedProblems)
        dataset.problems.push_back({path, std::to_string(missing - kListedProblems) + " rows more are left out"});
    std::set<std::string, NaturalOrder> classes;
    for (const auto &[file, voted] : images) {
        auto item = itemFor(file);
        item.label = voted.votes.winner();
        item.split = voted.split;
        for (const auto &[label, count] : voted.votes.counts)
            classes.insert(label);
        if (voted.votes.total() > 1)
            item.votes = voted.votes;
        dataset.items.push_back(std::move(item));
    }
    if (classes.size() > 255)
        return Error{ErrorCode::Data,
                     path + ": its table names " + std::to_string(classes.size()) + " classes, at most 255 are read",
                     path};
    dataset.labels = classes.size() > 2 && std::ranges::all_of(classes, isEmotion)
                         ? LabelSet(std::vector<std::string>(kEmotions.begin(), kEmotions.end()))
                         : LabelSet(std::vector<std::string>(classes.begin(), classes.end()));
    return dataset;
}

Holds LegendFormat::holds() const
{
    return {.imageClasses = true, .imageVotes = true};
}

Result<bool> LegendFormat::place(const Dataset &, Output &output) const
{
    output.image = "images/" + output.stem + output.extension;
    return !output.imageClass.empty() || output.item->hasClass();
}

std::vector<std::string> LegendFormat::commonFiles(const Dataset &, const std::vector<Output> &) const
{
    return {kWritten};
}

std::vector<std::string> LegendFormat::ownLosses(const Dataset &dataset) const
{
    return lossOfClassless(dataset);
}

std::unique_ptr<WritingFormat::Writer> LegendFormat::makeWriter(const Dataset &, const std::string &folder) const
{
    class LegendWriter : public Writer {
    public:
        explicit LegendWriter(std::string folder) : m_folder(std::move(folder)) {}
        Result<void> add(const Output &output, const Annotation *annotation) override
        {
            const VoteCounts votes = votesFor(*output.item, annotation);
            const auto row = [&](const std::string &label) {
                m_lines.push_back(csvField(output.image) + "," + csvField(label) + ","
                                  + std::string(splitName(output.item->split)));
            };
            const bool isWhole = std::ranges::all_of(votes.counts, [](const auto &one) {
                return std::floor(one.second) == one.second && one.second < kMostVotes;
            });
            if (votes.counts.empty() || !isWhole) {
                row(output.imageClass);
                return {};
            }
            for (const auto &[label, count] : votes.counts)
                for (int k = 0; k < static_cast<int>(count); ++k)
                    row(label);
            return {};
        }
        Result<void> finish() override { return writeLines(m_folder + "/" + kWritten, m_lines); }

    private:
        const std::string m_folder;
        std::vector<std::string> m_lines{"image,label,split"};
    };
    return std::make_unique<LegendWriter>(folder);
}

} // namespace masque
