// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/id_mask.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace masque {

namespace {

std::uint32_t valueAt(const cv::Mat &values, int y, int x)
{
    switch (values.type()) {
    case CV_8UC1: return values.at<std::uint8_t>(y, x);
    case CV_16UC1: return values.at<std::uint16_t>(y, x);
    default: {
        const auto &rgb = values.at<cv::Vec3b>(y, x);
        return static_cast<std::uint32_t>(rgb[0] << 16 | rgb[1] << 8 | rgb[2]);
    }
    }
}

bool isGrey(const cv::Mat &rgb)
{
    for (int y = 0; y < rgb.rows; ++y)
        for (int x = 0; x < rgb.cols; ++x)
            if (const auto &p = rgb.at<cv::Vec3b>(y, x); p[0] != p[1] || p[1] != p[2])
                return false;
    return true;
}

} // namespace

Result<cv::Mat> readMaskValues(const std::string &path)
{
    auto mask = readIdImage(path);
    if (!mask)
        return mask.error();
    if (mask->ids.channels() == 3 && isGrey(mask->ids)) {
        cv::Mat grey;
        cv::extractChannel(mask->ids, grey, 0);
        return grey;
    }
    return mask->ids;
}

std::set<std::uint32_t> distinctMaskValues(const cv::Mat &values, std::size_t limit)
{
    std::set<std::uint32_t> distinct;
    if (values.type() == CV_8UC1) {
        std::array<bool, 256> seen{};
        for (int y = 0; y < values.rows; ++y)
            for (int x = 0; x < values.cols; ++x)
                seen[values.ptr(y)[x]] = true;
        for (std::uint32_t value = 0; value < seen.size(); ++value)
            if (seen[value])
                distinct.insert(value);
        return distinct;
    }
    std::optional<std::uint32_t> last; // neighbours are mostly alike
    for (int y = 0; y < values.rows && distinct.size() <= limit; ++y)
        for (int x = 0; x < values.cols; ++x)
            if (const auto value = valueAt(values, y, x); value != last) {
                distinct.insert(value);
                last = value;
            }
    return distinct;
}

bool hasIdMasks(const Dataset &dataset)
{
    return std::ranges::any_of(dataset.items, [](const Item &item) { return !item.mask.empty(); });
}

bool hasColorIds(const Dataset &dataset)
{
    return !dataset.maskIds.empty() && dataset.maskIds.rbegin()->first > 0xffff;
}

std::optional<std::uint8_t> classOfMaskValue(const Dataset &dataset, std::uint32_t value)
{
    if (dataset.maskIds.empty())
        return value <= kIgnoreId ? std::optional(static_cast<std::uint8_t>(value)) : std::nullopt;
    const auto found = dataset.maskIds.find(value);
    return found == dataset.maskIds.end() ? std::nullopt : std::optional(found->second);
}

std::string maskValueText(const Dataset &dataset, std::uint32_t value)
{
    if (!hasColorIds(dataset) && value <= 0xffff)
        return std::to_string(value);
    char text[16];
    std::snprintf(text, sizeof text, "#%06x", static_cast<unsigned>(value));
    return text;
}

Result<cv::Mat1b> classIdsOf(const Dataset &dataset, const cv::Mat &values)
{
    const auto noClass = [&](std::uint32_t value) {
        return Error{ErrorCode::Data, "the mask's value " + maskValueText(dataset, value) + " stands for no class"};
    };
    const std::uint32_t factor = values.channels() == 1 && hasColorIds(dataset) ? 0x010101 : 1;
    cv::Mat1b ids(values.size());
    if (values.type() == CV_8UC1) {
        cv::Mat1b table(1, 256, std::uint8_t{0});
        for (const auto value : distinctMaskValues(values)) {
            const auto id = classOfMaskValue(dataset, value * factor);
            if (!id)
                return noClass(value * factor);
            table(0, static_cast<int>(value)) = *id;
        }
        cv::LUT(values, table, ids);
        return ids;
    }
    std::optional<std::uint32_t> last;
    std::uint8_t lastId = 0;
    for (int y = 0; y < values.rows; ++y)
        for (int x = 0; x < values.cols; ++x) {
            if (const auto value = valueAt(values, y, x) * factor; value != last) {
                const auto id = classOfMaskValue(dataset, value);
                if (!id)
                    return noClass(value);
                last = value;
                lastId = *id;
            }
            ids(y, x) = lastId;
        }
    return ids;
}

} // namespace masque
