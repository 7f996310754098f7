// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/overlaps.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace masque {

namespace {

using Classes = std::vector<std::uint8_t>;

/// What a shape of class id makes of a combination.
Classes with(Classes classes, std::uint8_t id)
{
    if (id == 0)
        return {};
    std::erase(classes, id);
    classes.push_back(id);
    return classes;
}

/// The index of a combination, which is added if it is new; nothing if there are too many.
std::optional<std::uint8_t> indexOf(std::vector<Classes> &known, const Classes &classes)
{
    const auto found = std::find(known.begin(), known.end(), classes);
    if (found == known.end() && known.size() >= kIgnoreId)
        return {};
    const auto index = static_cast<std::uint8_t>(found - known.begin());
    if (found == known.end())
        known.push_back(classes);
    return index;
}

cv::Mat1b mapped(const cv::Mat1b &map, const std::array<std::uint8_t, 256> &table)
{
    cv::Mat1b out;
    cv::LUT(map, cv::Mat1b(1, 256, const_cast<std::uint8_t *>(table.data())), out);
    return out;
}

} // namespace

cv::Mat1b OverlapMap::plane(int id) const
{
    std::array<std::uint8_t, 256> table{};
    for (std::size_t i = 0; i < classes.size(); ++i)
        table[i] = std::count(classes[i].begin(), classes[i].end(), id) > 0 ? 255 : 0;
    return mapped(combination, table);
}

cv::Mat1b OverlapMap::top() const
{
    std::array<std::uint8_t, 256> table{};
    for (std::size_t i = 0; i < classes.size(); ++i)
        table[i] = classes[i].empty() ? 0 : classes[i].back();
    table[kIgnoreId] = kIgnoreId;
    return mapped(combination, table);
}

Result<OverlapMap> rasteriseOverlaps(const Annotation &annotation, const LabelSet &labels, Size imageSize)
{
    OverlapMap out{blankBits({imageSize.width, imageSize.height}), {{}}};
    for (const auto &shape : annotation.shapes) {
        const auto id = labels.idOf(shape.label);
        const auto mask = id ? shapeMask(shape, imageSize) : Mask{};
        if (mask.box.isEmpty())
            continue;
        auto part = out.combination(toCv(mask.box));
        if (*id == kIgnoreId) {
            part.setTo(kIgnoreId, mask.bits);
            continue;
        }
        std::array<std::optional<std::uint8_t>, 256> next; // what each combination becomes here
        for (int y = 0; y < part.rows; ++y)
            for (int x = 0; x < part.cols; ++x) {
                if (!mask.bits(y, x))
                    continue;
                auto &place = part(y, x);
                auto &becomes = next[place];
                if (!becomes)
                    becomes = indexOf(out.classes, with(place == kIgnoreId ? Classes{} : out.classes[place], *id));
                if (!becomes)
                    return Error{ErrorCode::Unsupported, "its shapes overlap in more than 255 combinations of classes"};
                place = *becomes;
            }
    }
    return out;
}

OverlapMap overlapsOf(const cv::Mat1b &ids)
{
    OverlapMap out{ids, {{}}};
    for (int id = 1; id < kIgnoreId; ++id)
        out.classes.push_back({static_cast<std::uint8_t>(id)});
    return out;
}

} // namespace masque
