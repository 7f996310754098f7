// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// Pascal VOC (Everingham et al. 2010) with boxes in Annotations/*.xml, or beside the images as labelImg leaves them,
/// or objects in SegmentationObject/; images in JPEGImages/ where there is such a folder; splits in ImageSets/. Where
/// SegmentationClass has a mask, each object of SegmentationObject is a mask shape (without it each class), and what
/// the XML says of the object whose box it fills is kept with it; an object without pixels is left out. Else each
/// object is a rectangle. Boxes count pixels from 1, both ends included, as in the devkit. Flags: difficult, truncated,
/// occluded; pose, parts and actions are kept as the shape's key `voc`. Void (255) is ignored.
class VocFormat : public WritingFormat {
public:
    std::string id() const override { return "voc"; }
    std::string title() const override { return "Pascal VOC"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

} // namespace masque
