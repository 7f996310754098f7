// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/coco_rle.h"
#include "tests/fuzz/seeds.h"

namespace masque {

std::vector<std::string> fuzzSeeds()
{
    return {R"({"size": [6, 5], "counts": [3, 4, 5, 6, 12]})", R"({"size": [6, 5], "counts": "345H2;"})",
            rleFromMask(cv::Mat1b(6, 5, std::uint8_t{1})).dump(-1)};
}

} // namespace masque

/// Any object is an error or a mask of the size, which the coding says exactly.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace masque;
    const auto json = Json::parse({reinterpret_cast<const char *>(data), size});
    if (!json)
        return 0;
    for (const Size image : {Size{5, 6}, Size{512, 300}}) {
        const auto mask = maskFromRle(*json, image);
        if (!mask)
            continue;
        require(mask->cols == image.width && mask->rows == image.height);
        const auto again = maskFromRle(rleFromMask(*mask), image);
        require(again.has_value() && cv::norm(*again, *mask, cv::NORM_INF) == 0);
    }
    return 0;
}
