// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/MaskFilesFormat.h"

#include "core/base/files.h"
#include "core/datasets/id_mask.h"
#include "core/datasets/listing.h"

#include <opencv2/imgcodecs.hpp>

#include <algorithm>

namespace masque {

namespace {

constexpr std::uint32_t kVoidColor = 0xe0e0c0; ///< Pascal VOC's

std::uint32_t colorValue(const Color &color)
{
    return static_cast<std::uint32_t>(color[0] << 16 | color[1] << 8 | color[2]);
}

} // namespace

MaskTable MaskTable::of(const Dataset &dataset)
{
    MaskTable table;
    const auto classes = static_cast<std::size_t>(dataset.labels.size());
    table.isColor = hasColorIds(dataset);
    std::vector<std::optional<std::uint32_t>> known(classes);
    std::set<std::uint32_t> taken;
    for (const auto &[value, id] : dataset.maskIds) {
        taken.insert(value);
        if (id == kIgnoreId)
            table.ignored.push_back(value);
        else if (id < classes && !known[id])
            known[id] = value;
    }
    std::uint32_t ignored = table.isColor ? kVoidColor : kIgnoreId;
    while (table.ignored.empty() && taken.contains(ignored)) // a class has it, as the foreground of 0 and 255
        --ignored;
    if (!taken.contains(ignored))
        table.ignored.insert(table.ignored.begin(), ignored);
    taken.insert(table.ignored.begin(), table.ignored.end());
    for (std::size_t id = 0; id < classes; ++id) {
        const auto color = colorValue(dataset.labels[static_cast<int>(id)].color);
        std::uint32_t value = known[id].value_or(table.isColor ? color : static_cast<std::uint32_t>(id));
        while (!known[id] && taken.contains(value)) // of a class that came later
            ++value;
        taken.insert(value);
        table.values.push_back(value);
    }
    return table;
}

std::vector<std::string> MaskTable::lines(const LabelSet &labels) const
{
    std::vector<std::string> all;
    const auto add = [&](std::uint32_t value, const std::string &name) {
        all.push_back((isColor ? std::to_string(value >> 16) + " " + std::to_string(value >> 8 & 0xff) + " "
                                     + std::to_string(value & 0xff)
                               : std::to_string(value))
                      + " " + name);
    };
    for (std::size_t id = 0; id < values.size(); ++id)
        add(values[id], labels[static_cast<int>(id)].name);
    for (const auto value : ignored)
        if (isColor || value != kIgnoreId)
            add(value, "void");
    return all;
}

Result<std::string> MaskTable::encode(const cv::Mat1b &ids, const std::vector<Color> &palette) const
{
    const auto valueOf = [&](std::uint8_t id) { return id < values.size() ? values[id] : ignored.front(); };
    const auto greatest =
        std::max(*std::ranges::max_element(ignored), values.empty() ? 0 : *std::ranges::max_element(values));
    if (!isColor && greatest <= 255) {
        cv::Mat1b lookUp(1, 256), out;
        std::vector<Color> colors(256);
        for (int id = 0; id < 256; ++id) {
            const auto value = valueOf(static_cast<std::uint8_t>(id));
            lookUp(0, id) = static_cast<std::uint8_t>(value);
            if (static_cast<std::size_t>(id) < values.size())
                colors[value] = palette[static_cast<std::size_t>(id)];
        }
        colors[ignored.front()] = palette[kIgnoreId];
        cv::LUT(ids, lookUp, out);
        return encodeIdPng(out, colors);
    }
    cv::Mat out(ids.size(), isColor ? CV_8UC3 : CV_16UC1);
    for (int y = 0; y < ids.rows; ++y)
        for (int x = 0; x < ids.cols; ++x) {
            const auto value = valueOf(ids(y, x));
            if (isColor)
                out.at<cv::Vec3b>(y, x) = {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
                                           static_cast<std::uint8_t>(value >> 16)};
            else
                out.at<std::uint16_t>(y, x) = static_cast<std::uint16_t>(value);
        }
    std::vector<std::uint8_t> bytes;
    if (!cv::imencode(".png", out, bytes))
        return Error{ErrorCode::Internal, "the mask cannot be encoded", ""};
    return std::string(bytes.begin(), bytes.end());
}

Holds MaskFilesFormat::holds() const
{
    Holds all{.pixels = true};
    all.ignored = true;
    return all;
}

std::string MaskFilesFormat::maskExtension(const Dataset &dataset, const Item &item) const
{
    return keepsFiles() && isMaskAlone(dataset, item) ? item.mask.substr(withoutExtension(item.mask).size())
                                                      : std::string(".png");
}

std::unique_ptr<WritingFormat::Writer> MaskFilesFormat::makeWriter(const Dataset &dataset,
                                                                   const std::string &folder) const
{
    class MaskWriter : public Writer {
    public:
        MaskWriter(const MaskFilesFormat &format, const Dataset &dataset, const std::string &folder)
            : m_format(format), m_dataset(dataset), m_folder(folder), m_table(format.tableFor(dataset)),
              m_palette(dataset.labels.palette())
        {
        }
        Result<void> add(const Output &output, const Annotation *annotation) override
        {
            if (output.files.empty())
                return {};
            const std::string &mask = output.files.front();
            m_lines[output.item->split].push_back(output.image + " " + mask);
            if (m_format.keepsFiles() && isMaskAlone(m_dataset, *output.item)) {
                const auto bytes = readFile(m_dataset.absolute(output.item->mask));
                return bytes ? writeNew(m_folder + "/" + mask, *bytes) : bytes.error();
            }
            const auto ids = labelMapFor(m_dataset, *output.item, annotation ? *annotation : Annotation());
            if (!ids)
                return ids.error();
            const auto bytes = m_table.encode(*ids, m_palette);
            return bytes ? writeNew(m_folder + "/" + mask, *bytes) : bytes.error();
        }
        Result<void> finish() override { return m_format.writeCommon(m_dataset, m_folder, m_lines); }

    private:
        const MaskFilesFormat &m_format;
        const Dataset &m_dataset;
        const std::string m_folder;
        const MaskTable m_table;
        const std::vector<Color> m_palette;
        std::map<Split, std::vector<std::string>> m_lines;
    };
    return std::make_unique<MaskWriter>(*this, dataset, folder);
}

} // namespace masque
