// SPDX-License-Identifier: GPL-3.0-or-later
// Writing of FerTableFormat and IdxFormat.
#include "core/datasets/emotions.h"
#include "core/datasets/image_class.h"
#include "plugins/formats/PictureFileFormats.h"
#include "plugins/formats/csv.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr int kFerSide = 48;
constexpr const char *kTable = "fer2013.csv", *kVotesTable = "fer2013new.csv";
/// FER+'s columns after usage and name, and what they mean here.
constexpr std::pair<std::string_view, std::string_view> kVoteColumns[] = {
    {"neutral", "neutral"},   {"happiness", "happy"},
    {"surprise", "surprise"}, {"sadness", "sad"},
    {"anger", "angry"},       {"disgust", "disgust"},
    {"fear", "fear"},         {"contempt", "contempt"},
    {"unknown", "unknown"},   {"NF", "NF"}};

std::string usageOf(Split split)
{
    return split == Split::Val ? "PublicTest" : split == Split::Test ? "PrivateTest" : "Training";
}

Result<cv::Mat1b> greyOf(const Dataset &dataset, const Item &item, cv::Size size)
{
    const auto rgb = readImage(dataset.absolute(item.image));
    if (!rgb)
        return rgb.error();
    cv::Mat1b grey;
    cv::cvtColor(*rgb, grey, cv::COLOR_RGB2GRAY);
    if (grey.size() != size)
        cv::resize(grey, grey, size, 0, 0, cv::INTER_AREA);
    return grey;
}

int emotionIdOf(const std::string &name)
{
    const auto found = std::ranges::find(kEmotions, toLowerAscii(name));
    return found == kEmotions.end() ? -1 : static_cast<int>(found - kEmotions.begin());
}

std::int64_t countSplit(const Dataset &dataset, Split split)
{
    return std::ranges::count(dataset.items, split, &Item::split);
}

/// Pictures that are made smaller or larger, or lose their colours.
std::vector<std::string> sizeLosses(const Dataset &dataset, Size side, const std::string &what)
{
    const auto isOther = [&](const Item &item) {
        const auto info = readImageInfo(dataset.absolute(item.image));
        return info && (info->size != side || info->channels > 1);
    };
    const auto count = std::ranges::count_if(dataset.items, isOther);
    return count > 0 ? std::vector{lossText("Pictures become " + what, count)} : std::vector<std::string>();
}

bool hasVotes(const Dataset &dataset, const Output &output)
{
    const auto annotation =
        output.isAnnotated ? readAnnotation(dataset, *output.item) : Result<Annotation>(Annotation());
    return !votesFor(*output.item, annotation ? &*annotation : nullptr).counts.empty();
}

std::string bigEndian(std::uint32_t value)
{
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16 & 255), static_cast<char>(value >> 8 & 255),
            static_cast<char>(value & 255)};
}

const char *idxPart(Split split)
{
    return split == Split::Test ? "t10k" : "train";
}

} // namespace

Holds FerTableFormat::holds() const
{
    return {.imageClasses = true, .imageVotes = true};
}

Result<bool> FerTableFormat::place(const Dataset &, Output &output) const
{
    return emotionIdOf(output.imageClass) >= 0 || !output.item->votes.counts.empty();
}

std::vector<std::string> FerTableFormat::commonFiles(const Dataset &dataset, const std::vector<Output> &outputs) const
{
    std::vector<std::string> files{kTable};
    if (std::ranges::any_of(outputs, [&](const Output &output) { return hasVotes(dataset, output); }))
        files.push_back(kVotesTable);
    return files;
}

std::vector<std::string> FerTableFormat::ownLosses(const Dataset &dataset) const
{
    auto all = sizeLosses(dataset, {kFerSide, kFerSide}, "grey, 48 x 48");
    const LabelSet classes = imageClasses(dataset);
    const auto left = std::ranges::count_if(dataset.items, [&](const Item &item) {
        const auto name = imageClass(dataset, item, classes);
        return (!name || emotionIdOf(*name) < 0) && item.votes.counts.empty();
    });
    if (left > 0)
        all.push_back(lossText("Images with none of the seven emotions are left out", left));
    if (const auto unsplit = countSplit(dataset, Split::None))
        all.push_back(lossText("Images without a split become Training", unsplit));
    all.push_back("The table has no names of images.");
    return all;
}

