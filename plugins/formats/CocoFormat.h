// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// COCO's files of annotations (instances, person keypoints, stuff) in annotations/, in the root, or beside the images
/// (Roboflow's _annotations.coco.json). Which split a file is for, its name says: instances_train2017.json.
class CocoFormat : public WritingFormat {
public:
    std::string id() const override { return "coco"; }
    std::string title() const override { return "COCO"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// images/SUBSET/ and annotations/instances_SUBSET.json, SUBSET a split or "default". Polygons and boxes as they
    /// are, other shapes as run lengths. What came from COCO keeps its ids and its keys.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

} // namespace masque
