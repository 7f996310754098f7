// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/builtin_formats.h"

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

namespace masque {

FormatList builtinFormats()
{
    return {
        std::make_shared<LabelMeFormat>(), std::make_shared<OldLabelMeFormat>(),   std::make_shared<ImageMaskFormat>(),
        std::make_shared<CamVidFormat>(),  std::make_shared<ClassFoldersFormat>(), std::make_shared<CocoFormat>(),
        std::make_shared<YoloFormat>(),    std::make_shared<VocFormat>(),          std::make_shared<CityscapesFormat>(),
        std::make_shared<Ade20kFormat>(),  std::make_shared<CvatFormat>(),         std::make_shared<CutoutFormat>(),
        std::make_shared<LegendFormat>(),  std::make_shared<FerTableFormat>(),     std::make_shared<IdxFormat>(),
        std::make_shared<UnreadLayouts>()};
}

} // namespace masque