std::unique_ptr<WritingFormat::Writer> FerTableFormat::makeWriter(const Dataset &dataset,
                                                                  const std::string &folder) const
{
    class FerWriter : public Writer {
    public:
        FerWriter(const Dataset &dataset, const std::string &folder) : m_dataset(dataset), m_folder(folder + "/") {}
        Result<void> add(const Output &output, const Annotation *annotation) override
        {
            const auto grey = greyOf(m_dataset, *output.item, {kFerSide, kFerSide});
            if (!grey)
                return grey.error();
            // Without a class of the seven the votes decide; the column has to hold a number.
            std::string line = std::to_string(std::max(0, emotionIdOf(output.imageClass))) + ",";
            for (int i = 0; i < kFerSide * kFerSide; ++i)
                line += (i > 0 ? " " : "") + std::to_string(grey->data[i]);
            m_pictures.push_back(line + "," + usageOf(output.item->split));
            const VoteCounts votes = votesFor(*output.item, annotation);
            m_hasVotes = m_hasVotes || !votes.counts.empty();
            std::string row = usageOf(output.item->split) + "," + csvField(output.stem + output.extension);
            for (const auto &[column, label] : kVoteColumns) {
                const auto found = std::ranges::find(votes.counts, label, &std::pair<std::string, double>::first);
                const double count = found != votes.counts.end()                          ? found->second
                                     : votes.counts.empty() && label == output.imageClass ? 1
                                                                                          : 0;
                row += "," + std::to_string(std::lround(count));
            }
            m_votes.push_back(std::move(row));
            return {};
        }
        Result<void> finish() override
        {
            if (auto written = writeLines(m_folder + kTable, m_pictures); !written || !m_hasVotes)
                return written;
            std::string head = "Usage,Image name";
            for (const auto &[column, label] : kVoteColumns)
                head += "," + std::string(column);
            m_votes.insert(m_votes.begin(), head);
            return writeLines(m_folder + kVotesTable, m_votes);
        }

    private:
        const Dataset &m_dataset;
        const std::string m_folder;
        std::vector<std::string> m_pictures{"emotion,pixels,Usage"}, m_votes;
        bool m_hasVotes = false;
    };
    return std::make_unique<FerWriter>(dataset, folder);
}

Holds IdxFormat::holds() const
{
    return {.imageClasses = true};
}

Result<bool> IdxFormat::place(const Dataset &dataset, Output &output) const
{
    const auto id = imageClasses(dataset).idOf(output.imageClass);
    return id && *id != kIgnoreId;
}

std::vector<std::string> IdxFormat::commonFiles(const Dataset &, const std::vector<Output> &outputs) const
{
    std::set<std::string> files;
    for (const Output &output : outputs)
        for (const char *kind : {"-images-idx3-ubyte", "-labels-idx1-ubyte"})
            files.insert(std::string(idxPart(output.item->split)) + kind);
    return {files.begin(), files.end()};
}

std::vector<std::string> IdxFormat::ownLosses(const Dataset &dataset) const
{
    std::vector<std::string> all;
    if (const auto info = dataset.items.empty() ? Result<ImageInfo>(ImageInfo())
                                                : readImageInfo(dataset.absolute(dataset.items.front().image)))
        all = sizeLosses(dataset, info->size,
                         "grey, " + std::to_string(info->size.width) + " x " + std::to_string(info->size.height));
    const auto classless = lossOfClassless(dataset);
    all.insert(all.end(), classless.begin(), classless.end());
    const auto names = imageClasses(dataset).names();
    for (std::size_t id = 0; id < names.size(); ++id)
        if (names[id] != std::to_string(id)) {
            all.push_back("Names of classes become numbers from 0.");
            break;
        }
    if (const auto count = countSplit(dataset, Split::Val) + countSplit(dataset, Split::None))
        all.push_back(lossText("Images of val or without a split become training images", count));
    all.push_back("The files have no names of images.");
    return all;
}

std::unique_ptr<WritingFormat::Writer> IdxFormat::makeWriter(const Dataset &dataset, const std::string &folder) const
{
    class IdxWriter : public Writer {
    public:
        IdxWriter(const Dataset &dataset, const std::string &folder)
            : m_dataset(dataset), m_classes(imageClasses(dataset)), m_folder(folder + "/")
        {
        }
        Result<void> add(const Output &output, const Annotation *) override
        {
            if (m_size.empty()) {
                const auto info = readImageInfo(m_dataset.absolute(output.item->image));
                if (!info)
                    return info.error();
                m_size = {info->size.width, info->size.height};
            }
            const auto grey = greyOf(m_dataset, *output.item, m_size);
            if (!grey)
                return grey.error();
            auto &[pixels, classes] = m_parts[idxPart(output.item->split)];
            for (int y = 0; y < grey->rows; ++y)
                pixels.append(reinterpret_cast<const char *>(grey->ptr(y)), static_cast<std::size_t>(grey->cols));
            classes += static_cast<char>(*m_classes.idOf(output.imageClass));
            return {};
        }
        Result<void> finish() override
        {
            for (const auto &[part, data] : m_parts) {
                const auto count = bigEndian(static_cast<std::uint32_t>(data.second.size()));
                const std::string head = bigEndian(0x803) + count + bigEndian(static_cast<std::uint32_t>(m_size.height))
                                         + bigEndian(static_cast<std::uint32_t>(m_size.width));
                if (auto written = writeNew(m_folder + part + "-images-idx3-ubyte", head + data.first); !written)
                    return written;
                if (auto written =
                        writeNew(m_folder + part + "-labels-idx1-ubyte", bigEndian(0x801) + count + data.second);
                    !written)
                    return written;
            }
            return {};
        }

    private:
        const Dataset &m_dataset;
        const LabelSet m_classes;
        const std::string m_folder;
        cv::Size m_size;
        std::map<std::string, std::pair<std::string, std::string>> m_parts; ///< pixels, classes
    };
    return std::make_unique<IdxWriter>(dataset, folder);
}

} // namespace masque
