// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// Cut-outs: RGBA images whose alpha says what is the foreground (from one half on). Each beside an image of its name in
/// another folder, as matting sets have it (clip_img/ and matting/ of AISegment), or by itself: then its own colours
/// are the image.
class CutoutFormat : public DatasetFormat {
public:
    std::string id() const override { return "cutout"; }
    std::string title() const override { return "Cut-outs (RGBA)"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

} // namespace masque
