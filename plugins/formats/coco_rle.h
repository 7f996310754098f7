// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/base/geometry.h"

#include <opencv2/core.hpp>

/// Run-length masks as pycocotools has them: runs of 0 and 1 in turn, column by column, 0 first.
namespace masque {

/// {"size": [height, width], "counts": [runs] or a text of pycocotools' own coding} -> 0 and 1 of the size. Errors say
/// which field makes no sense: another size, runs that do not add up to it, letters that are no code.
Result<cv::Mat1b> maskFromRle(const Json &rle, Size size);
/// The same of a mask of 0 and others, in pycocotools' text coding.
Json rleFromMask(const cv::Mat1b &mask);

} // namespace masque
