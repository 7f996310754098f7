// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/CamVidFormat.h"
#include "plugins/formats/CityscapesFormat.h"
#include "plugins/formats/ClassFoldersFormat.h"
#include "plugins/formats/CocoFormat.h"
#include "plugins/formats/CutoutFormat.h"
#include "plugins/formats/CvatFormat.h"
#include "plugins/formats/ImageMaskFormat.h"
#include "plugins/formats/LabelMeFormat.h"
#include "plugins/formats/LegendFormat.h"
#include "plugins/formats/PictureFileFormats.h"
#include "plugins/formats/UnreadLayouts.h"
#include "plugins/formats/VocFormat.h"
#include "plugins/formats/YoloFormat.h"
#include "plugins/formats/builtin_formats.h"
#include "tests/support/support.h"

namespace masque {

/// An 8 x 6 picture.
inline std::string tinyPng(std::uint8_t grey = 120)
{
    return encodeGreyPng(cv::Mat1b(6, 8, grey)).value_or("");
}

/// An 8 x 6 mask whose pixels are these values in turn.
inline std::string maskPng(const std::vector<int> &values)
{
    cv::Mat1b ids(6, 8, std::uint8_t{0});
    for (std::size_t i = 0; i < ids.total(); ++i)
        ids.data[i] = static_cast<std::uint8_t>(values[i % values.size()]);
    return encodeGreyPng(ids).value_or("");
}

} // namespace masque
