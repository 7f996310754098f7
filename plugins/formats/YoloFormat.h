// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// YOLO's text files, one an image: a line an object, "class cx cy width height" or "class x y x y ..." as shares of
/// the image (docs.ultralytics.com, datasets/detect and datasets/segment). They lie in labels/ where the images lie in
/// images/, or beside the images; the classes' names in data.yaml, obj.names or classes.txt.
class YoloFormat : public DatasetFormat {
public:
    std::string id() const override { return "yolo"; }
    std::string title() const override { return "YOLO"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

} // namespace masque
