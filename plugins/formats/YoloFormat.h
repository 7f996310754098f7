// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// YOLO's text files, one an image: a line an object, "class cx cy width height" or "class x y x y ..." as shares of
/// the image (docs.ultralytics.com, datasets/detect and datasets/segment). They lie in labels/ where the images lie in
/// images/, or beside the images; the classes' names in data.yaml, obj.names or classes.txt.
class YoloFormat : public WritingFormat {
public:
    std::string id() const override { return "yolo"; }
    std::string title() const override { return "YOLO"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// images/SPLIT/, labels/SPLIT/ and data.yaml: rectangles as boxes, everything else as polygons.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

} // namespace masque
