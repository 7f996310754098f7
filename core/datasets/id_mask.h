// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

#include <set>

/// Mask files as values that still have to become class ids.
namespace masque {

/// Grey values and palette indices (CV_8UC1, CV_16UC1) or colours (CV_8UC3); a colour file that is grey is read as
/// grey.
Result<cv::Mat> readMaskValues(const std::string &path);

/// Distinct values as in Dataset::maskIds; at most limit + 1, then it stops looking.
std::set<std::uint32_t> distinctMaskValues(const cv::Mat &values, std::size_t limit = 256);

/// True if any image has an id mask, so that the classes are numbers in files.
bool hasIdMasks(const Dataset &);
/// True if maskIds stands for colours; grey v in a file is then the colour of three equal parts.
bool hasColorIds(const Dataset &);
/// The class id of a value: by maskIds, or itself up to 255 where there are none.
std::optional<std::uint8_t> classOfMaskValue(const Dataset &, std::uint32_t value);
/// "17" or "#ff0011".
std::string maskValueText(const Dataset &, std::uint32_t value);

/// Class ids of all pixels. The error (without file name) names the first value that has no class.
Result<cv::Mat1b> classIdsOf(const Dataset &, const cv::Mat &values);

} // namespace masque
