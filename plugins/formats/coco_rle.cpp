// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/coco_rle.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace masque {

namespace {

Error wrong(const std::string &what)
{
    return {ErrorCode::Format, "segmentation: " + what, "segmentation"};
}

/// Numbers of 5 bits a letter from '0' on, the least first; bit 6 says that more follow, bit 5 of the last is the
/// sign. From the fourth on they are differences to the number two before.
Result<std::vector<std::int64_t>> runsFromText(const std::string &text, std::int64_t pixels)
{
    constexpr int kMostLetters = 7; // of a number: 35 bits
    std::vector<std::int64_t> runs;
    for (std::size_t at = 0; at < text.size();) {
        std::int64_t value = 0;
        for (int letter = 0;; ++letter) {
            const int code = at < text.size() ? text[at++] - '0' : -1;
            if (code < 0 || code > 63 || letter >= kMostLetters)
                return wrong("counts: no code of run lengths at letter " + std::to_string(at));
            value |= std::int64_t{code & 31} << (5 * letter);
            if (code & 32)
                continue;
            if (code & 16)
                value -= std::int64_t{1} << (5 * (letter + 1));
            break;
        }
        if (runs.size() > 2)
            value += runs[runs.size() - 2];
        if (value < 0 || value > pixels)
            return wrong("counts: a run of " + std::to_string(value) + " pixels");
        runs.push_back(value);
    }
    return runs;
}

Result<std::vector<std::int64_t>> runsFrom(const Json &counts, std::int64_t pixels)
{
    if (counts.isString())
        return runsFromText(counts.toString(), pixels);
    if (!counts.isArray())
        return wrong("counts: a list or a text was expected");
    std::vector<std::int64_t> runs;
    for (const Json &count : counts.items()) {
        const double value = count.toDouble(-1);
        if (!(value >= 0 && value <= static_cast<double>(pixels)))
            return wrong("counts: a run of " + count.dump() + " pixels");
        runs.push_back(static_cast<std::int64_t>(value));
    }
    return runs;
}

} // namespace

Result<cv::Mat1b> maskFromRle(const Json &rle, Size size)
{
    const Json &declared = rle["size"];
    if (declared.size() != 2 || declared[0].toInt(-1) != size.height || declared[1].toInt(-1) != size.width)
        return wrong("size: [" + std::to_string(size.height) + ", " + std::to_string(size.width)
                     + "] was expected, found " + declared.dump());
    const auto pixels = std::int64_t{size.width} * size.height;
    const auto runs = runsFrom(rle["counts"], pixels);
    if (!runs)
        return runs.error();
    cv::Mat1b columns(size.width, size.height, std::uint8_t{0}); // transposed: a column is a row
    std::int64_t at = 0;
    bool isSet = false;
    for (const std::int64_t run : *runs) {
        if (run > pixels - at)
            return wrong("counts: the runs are longer than the image");
        if (isSet)
            std::fill_n(columns.ptr() + at, run, std::uint8_t{1});
        at += run;
        isSet = !isSet;
    }
    if (at != pixels)
        return wrong("counts: the runs are " + std::to_string(at) + " pixels long, the image has "
                     + std::to_string(pixels));
    return cv::Mat1b(columns.t());
}

Json rleFromMask(const cv::Mat1b &mask)
{
    const cv::Mat1b columns(mask.t());
    std::vector<std::int64_t> runs{0};
    bool isSet = false;
    for (int y = 0; y < columns.rows; ++y)
        for (int x = 0; x < columns.cols; ++x) {
            if ((columns(y, x) != 0) != isSet) {
                isSet = !isSet;
                runs.push_back(0);
            }
            ++runs.back();
        }
    std::string text;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        std::int64_t value = i > 2 ? runs[i] - runs[i - 2] : runs[i];
        for (bool goesOn = true; goesOn;) {
            std::int64_t code = value & 31;
            value >>= 5;
            goesOn = (code & 16) ? value != -1 : value != 0;
            text += static_cast<char>('0' + (code | (goesOn ? 32 : 0)));
        }
    }
    Json rle = Json::object();
    rle.set("size", Json(Json::Array{Json(mask.rows), Json(mask.cols)}));
    rle.set("counts", text);
    return rle;
}

} // namespace masque
