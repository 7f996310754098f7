// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/image/image_file.h"
#include "core/image/picture_file.h"
#include "tests/fuzz/seeds.h"

#include <fstream>

#include <opencv2/imgcodecs.hpp>

namespace masque {

std::vector<std::string> fuzzSeeds()
{
    std::vector<std::string> seeds;
    cv::Mat3b picture(7, 9);
    cv::randu(picture, 0, 255);
    cv::Mat deep;
    picture.convertTo(deep, CV_16U, 200);
    for (const char *extension : {".png", ".jpg", ".bmp", ".tif", ".webp"})
        for (const cv::Mat &image : {cv::Mat(picture), deep, cv::Mat(cv::Mat1b(picture.reshape(1)))}) {
            std::vector<std::uint8_t> bytes;
            try {
                if (cv::imencode(extension, image, bytes))
                    seeds.emplace_back(bytes.begin(), bytes.end());
            } catch (const cv::Exception &) { // 16 bits, which this one has not
            }
        }
    seeds.push_back(encodeIdPng(cv::Mat1b(5, 4, std::uint8_t{1}), {{0, 0, 0}, {255, 0, 0}}).value_or(""));
    return seeds;
}

} // namespace masque

/// Any bytes are an error or an image of the size that its header says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace masque;
    const std::string path = fuzzFolder() + "/image.png";
    std::ofstream(path, std::ios::binary) << std::string_view(reinterpret_cast<const char *>(data), size);
    const auto info = readImageInfo(path);
    (void)checkImageFile(path);
    if (info && std::int64_t{info->size.width} * info->size.height > 1 << 22)
        return 0; // what is large is only slow
    const auto image = readImage(path);
    if (info && image)
        require(image->cols == info->size.width && image->rows == info->size.height);
    (void)readIdImage(path);
    (void)readThumbnail(path, 16);
    return 0;
}
