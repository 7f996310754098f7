// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// COCO's files of annotations (instances, person keypoints, stuff) in annotations/, in the root, or beside the images
/// (Roboflow's _annotations.coco.json). Which split a file is for, its name says: instances_train2017.json.
class CocoFormat : public DatasetFormat {
public:
    std::string id() const override { return "coco"; }
    std::string title() const override { return "COCO"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

} // namespace masque
