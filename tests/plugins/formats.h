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
#include "tests/support/support.h"

namespace masque {

/// The built-in formats, in the order in which the plugin offers them.
inline FormatList builtInFormats()
{
    return {std::make_shared<LabelMeFormat>(),  std::make_shared<ImageMaskFormat>(),
            std::make_shared<CamVidFormat>(),   std::make_shared<ClassFoldersFormat>(),
            std::make_shared<CocoFormat>(),     std::make_shared<YoloFormat>(),
            std::make_shared<VocFormat>(),      std::make_shared<CityscapesFormat>(),
            std::make_shared<Ade20kFormat>(),   std::make_shared<CvatFormat>(),
            std::make_shared<CutoutFormat>(),   std::make_shared<LegendFormat>(),
            std::make_shared<FerTableFormat>(), std::make_shared<IdxFormat>(),
            std::make_shared<UnreadLayouts>()};
}

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
