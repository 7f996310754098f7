// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// Pairs of images and id masks of the same name in two folders, such as images/ and masks/, with folders of splits
/// above or below; also VOC's JPEGImages and SegmentationClass.
class ImageMaskFormat : public DatasetFormat {
public:
    std::string id() const override { return "image-mask"; }
    std::string title() const override { return "Images and masks in two folders"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

} // namespace masque
