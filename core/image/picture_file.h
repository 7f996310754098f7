// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_file.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Files that hold many small grey pictures with their classes. An image in one is named by the file's path, '#' and
/// its number from 0; the functions of image_file.h read such names as any other.
namespace masque {

/// FER-2013's table (`emotion,pixels,Usage`, columns in any order) or one of MNIST's idx3 files (LeCun), plain or gzip.
struct PictureFile {
    Size size;                                                      ///< of every picture
    std::vector<cv::Mat1b> pictures;                                ///< empty where a row cannot be read
    std::vector<int> classes = {};                                  ///< of a table, -1 where there is none; else empty
    std::vector<std::string> uses = {};                             ///< of a table: Training, PublicTest, PrivateTest
    std::vector<std::pair<std::size_t, std::string>> problems = {}; ///< a picture's number, and what is wrong with it
};
/// The last files that were read are remembered as long as they do not change. Errors name the file: none of the two
/// kinds, cut short, of more than a gigabyte.
Result<std::shared_ptr<const PictureFile>> readPictureFile(const std::string &path);

/// The classes of one of MNIST's idx1 files, plain or gzip.
Result<std::vector<std::uint8_t>> readIdxClasses(const std::string &path);

/// A table whose first line names the columns emotion and pixels; looks at that line only.
bool isPictureTable(const std::string &path);

/// "fer2013.csv#12" -> the file and 12; nothing if the path is no such name.
std::optional<std::pair<std::string, std::size_t>> pictureName(const std::string &path);

} // namespace masque
